import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile, insideSecret } from '../../../processors/secrets/program.ts'
import { spotsOf } from '../../../processors/secrets/spots.ts'

type Case = readonly [what: string, source: string, keywords: readonly string[], spots: Record<string, object | undefined>]

const CASES: readonly Case[] = [
  ['a keyword at the beginning', 'ghp_\\w{4}', ['ghp_'], { ghp_: { into: 0, leading: true } }],
  ['one behind which the secret begins', '(?i)token=(\\w{4})', ['token'], { token: { into: 0, leading: false } }],
  ['one in which the secret begins', '\\d:(AA\\w{4})', [':aa'], { ':aa': { into: 1, leading: true } }],
  ['one at the end of the secret', '\\w{3,6}_mmk', ['_mmk'], { _mmk: { into: 6, leading: true } }],
  ['one behind what has no end', 'ab\\w*\\.key', ['.key'], { '.key': { into: 20, leading: true } }],
  ['one that is spelled in any case', '(?:(?-i:[Aa]pi|API))=(\\w)', ['api'], { api: { into: 0, leading: false } }],
  ['one of which a letter is anything', 'xoxe.xoxb', ['xoxe.xoxb'], { 'xoxe.xoxb': { into: 0, leading: true } }],
  ['one that is merely allowed', 'pat[a-z0-9]{40}', ['airtable'], { airtable: undefined }],
  ['one that only comes behind another', 'ey\\w+\\.ey\\w+', ['ey'], { ey: { into: 0, leading: true } }],
  ['two, of which the second adds nothing', 'secret_(?:api|web)', ['secret', 'api'], { secret: { into: 0, leading: true } }],
]
for (const [what, source, keywords, expected] of CASES) {
  test(`finds ${what}`, () => {
    const program = compile(source)
    assert.deepEqual(Object.fromEntries(spotsOf(program, insideSecret(program, program.groups), keywords, 20)), expected)
  })
}

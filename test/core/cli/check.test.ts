import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { check, describe } from '../../../core/cli/check.ts'

async function run(t: TestContext, text: string): Promise<{ code: number; out: string; err: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-check-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = join(folder, 'house.yaml')
  await writeFile(file, text)
  const printed = { out: '', err: '' }
  const code = await check.run({ options: {}, operands: [file] }, {
    out(line) { printed.out += `${line}\n` },
    err(line) { printed.err += `${line.replaceAll(folder, '')}\n` },
  })
  return { code, ...printed }
}

test('a route in two columns', () => {
  const route = {
    name: 'chat', match: 'model gpt-*', targets: ['openai (weight 9)', 'local (weight 1)'],
    request: ['pii', 'meter'], response: [], delivery: 'holdback (pii)', warnings: ['never reached'],
  }
  assert.equal(describe(route), [
    'route chat',
    '  match     model gpt-*',
    '  targets   openai (weight 9)',
    '            local (weight 1)',
    '  request   pii',
    '            meter',
    '  delivery  holdback (pii)',
    '  warnings  never reached',
  ].join('\n'))
})

const good = `providers: { echo: { use: echo } }
chains: { guarded: [pii, { use: moderation, mode: shadow, options: { words: { rude: [fool] } } }, meter] }
routes:
  - { name: chat, match: { model: "gpt-*" }, chain: guarded, targets: [{ provider: echo }] }
  - { name: rest, match: { model: "*" }, targets: [{ provider: echo }] }
`

test('prints every route with its chain both ways, and its warnings to stderr', async t => {
  const { code, out, err } = await run(t, good)
  assert.equal(code, 0)
  const [chat, rest] = out.split('\n\n')
  assert.match(chat!, /^route chat\n {2}match +model gpt-\*\n {2}targets +echo/)
  assert.ok(chat!.indexOf('pii') < chat!.indexOf('moderation'), 'the request meets pii first')
  assert.ok(chat!.lastIndexOf('pii') > chat!.lastIndexOf('moderation'), 'the answer meets pii last')
  assert.match(chat!, /moderation .*shadow/)
  assert.match(chat!, /\n {2}delivery +holdback \(pii\)/)
  assert.match(rest!, /^route rest\n/)
  assert.match(rest!, /\n {2}delivery +live/)
  assert.match(err, /^warning: no consumers are declared/)
})

const bad: { name: string; text: string; says: RegExp }[] = [
  { name: 'no YAML', text: 'routes: [', says: /house\.yaml:\d+:\d+/ },
  { name: 'a setting that is none', text: `${good}rutes: []\n`, says: /house\.yaml:6:\d+ .*rutes/ },
  { name: 'a processor that is none', text: good.replace('[pii', '[pie'), says: /house\.yaml:2:\d+ .*as "pii"/ },
  { name: 'options that are none', text: good.replace('words: {', 'wards: {'), says: /house\.yaml:2:\d+ / },
  { name: 'a condition that is none', text: good.replace('rest', 'rest, when: "1 +"'), says: /house\.yaml:5:\d+ .*when/ },
]
for (const { name, text, says } of bad) {
  test(`${name}: the problem with its place on stderr, and exit code 1`, async t => {
    const { code, out, err } = await run(t, text)
    assert.deepEqual([code, out], [1, ''])
    assert.match(err, says)
  })
}

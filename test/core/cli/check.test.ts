import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { advice, check, describe } from '../../../core/cli/check.ts'
import type { Given } from '../../../core/cli.ts'

async function run(t: TestContext, text: string, options: Given['options'] = {}): Promise<{ code: number; out: string; err: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-check-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = join(folder, 'house.yaml')
  await writeFile(file, text)
  const printed = { out: '', err: '' }
  const code = await check.run({ options, operands: [file] }, {
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

test('the steps of a gateway that runs, the slowest first', () => {
  assert.equal(advice([
    { chain: 'guarded', step: 'pii', calls: 5, p99: 0.0884, advice: undefined },
    { chain: 'guarded', step: 'burn', calls: 100, p99: 22.62, advice: 'run it elsewhere' },
  ]), 'chain guarded, step burn: p99 23 ms in 100 calls; run it elsewhere\nchain guarded, step pii: p99 0.088 ms in 5 calls; ok')
  assert.equal(advice([]), 'no inline step has been called yet')
})

const live: { name: string; text: string; options: Given['options']; says: RegExp }[] = [
  { name: 'no gateway where the config says', text: `admin: { port: 1 }\n${good}`, options: {}, says: /^no gateway answers at http:\/\/127\.0\.0\.1:1 \(/ },
  { name: 'one on IPv6', text: `admin: { host: "::1", port: 1 }\n${good}`, options: {}, says: /^no gateway answers at http:\/\/\[::1\]:1 \(/ },
  { name: 'none where the operator says', text: good, options: { admin: 'http://127.0.0.1:1' }, says: /^no gateway answers at http:\/\/127\.0\.0\.1:1 \(/ },
  { name: 'a config without an admin port', text: `admin: false\n${good}`, options: {}, says: /^expected a config whose `admin` names a port/ },
  { name: 'a config with any admin port', text: `admin: { port: 0 }\n${good}`, options: {}, says: /^expected a config whose `admin` names a port/ },
]
for (const { name, text, options, says } of live) {
  test(`--live, ${name}: a sentence on stderr, and exit code 1`, async t => {
    const { code, out, err } = await run(t, text, { live: true, ...options })
    assert.deepEqual([code, out], [1, ''])
    assert.match(err, says)
  })
}

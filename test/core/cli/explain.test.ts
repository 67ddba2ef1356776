import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test, type TestContext } from 'node:test'
import { runCli } from '../../../core/cli.ts'
import { readAll } from '../../../core/cli/explain.ts'
import type { Explanation } from '../../../core/explanation.ts'

const CONFIG = `providers:
  openai: { use: openai, key: sk-never-to-be-printed }
  claude: { use: anthropic, key: sk-never-to-be-printed }
consumers: [{ name: research, keys: [{ sha256: "${'a'.repeat(64)}" }] }]
chains:
  guarded: [pii, { use: moderation, mode: shadow, options: { words: { rude: [fool] } } }]
routes:
  - { name: claude, match: { model: "claude-*" }, targets: [{ provider: claude }] }
  - { name: chat, match: { model: "gpt-*" }, chain: guarded,
      targets: [{ provider: openai, weight: 9 }], fallback: [{ provider: claude, model: claude-sonnet-4-5 }] }
`
const REQUEST = '{"model":"gpt-4o","seed":1.0,"messages":[{"role":"user","content":"Write to jane.roe@example.com, fool"}]}'

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-explain-'))
  t.after(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'house.yaml'), CONFIG)
  await writeFile(join(folder, 'request.json'), REQUEST)
  await writeFile(join(folder, 'unknown.json'), REQUEST.replace('gpt-4o', 'gtp-4o'))
  return folder
}

async function run(t: TestContext, request: string, ...options: string[]): Promise<{ code: number; out: string; err: string }> {
  const folder = await folderOf(t)
  const printed = { out: '', err: '' }
  const code = await runCli(['explain', join(folder, 'house.yaml'), join(folder, request), ...options], {
    out(text) { printed.out += `${text}\n` },
    err(text) { printed.err += `${text.replaceAll(folder, '')}\n` },
  })
  return { code, ...printed }
}

const AS_SOMEBODY = ['--consumer', 'research']

test('the way of a request, and what each target would get', async t => {
  const { code, out, err } = await run(t, 'request.json', ...AS_SOMEBODY)
  assert.deepEqual([code, err], [0, ''])
  const lines = out.replace(/EMAIL_1_\w+/g, 'EMAIL_1_x').split('\n')
  assert.deepEqual(lines.slice(0, 30), [
    'request  model "gpt-4o" in openai-chat, from research',
    'passed   route claude: model is none of claude-*',
    'taken    route chat, chain guarded, balance weighted',
    'step     pii (detector: enforce, inline): edit; read 35 of 35 characters: user text; found email 1 (tokenize)',
    'step     moderation (detector: shadow, inline): would block; read 31 of 31 characters: user text; found rude 1 (block)',
    '',
    'target   openai (openai, weight 9): as it is',
    '',
    'POST https://api.openai.com/v1/chat/completions',
    'accept-encoding: identity',
    'content-type: application/json',
    'authorization: ***',
    '',
    '{',
    '  "model": "gpt-4o",',
    '  "seed": 1.0,',
    '  "messages": [',
    '    {',
    '      "role": "user",',
    '      "content": "Write to EMAIL_1_x, fool"',
    '    }',
    '  ]',
    '}',
    '',
    'target   claude as claude-sonnet-4-5 (anthropic, fallback): translated to anthropic-messages',
    'known    64000 tokens out at most, 200000 in all, told to think by a number of tokens',
    'warning  seed dropped: this provider has no such setting',
    '',
    'POST https://api.anthropic.com/v1/messages',
    'accept-encoding: identity',
  ])
  assert.doesNotMatch(out, /jane\.roe|never-to-be-printed/)
})

test('the same for machines, with the body as it would be sent', async t => {
  const { code, out } = await run(t, 'request.json', '--json', ...AS_SOMEBODY)
  assert.equal(code, 0)
  const { route, targets } = JSON.parse(out) as Explanation
  assert.deepEqual([route?.name, targets.length], ['chat', 2])
  assert.match(targets[0]!.request!.body, /^\{"model":"gpt-4o","seed":1\.0,"messages":.*"Write to EMAIL_1_\w+, fool"\}\]\}$/)
})

const refused: { name: string; request: string; options: string[]; out: RegExp; err: RegExp }[] = [
  {
    name: 'no route', request: 'unknown.json', options: AS_SOMEBODY, err: /^$/,
    out: /^request .*\npassed {3}route claude: .*\npassed {3}route chat: .*\nrefused {2}404 model_not_found: .*"gtp-4o"\.\n$/,
  },
  { name: 'nobody', request: 'request.json', options: [], out: /^refused {2}401 .*: Expected an API key/, err: /--consumer/ },
  {
    name: 'a header', request: 'request.json',
    options: [...AS_SOMEBODY, '--header', 'accept: */*', '--header', 'X-Gatehouse-Uncovered: perhaps'],
    out: /\nrefused {2}400 invalid_header: .*x-gatehouse-uncovered/, err: /^$/,
  },
  {
    name: 'a path', request: 'request.json', options: [...AS_SOMEBODY, '--path', '/v1/models'],
    out: /^refused {2}405 method_not_allowed: /, err: /^$/,
  },
]
for (const { name, request, options, out: says, err: hints } of refused) {
  test(`refused for ${name}: why on stdout, exit code 1`, async t => {
    const { code, out, err } = await run(t, request, ...options)
    assert.equal(code, 1)
    assert.match(out, says)
    assert.match(err, hints)
  })
}

const misused: { request?: string; options: string[]; says: RegExp }[] = [
  { options: ['--consumer', 'resaerch'], says: /expected --consumer to be research; got "resaerch"; did you mean "research"\?/ },
  { options: ['--header', 'nothing'], says: /expected --header 'NAME: VALUE'/ },
  { options: ['--header', 'a: b\r\nc: d'], says: /expected --header 'NAME: VALUE'/ },
  { options: ['--path', 'v1/models'], says: /expected --path to be a path, from its first slash/ },
  { request: 'gone.json', options: [], says: /expected a file with the body of a request, got no such file/ },
  { request: '.', options: [], says: /expected a file with the body of a request, got a folder/ },
]
for (const { request = 'request.json', options, says } of misused) {
  test(`${request} ${JSON.stringify(options)}: on stderr, exit code 2`, async t => {
    const { code, out, err } = await run(t, request, ...options)
    assert.deepEqual([code, out], [2, ''])
    assert.match(err, says)
  })
}

test('a config that would not start: its problems on stderr, exit code 2', async t => {
  const folder = await folderOf(t)
  await writeFile(join(folder, 'house.yaml'), CONFIG.replace('[pii', '[pie'))
  const said: string[] = []
  const print = { out() {}, err(text: string) { said.push(text) } }
  const code = await runCli(['explain', join(folder, 'house.yaml'), join(folder, 'request.json')], print)
  assert.equal(code, 2)
  assert.match(said.join(), /house\.yaml:6:\d+ .*as "pii"/)
})

test('a request from stdin', async t => {
  const folder = await folderOf(t)
  const main = join(import.meta.dirname, '../../../core/main.ts')
  const { code, out } = await new Promise<{ code: unknown; out: string }>(resolve => {
    const child = execFile(process.execPath, [main, 'explain', join(folder, 'house.yaml'), '-', ...AS_SOMEBODY],
      (error, stdout) => resolve({ code: error === null ? 0 : error.code, out: stdout }))
    child.stdin!.end(REQUEST)
  })
  assert.equal(code, 0)
  assert.match(out, /\ntaken {4}route chat, /)
})

test('what comes by stdin is bounded', async () => {
  const chunks = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)]
  assert.equal(await readAll(Readable.from(chunks), 2), 'é')
  await assert.rejects(readAll(Readable.from(chunks), 1), /got more than 1 bytes/)
})

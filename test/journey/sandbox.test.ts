import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ConfigError } from '../../config/problem.ts'
import { chunks, compile, completion, onto, openRig, openUpstream, textOf } from './rig.ts'

const NAMES = `import { defineProcessor, Type } from 'gatehouse/sdk'
export default defineProcessor({
  name: 'names', kind: 'detector', rights: ['edit', 'annotate'], reads: { origins: ['user', 'assistant'] }, stream: { maxMatch: 20 },
  options: Type.Object({ names: Type.Array(Type.String({ maxLength: 20 })) }),
  setup: ({ names }) => ({
    inspect: segments => segments.flatMap(({ id, text }) => names.flatMap(name => {
      const start = text.indexOf(name)
      return start === -1 ? [] : [{ segment: id, start, end: start + name.length, type: 'name', action: 'replace' }]
    })),
  }),
})`

const STUCK = `import { defineProcessor } from 'gatehouse/sdk'
export default defineProcessor({ name: 'stuck', kind: 'detector', rights: ['block'], on: ['request'],
  setup: () => ({ inspect: segments => {
    if (segments.some(({ text }) => text.includes('loop'))) for (;;);
    if (segments.some(({ text }) => text.includes('eat'))) { const all = []; for (;;) all.push(new Array(1e5).fill('x')) }
    if (segments.some(({ text }) => text.includes('leave'))) globalThis.constructor.constructor('return process')().exit(1)
    return []
  } }) })`

async function file(t: TestContext, name: string, source: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-'))
  t.after(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, name), source)
  return join(folder, name)
}

const ask = (text: string, more: object = {}): object => ({ model: 'm', messages: [{ role: 'user', content: text }], ...more })

test('a file that nobody trusts enforces from its sandbox, on requests, answers and streams', async t => {
  const use = await file(t, 'names.ts', NAMES)
  const pieces = ['Hello from Blue', 'bird, the best', ' Bluebird']
  const upstream = await openUpstream(t, (reply, body) => {
    if (body.includes('"stream":true')) reply.writeHead(200, { 'content-type': 'text/event-stream' }).end(chunks(pieces).join(''))
    else reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion('By Bluebird.')))
  })
  const rig = await openRig(t, onto(upstream.url, { chain: [{ use, options: { names: ['Bluebird'] } }] }))
  const settled = rig.settled()
  const whole = await (await rig.post(ask('Tell me of Bluebird'))).json() as { choices: { message: { content: string } }[] }
  assert.equal(whole.choices[0]!.message.content, 'By [NAME].')
  assert.match(upstream.requests[0]!.body.toString(), /Tell me of \[NAME\]/)
  const [step] = (await settled).steps
  assert.equal(step!.ran, 'sandbox')
  assert.match(step!.version, /^1\+[0-9a-f]{12}$/)
  // Its inspect finds the first of several names only, in a stream as in a whole text: one for each call.
  const streamed = textOf(await (await rig.post(ask('hi', { stream: true }))).text())
  assert.match(streamed, /^Hello from \[NAME\], the best /)
})

test('what it does to itself is its own step\'s failure; the requests of others do not notice', async t => {
  const use = await file(t, 'stuck.ts', STUCK)
  const upstream = await openUpstream(t, reply => reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion('ok'))))
  const other = { name: 'plain', match: { model: 'plain' }, targets: [{ provider: 'up' }] }
  const config = onto(upstream.url, { chain: [{ use, timeout: '400ms' }] }) as { routes: object[] }
  const rig = await openRig(t, { ...config, routes: [other, ...config.routes] })
  const hostile = Promise.all(['loop', 'eat', 'leave'].map(async word => (await rig.post(ask(word))).status))
  for (let i = 0; i < 40; i++) assert.equal((await rig.post({ ...ask('x'), model: 'plain' })).status, 200)
  for (const status of await hostile) assert.ok(status === 500 || status === 503, String(status))
  // It has to be made first, which takes a busy machine longer than a call may wait.
  let status = 0
  for (let tries = 0; tries < 20 && status !== 200; tries++) ({ status } = await rig.post(ask('harmless')))
  assert.equal(status, 200, 'a new isolate serves')
})

const refusals: readonly { name: string; source: string; more?: object; sentence: RegExp }[] = [
  { name: 'an import', source: `import { readFileSync } from 'node:fs'\nexport const read = readFileSync\n${NAMES}`, sentence: /imports "node:fs", but a sandboxed processor may import only/ },
  { name: 'no processor', source: 'export default 7', sentence: /export a definition by default/ },
  { name: 'options that do not fit', source: NAMES, more: { options: { names: 'Bluebird' } }, sentence: /options\/names expected a list/ },
  { name: 'code that is not the pinned one', source: NAMES, more: { integrity: '0'.repeat(64) }, sentence: /integrity expected the SHA-256 of the code as it is \([0-9a-f]{64}\)/ },
]
for (const { name, source, more, sentence } of refusals) {
  test(`the config is refused with a sentence: ${name}`, async t => {
    const use = await file(t, 'odd.ts', source)
    const config = onto('http://127.0.0.1:1/v1', { chain: [{ use, options: { names: [] }, ...more }] })
    await assert.rejects(async () => (await compile(config)).close(), error => {
      assert.ok(error instanceof ConfigError)
      assert.match(error.message, sentence)
      return true
    })
  })
}

test('the code that is pinned is the code that runs', async t => {
  const use = await file(t, 'names.ts', NAMES)
  const config = (integrity: string): object => onto('http://127.0.0.1:1/v1', { chain: [{ use, integrity, options: { names: [] } }] })
  const wrong: unknown = await compile(config('0'.repeat(64)) as Parameters<typeof compile>[0]).catch((error: unknown) => error)
  const [hash] = /[0-9a-f]{64}(?=\))/.exec((wrong as Error).message)!
  const gateway = await compile(config(hash) as Parameters<typeof compile>[0])
  await gateway.close()
  assert.ok((await readFile(use, 'utf8')).length > 0)
})

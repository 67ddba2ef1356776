import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { chunks, completion, onto, openRig, openUpstream, textOf } from './rig.ts'

const PROMPT = 'Mail jane.roe@example.com, call +1 415 555 0132, pay with 4539 1488 0343 6467.'
const ask = (more: object = {}): object => ({ model: 'm', messages: [{ role: 'user', content: PROMPT }], ...more })
const pii = (run: string): object[] => [{ use: 'pii', run, options: { action: 'mask' } }]

test('in a thread as on the loop: the same edits, whole and streamed', async t => {
  const pieces = ['Ask ann@exa', 'mple.org or call +1 212 5', '55 0147', ', then rest.']
  const upstream = await openUpstream(t, (reply, body) => {
    if (body.includes('"stream":true')) reply.writeHead(200, { 'content-type': 'text/event-stream' }).end(chunks(pieces).join(''))
    else reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion(pieces.join(''))))
  })
  const heard: unknown[] = []
  for (const run of ['inline', 'pool']) {
    const rig = await openRig(t, onto(upstream.url, { chain: pii(run) }))
    const whole = await (await rig.post(ask())).json() as { choices: { message: { content: string } }[] }
    const settled = rig.settled()
    const streamed = textOf(await (await rig.post(ask({ stream: true }))).text())
    assert.equal(streamed, whole.choices[0]!.message.content)
    const { steps } = await settled
    heard.push({ streamed, asked: upstream.requests.at(-1)!.body.toString(), steps: steps.map(({ ms: _ms, ran, ...step }) => {
      assert.equal(ran, run)
      return step
    }) })
  }
  assert.deepEqual(heard[1], heard[0])
  assert.doesNotMatch(JSON.stringify(heard), /jane|ann@|0132|6467|0147/)
})

test('a processor that hangs costs its own requests their time, and nobody else anything', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = join(folder, 'stuck.ts')
  await writeFile(file, `import { defineProcessor } from 'gatehouse/sdk'
export default defineProcessor({ name: 'stuck', kind: 'detector', rights: ['block'], on: ['request'],
  setup: () => ({ inspect: segments => { if (segments.some(({ text }) => text.includes('hang'))) for (;;); return [] } }) })`)
  const upstream = await openUpstream(t, reply => reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion('ok'))))
  const rig = await openRig(t, { threads: 2, trusted: [file], ...onto(upstream.url, { chain: [{ use: file, run: 'pool', timeout: '300ms' }] }) })
  const hung = rig.post({ model: 'm', messages: [{ role: 'user', content: 'hang' }] })
  for (let i = 0; i < 20; i++) assert.equal((await rig.post(ask())).status, 200)
  const reply = await hung
  assert.deepEqual([reply.status, (await reply.json() as { error: { code: string } }).error.code], [503, 'step_timeout'])
  assert.equal((await rig.post(ask())).status, 200, 'the thread is replaced')
})

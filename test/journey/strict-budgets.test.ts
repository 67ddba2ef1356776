// What a strict budget does not believe: counts that say nothing, pictures of few bytes, lengths that servers read in other ways.
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { completion, chunks, onto, openRig, openUpstream, type Rig, type Upstream } from './rig.ts'

const consumers = [{ name: 'red', keys: [{ sha256: hash('sha256', 'key') }] }]
const headers = { authorization: 'Bearer key' }
const chat = (more: object = {}): object => ({ model: 'm', messages: [{ role: 'user', content: 'hello' }], ...more })

async function openHouse(
  t: TestContext, limit: number, more: object = {}, answer: (reply: ServerResponse) => void = reply => json(reply, completion('fine')),
): Promise<{ rig: Rig; up: Upstream }> {
  const up = await openUpstream(t, answer)
  return { up, rig: await openRig(t, onto(up.url, { budgets: [{ name: 'all', of: 'tokens', limit, window: 'total', reserve: 99 }], consumers, ...more })) }
}

function json(reply: ServerResponse, body: object): void {
  reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

const usage = (input: number, output: number): object => ({ prompt_tokens: input, completion_tokens: output, total_tokens: input + output })
const untold = { ...completion('yes'), usage: undefined }

/** A stream that tells of its usage before there was any. */
function early(reply: ServerResponse): void {
  const first = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage: usage(10, 0) }
  reply.writeHead(200, { 'content-type': 'text/event-stream' }).end([`data: ${JSON.stringify(first)}\n\n`, ...chunks(['word '.repeat(300)])].join(''))
}

for (const [name, answer, more, passing] of [
  ['of zeros', reply => json(reply, { ...completion('word '.repeat(300)), usage: usage(0, 0) }), {}, 1],
  ['of the first frame alone', early, {}, 1],
  ['that a step estimated', reply => json(reply, untold), { chain: ['meter'] }, 1],
  ['that nobody told', reply => json(reply, untold), {}, 1],
  ['that say something', reply => json(reply, { ...completion('yes'), usage: usage(8, 1) }), {}, 3],
] satisfies [string, (reply: ServerResponse) => void, object, number][]) {
  test(`with counts ${name}, ${passing} of 3 pass a strict budget that holds one`, async t => {
    const { rig } = await openHouse(t, 1000, more, answer)
    let passed = 0
    for (let n = 0; n < 3; n++) {
      const reply = await rig.post(chat({ max_tokens: 800, stream: answer === early }), { headers })
      await reply.text()
      if (reply.status === 200) passed++
    }
    assert.equal(passed, passing)
  })
}

test('vectors have no output, and settle by what they read', async t => {
  const { rig } = await openHouse(t, 100, {}, reply => json(reply, { object: 'list', model: 'm', data: [], usage: { prompt_tokens: 2, total_tokens: 2 } }))
  const asked = async (): Promise<number> => (await rig.post({ model: 'm', input: 'x'.repeat(40) }, { path: '/v1/embeddings', headers })).status
  assert.deepEqual([await asked(), await asked(), await asked()], [200, 200, 200])
})

const holding = (part: object): object => chat({ max_tokens: 5, messages: [{ role: 'user', content: [part] }] })
const picture = holding({ type: 'image_url', image_url: { url: 'https://a.test/b.png' } })
const sound = holding({ type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } })

test('a picture counts as the dearest that a vendor makes of it, and what nobody can bound is refused', async t => {
  const { rig } = await openHouse(t, 48_000)
  assert.equal((await rig.post(picture, { headers })).status, 402)
  const wide = await openHouse(t, 50_000)
  assert.equal((await wide.rig.post(picture, { headers })).status, 200)
  const refused = await wide.rig.post(sound, { headers })
  assert.equal(refused.status, 403)
  const { error } = await refused.json() as { error: { message: string; param: string } }
  assert.deepEqual([error.message, error.param],
    ['Nobody can tell beforehand how many tokens "input_audio" comes to, and the budget "all" has to.', 'input_audio'])
  const optimistic = await openHouse(t, 0, { budgets: [{ name: 'all', of: 'tokens', limit: 50_000, window: 'total', mode: 'optimistic' }] })
  assert.equal((await optimistic.rig.post(sound, { headers })).status, 200)
})

test('a bound stands in the place of what bounds nothing, and what servers read in other ways is refused', async t => {
  const { rig, up } = await openHouse(t, 10_000)
  for (const more of [{ max_completion_tokens: '100000' }, { max_tokens: 0 }, { max_tokens: -2 }]) {
    assert.equal((await rig.post(chat(more), { headers })).status, 400, JSON.stringify(more))
  }
  assert.equal(up.requests.length, 0)
  for (const more of [{ max_tokens: null }, { max_tokens: -1 }]) {
    assert.equal((await rig.post(chat(more), { headers })).status, 200)
    assert.equal(up.requests.at(-1)!.body.toString(), JSON.stringify(chat({ max_tokens: 99 })))
  }
})

test('where a step sets what the budget bounds, the bound stands', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-longer-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'longer.ts')
  writeFileSync(file, `import { defineProcessor } from 'gatehouse/sdk'
export default defineProcessor({ name: 'longer', kind: 'transform', rights: ['edit'],
  setup: () => ({ transform: () => [{ change: 'set', parameter: 'max_tokens', value: 5000 }] }) })`)
  const { rig, up } = await openHouse(t, 10_000, { chain: [{ use: file, run: 'inline' }], trusted: [file] })
  const reply = await rig.post(chat({ max_tokens: null }), { headers })
  assert.equal(reply.status, 200, await reply.text())
  assert.equal(up.requests[0]!.body.toString(), JSON.stringify(chat({ max_tokens: 99 })))
})

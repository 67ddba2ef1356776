// Budgets over real sockets, in one process: what passes, what is refused and how, and what is settled.
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { test, type TestContext } from 'node:test'
import { chunks, completion, onto, openRig, openUpstream, textOf, type Rig, type Upstream } from './rig.ts'

const KEYS = { red: 'key-of-red', blue: 'key-of-blue' }
const consumers = Object.entries(KEYS).map(([name, key]) => ({ name, keys: [{ sha256: hash('sha256', key) }], tags: { team: 'paint' } }))
const as = (name: keyof typeof KEYS): Record<string, string> => ({ authorization: `Bearer ${KEYS[name]}` })

/** 5 tokens in and 7 out, by its own word. */
const answer = (reply: ServerResponse, body: Buffer): void => {
  if (!body.includes('"stream":true')) return void reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion('fine')))
  reply.writeHead(200, { 'content-type': 'text/event-stream' })
  const usage = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 } }
  const frames = chunks(['fi', 'ne'])
  if (body.includes('include_usage')) frames.splice(-1, 0, `data: ${JSON.stringify(usage)}\n\n`)
  reply.end(frames.join(''))
}

async function openHouse(t: TestContext, budgets: readonly object[], more: object = {}): Promise<{ rig: Rig; up: Upstream }> {
  const up = await openUpstream(t, answer)
  return { up, rig: await openRig(t, onto(up.url, { budgets, consumers, ...more })) }
}

const chat = (more: object = {}): object => ({ model: 'm', messages: [{ role: 'user', content: 'hello' }], ...more })
/** Bytes of that request, which is what its prompt is bounded by. */
const PROMPT = JSON.stringify(chat({ max_tokens: 7, stream: true })).length

test('a limit of requests lets so many through, each consumer for itself', async t => {
  const { rig, up } = await openHouse(t, [{ name: 'rate', of: 'requests', limit: 3, window: '1m', each: ['consumer'] }])
  const asked = await Promise.all(Array.from({ length: 8 }, () => rig.post(chat(), { headers: as('red') })))
  assert.deepEqual(asked.map(({ status }) => status).toSorted(), [200, 200, 200, 429, 429, 429, 429, 429])
  assert.equal(up.requests.length, 3)
  const refused = asked.find(({ status }) => status === 429)!
  const { error } = await refused.json() as { error: { code: string; message: string; type: string } }
  assert.equal(error.code, 'rate_limited')
  assert.match(error.message, /^The budget "rate" allows 3 requests in 60 s/)
  const wait = Number(refused.headers.get('retry-after'))
  assert.ok(wait > 60 && wait <= 72, `${wait} s`)
  assert.equal(refused.headers.get('x-should-retry'), 'true')
  assert.equal(refused.headers.get('x-ratelimit-limit-requests'), '3')
  assert.equal(refused.headers.get('x-ratelimit-remaining-requests'), '0')
  const other = await rig.post(chat(), { headers: as('blue') })
  assert.equal(other.status, 200)
  assert.equal(other.headers.get('x-ratelimit-remaining-requests'), '2')
})

test('tokens are set aside by the worst case and settled by what was used', async t => {
  const limit = PROMPT + 7 + 12 * 3
  const { rig, up } = await openHouse(t, [{ name: 'all', of: 'tokens', limit, window: 'total' }])
  // While three are settled, the worst case fits; the fourth would leave too little for it.
  for (const stream of [false, true, false, true]) {
    const reply = await rig.post(chat({ max_tokens: 7, ...(stream && { stream }) }), { headers: as('red') })
    const text = await reply.text()
    assert.equal(reply.status, 200, text)
    if (!stream) continue
    assert.equal(textOf(text), 'fine')
    assert.doesNotMatch(text, /"usage"/, 'the client did not ask for it')
  }
  const refused = await rig.post(chat({ max_tokens: 7, stream: true }), { headers: as('red') })
  assert.equal(refused.status, 402)
  assert.equal(refused.headers.get('x-should-retry'), 'false')
  assert.equal(((await refused.json()) as { error: { code: string } }).error.code, 'budget_exhausted')
  assert.equal(up.requests.length, 4)
})

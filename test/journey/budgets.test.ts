// Budgets over real sockets, in one process: what passes, what is refused and how, and what is settled.
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
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

test('where one of several budgets is used up, the others are not charged', async t => {
  const { rig } = await openHouse(t, [
    { name: 'team', of: 'requests', limit: 3, window: 'total', each: ['tags.team'] },
    { name: 'red', of: 'requests', limit: 1, window: '1h', match: { consumer: 'red' } },
    { name: 'tokens', of: 'tokens', limit: 2000, window: 'day', match: { consumer: 'blue' } },
  ])
  const status = async (name: keyof typeof KEYS, more: object = {}): Promise<number> => (await rig.post(chat({ max_tokens: 7, ...more }), { headers: as(name) })).status
  assert.equal(await status('red'), 200)
  assert.equal(await status('red'), 429)
  assert.equal(await status('blue', { max_tokens: 5000 }), 429)
  assert.equal(await status('blue'), 200)
  assert.equal(await status('blue'), 200)
  assert.equal(await status('blue'), 402)
})

test('a strict budget bounds an answer that its client leaves open', async t => {
  const budgets = [{ name: 'all', of: 'tokens', limit: 100_000, window: '1m', reserve: 99 }]
  const { rig, up } = await openHouse(t, budgets)
  const sent = async (body: object): Promise<Record<string, unknown>> => {
    const reply = await rig.post(body, { headers: as('red') })
    assert.equal(reply.status, 200, await reply.text())
    return JSON.parse(up.requests.at(-1)!.body.toString()) as Record<string, unknown>
  }
  assert.deepEqual(await sent(chat()), chat({ max_tokens: 99 }))
  assert.deepEqual(await sent(chat({ max_tokens: null })), chat({ max_tokens: 99 }))
  assert.deepEqual(await sent(chat({ max_completion_tokens: 7 })), chat({ max_completion_tokens: 7 }))
  const optimistic = await openHouse(t, [{ ...budgets[0], mode: 'optimistic' }])
  await optimistic.rig.post(chat(), { headers: as('red') })
  assert.deepEqual(JSON.parse(optimistic.up.requests.at(-1)!.body.toString()), chat())
})

test('nothing is kept for what never reached a model', async t => {
  const up = await openUpstream(t, reply => void reply.writeHead(500, { 'content-type': 'application/json' }).end('{"error":{"message":"no"}}'))
  const rig = await openRig(t, onto(up.url, { budgets: [{ name: 'all', of: 'tokens', limit: 200, window: 'total' }], consumers }))
  for (let n = 0; n < 5; n++) assert.equal((await rig.post(chat({ max_tokens: 50 }), { headers: as('red') })).status, 500)
})

test('money is counted by the price of the target, and refused for good', async t => {
  // A dollar a token.
  const prices = { m: { input: 1e6, output: 1e6 } }
  const { rig } = await openHouse(t, [{ name: 'spend', of: 'cost', limit: 24 + PROMPT + 7, window: 'month' }], { prices })
  for (let n = 0; n < 2; n++) assert.equal((await rig.post(chat({ max_tokens: 7, stream: true }), { headers: as('red') })).status, 200)
  await rig.post(chat({ max_tokens: 7, stream: true }), { headers: as('red') })
  const refused = await rig.post(chat({ max_tokens: 7, stream: true }), { headers: as('red') })
  assert.equal(refused.status, 402)
  assert.equal(refused.headers.get('x-should-retry'), 'false')
  assert.equal(refused.headers.get('retry-after'), null)
})

test('a model without a price is refused where money is counted, unless the budget lets it', async t => {
  const budget = { name: 'spend', of: 'cost', limit: 1, window: 'month' }
  const { rig } = await openHouse(t, [budget])
  const refused = await rig.post(chat(), { headers: as('red') })
  assert.equal(refused.status, 403)
  assert.match(((await refused.json()) as { error: { message: string } }).error.message, /Nobody knows the price/)
  const lenient = await openHouse(t, [{ ...budget, unpriced: 'allow' }])
  assert.equal((await lenient.rig.post(chat(), { headers: as('red') })).status, 200)
})

/** An upstream that talks without end, and says when it was cut. */
async function openTalker(t: TestContext): Promise<{ up: Upstream; cut: Promise<unknown> }> {
  const { promise, resolve } = Promise.withResolvers<unknown>()
  const up = await openUpstream(t, reply => {
    reply.writeHead(200, { 'content-type': 'text/event-stream' })
    const [first, piece] = chunks(['word '.repeat(40)])
    reply.write(first)
    const timer = setInterval(() => reply.write(piece), 2)
    reply.on('close', () => {
      clearInterval(timer)
      resolve(undefined)
    })
  })
  return { up, cut: promise }
}

test('a stream that uses up its budget ends as cut for its length, and the upstream is cancelled', async t => {
  const { up, cut } = await openTalker(t)
  const rig = await openRig(t, onto(up.url, { consumers, budgets: [{ name: 'all', of: 'tokens', limit: 1000, window: 'total', mode: 'optimistic', reserve: 100 }] }))
  const reply = await rig.post(chat({ stream: true }), { headers: as('red') })
  const body = await reply.text()
  assert.match(body, /"finish_reason":"length"[^\n]*\n\ndata: \[DONE\]\n\n$/)
  assert.equal(body.match(/"finish_reason":"/g)!.length, 1)
  const tokens = textOf(body).length / 4
  assert.ok(tokens > 500 && tokens < 1200, `${tokens}`)
  await cut
  const [record] = rig.records
  assert.deepEqual([record!.ending, record!.error], ['refused', 'budget_exhausted'])
  assert.equal((await rig.post(chat(), { headers: as('red') })).status, 402)
})

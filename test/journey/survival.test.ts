import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test, type TestContext } from 'node:test'
import { chunks, completion, openRig, openUpstream, textOf, type Rig, type Upstream } from './rig.ts'

const sse = { 'content-type': 'text/event-stream' }
const STREAM = { model: 'm', stream: true, messages: [{ role: 'user', content: 'Hi' }] }
const ASK = { model: 'm', messages: STREAM.messages }
const OVERLOADED = 'data: {"error":{"message":"The server is overloaded","type":"server_error","code":"overloaded"}}\n\n'

type Answer = (reply: ServerResponse) => void
const fine: Answer = reply => { reply.writeHead(200, sse).end(chunks(['Hel', 'lo']).join('')) }
const whole: Answer = reply => { reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion('Hello'))) }
const overloaded: Answer = reply => { reply.writeHead(200, sse).end(OVERLOADED) }

async function openTargets(t: TestContext, answers: readonly Answer[], route: object = {}, provider: object = {}): Promise<{ rig: Rig; upstreams: Upstream[] }> {
  const upstreams = await Promise.all(answers.map(answer => openUpstream(t, answer)))
  const rig = await openRig(t, {
    providers: Object.fromEntries(upstreams.map(({ url }, index) => [`p${index}`, { use: 'openai-compatible', url, key: 'k', ...provider }])),
    routes: [{ name: 'all', match: { model: '*' }, balance: 'priority', targets: upstreams.map((_, index) => ({ provider: `p${index}` })), ...route }],
  })
  return { rig, upstreams }
}

test('P31: a stream that begins with an error under a good status is tried elsewhere, and nobody hears of it', async t => {
  const { rig } = await openTargets(t, [overloaded, fine])
  const settled = rig.settled()
  const reply = await rig.post(STREAM)
  assert.equal(textOf(await reply.text()), 'Hello')
  const { attempts, ending } = await settled
  assert.deepEqual([attempts.map(({ provider, status, error }) => [provider, status, error]), ending], [[['p0', 502, 'upstream_error'], ['p1', 200, '']], 'complete'])
})

test('where there is nobody else, it is the error that it should have been, with a status', async t => {
  const { rig } = await openTargets(t, [overloaded])
  const reply = await rig.post(STREAM)
  assert.equal(reply.status, 502)
  assert.equal(((await reply.json()) as { error: { message: string } }).error.message, 'The server is overloaded')
})

test('a stream that goes on after such an error is hung up on', async t => {
  const hungUp = Promise.withResolvers<void>()
  const { rig } = await openTargets(t, [reply => {
    reply.on('close', () => hungUp.resolve()).writeHead(200, sse).write(OVERLOADED)
  }])
  assert.equal((await rig.post(STREAM)).status, 502)
  await hungUp.promise
})

test('targets take turns within a route, whatever other routes do in between', async t => {
  const targets = [{ provider: 'p0' }, { provider: 'p1' }]
  const route = (name: string): object => ({ name, match: { model: name }, balance: 'round-robin', targets })
  const { rig, upstreams } = await openTargets(t, [whole, whole])
  rig.server.swap(await rig.compile({ providers: Object.fromEntries(upstreams.map(({ url }, index) => [`p${index}`, { use: 'openai-compatible', url, key: 'k' }])), routes: [route('one'), route('two')] }))
  const taken = { one: [] as string[], two: [] as string[] }
  for (const model of ['one', 'two', 'one', 'two'] as const) {
    const settled = rig.settled()
    await (await rig.post({ ...ASK, model })).text()
    taken[model].push((await settled).provider)
  }
  assert.deepEqual(taken, { one: ['p0', 'p1'], two: ['p0', 'p1'] })
})

test('a stream that only speaks of errors is no error', async t => {
  const said = chunks(['An "error"', ' is a mistake']).join('')
  const { rig } = await openTargets(t, [reply => { reply.writeHead(200, sse).end(said) }])
  assert.equal(await (await rig.post(STREAM)).text(), said)
})

test('a whole answer that breaks off halfway is had elsewhere, and nobody hears of it', async t => {
  const half: Answer = reply => {
    const body = JSON.stringify(completion('Hello'))
    reply.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
    reply.write(body.slice(0, 50), () => setTimeout(() => reply.destroy(), 20))
  }
  const { rig } = await openTargets(t, [half, whole])
  const settled = rig.settled()
  const reply = await rig.post(ASK)
  assert.deepEqual([reply.status, await reply.json()], [200, completion('Hello')])
  assert.deepEqual((await settled).attempts.map(({ provider, error }) => [provider, error]), [['p0', 'upstream_closed'], ['p1', '']])
})

test('all targets are tried again where the route has the patience', async t => {
  let asked = 0
  const { rig } = await openTargets(t, [reply => { (asked++ < 2 ? (one: ServerResponse) => one.writeHead(500).end() : whole)(reply) }], { retry: { attempts: 3, backoff: 20 } })
  assert.equal((await rig.post(ASK)).status, 200)
  assert.equal(asked, 3)
})

test('a target that fails again and again is left alone, and a client hears when to come back', async t => {
  const { rig, upstreams } = await openTargets(t, [reply => { reply.writeHead(500).end() }], {}, { breaker: { failures: 2, pause: '30s' } })
  for (let i = 0; i < 2; i++) assert.equal((await rig.post(ASK)).status, 500)
  const reply = await rig.post(ASK)
  assert.deepEqual([reply.status, reply.headers.get('retry-after'), reply.headers.get('x-should-retry')], [503, '30', 'true'])
  assert.equal(((await reply.json()) as { error: { code: string } }).error.code, 'unavailable')
  assert.equal(upstreams[0]!.requests.length, 2)
})

test('a target that has enough to do is passed over, until what it does is over', async t => {
  const held: ServerResponse[] = []
  const { rig, upstreams } = await openTargets(t, [reply => { held.push(reply.writeHead(200, sse)); reply.write(chunks(['a'])[1]) }, fine], {}, { concurrency: 1 })
  const first = await rig.post(STREAM)
  assert.equal(textOf(await (await rig.post(STREAM)).text()), 'Hello')
  assert.deepEqual(upstreams.map(({ requests }) => requests.length), [1, 1])
  const settled = rig.settled()
  held[0]!.end(chunks(['a']).slice(2).join(''))
  await first.text()
  await settled
  void rig.post(STREAM).then(reply => reply.body?.cancel())
  while (held.length < 2) await new Promise(resolve => { setImmediate(resolve) })
})

test('a client that leaves while the next round is waited for is gone', async t => {
  const { rig, upstreams } = await openTargets(t, [reply => { reply.writeHead(503).end() }], { retry: { attempts: 5, backoff: '5s' } })
  const leaving = new AbortController()
  const settled = rig.settled()
  const reply = rig.post(ASK, { signal: leaving.signal })
  while (upstreams[0]!.requests.length === 0) await new Promise(resolve => { setTimeout(resolve, 5) })
  setTimeout(() => leaving.abort(), 50)
  await assert.rejects(reply)
  assert.equal((await settled).ending, 'client_closed')
})

import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test, type TestContext } from 'node:test'
import { chunks, completion, openRig, openUpstream, textOf, type Rig, type Upstream, type Written } from './rig.ts'

const ASK = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] }
const STREAM = { ...ASK, stream: true }
const sse = { 'content-type': 'text/event-stream' }

type Answer = (reply: ServerResponse) => void
const whole = (said: string): Answer => reply => { reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion(said))) }
const fine = (said: string): Answer => reply => { reply.writeHead(200, sse).end(chunks([said]).join('')) }
const failing: Answer = reply => { reply.writeHead(500).end() }
const silent: Answer = () => {}
const after = (ms: number, answer: Answer): Answer => reply => { setTimeout(() => { if (!reply.destroyed) answer(reply) }, ms) }

async function openTargets(t: TestContext, answers: readonly Answer[], route: Written = {}, provider: Written = {}): Promise<{ rig: Rig; upstreams: Upstream[]; hungUp: Promise<void>[] }> {
  const closed = answers.map(() => Promise.withResolvers<void>())
  const upstreams = await Promise.all(answers.map((answer, index) => openUpstream(t, reply => {
    reply.once('close', () => closed[index]!.resolve())
    answer(reply)
  })))
  const rig = await openRig(t, {
    providers: Object.fromEntries(upstreams.map(({ url }, index) => [`p${index}`, { use: 'openai-compatible', url, ...provider }])),
    routes: [{ name: 'all', match: { model: '*' }, balance: 'priority', hedge: 50, targets: upstreams.map((_, index) => ({ provider: `p${index}` })), ...route }],
  })
  return { rig, upstreams, hungUp: closed.map(({ promise }) => promise) }
}

async function ask(rig: Rig, body: object = ASK): Promise<readonly [number, string, string, string]> {
  const settled = rig.settled()
  const reply = await rig.post(body)
  const text = await reply.text()
  const { attempts, provider } = await settled
  return [reply.status, text, attempts.map(one => `${one.provider}:${one.error}`).join(' '), provider]
}

test('where the first is silent the second is asked as well, its answer is the one, and the first is hung up on', async t => {
  const { rig, hungUp } = await openTargets(t, [silent, fine('second')])
  const [status, text, tries, provider] = await ask(rig, STREAM)
  assert.deepEqual([status, textOf(text), tries, provider], [200, 'second', 'p0:hedged p1:', 'p1'])
  await hungUp[0]
  assert.ok(rig.records[0]!.attempts[0]!.ms >= 50)
})

test('the first may still be the sooner one, and then it is the other that is hung up on', async t => {
  const { rig, hungUp } = await openTargets(t, [after(120, whole('first')), silent])
  const [, text, tries, provider] = await ask(rig)
  assert.deepEqual([JSON.parse(text), tries, provider], [completion('first'), 'p0: p1:hedged', 'p0'])
  await hungUp[1]
})

test('one that is quick enough is asked alone', async t => {
  const { rig, upstreams } = await openTargets(t, [whole('first'), whole('second')], { hedge: '10s' })
  for (let i = 0; i < 5; i++) assert.equal((await ask(rig))[2], 'p0:')
  assert.equal(upstreams[1]!.requests.length, 0)
})

test('a stream that has begun is asked alone, however long it takes', async t => {
  const { rig, upstreams } = await openTargets(t, [reply => {
    const [head, ...rest] = chunks(['first'])
    reply.writeHead(200, sse).write(head)
    setTimeout(() => reply.end(rest.join('')), 800)
  }, fine('second')], { hedge: 400 })
  assert.equal(textOf((await ask(rig, STREAM))[1]), 'first')
  assert.equal(upstreams[1]!.requests.length, 0)
})

test('one that fails leaves it to the other, whichever that is', async t => {
  const slow = await openTargets(t, [after(120, failing), after(120, whole('second'))])
  assert.deepEqual((await ask(slow.rig)).slice(2), ['p0:upstream_error p1:', 'p1'])
  const quick = await openTargets(t, [after(120, whole('first')), failing])
  assert.deepEqual((await ask(quick.rig)).slice(2), ['p0: p1:upstream_error', 'p0'])
})

test('where both fail the next is asked, and the last failure is the answer', async t => {
  const three = await openTargets(t, [after(100, failing), after(20, failing), whole('third')])
  assert.deepEqual((await ask(three.rig)).slice(2), ['p0:upstream_error p1:upstream_error p2:', 'p2'])
  const two = await openTargets(t, [after(100, failing), after(20, failing)])
  const [status, , tries] = await ask(two.rig)
  assert.deepEqual([status, tries], [500, 'p0:upstream_error p1:upstream_error'])
})

test('being outrun is no failure, and gives the place back', async t => {
  const { rig, upstreams } = await openTargets(t, [silent, whole('second')], {}, { concurrency: 1, breaker: { failures: 1, pause: '30s' } })
  for (let i = 0; i < 3; i++) assert.equal((await ask(rig))[2], 'p0:hedged p1:')
  assert.equal(upstreams[0]!.requests.length, 3)
})

test('a client that leaves hangs up on both', async t => {
  const { rig, upstreams, hungUp } = await openTargets(t, [silent, silent])
  const leaving = new AbortController()
  const settled = rig.settled()
  const reply = rig.post(ASK, { signal: leaving.signal })
  while (upstreams[1]!.requests.length === 0) await new Promise(resolve => { setTimeout(resolve, 5) })
  leaving.abort()
  await assert.rejects(reply)
  await Promise.all(hungUp)
  const { ending, attempts } = await settled
  assert.deepEqual([ending, attempts.map(({ error }) => error)], ['client_closed', ['client_closed', 'client_closed']])
})

test('a body that passes unread is sent once', async t => {
  const { rig, upstreams } = await openTargets(t, [after(150, whole('first')), whole('second')], { match: { path: '/v1/files' } })
  const reply = await rig.post('anything', { path: '/v1/files', headers: { 'content-type': 'application/octet-stream' } })
  assert.deepEqual(await reply.json(), completion('first'))
  assert.equal(upstreams[1]!.requests.length, 0)
})

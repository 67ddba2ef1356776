import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { test, type TestContext } from 'node:test'
import { completion, openRig, openUpstream, type Rig, type Written } from './rig.ts'

const json = { 'content-type': 'application/json' }
const finish = (reply: ServerResponse): void => { reply.writeHead(200, json).end(JSON.stringify(completion('done'))) }
const turn = (): Promise<void> => new Promise(resolve => { setTimeout(resolve, 5) })

/** A provider with one place, which is taken until the test lets go of it. */
async function openFull(t: TestContext, queue: Written, more: { provider?: Written; route?: Written } = {}): Promise<{
  rig: Rig; held: ServerResponse[]; served: string[]; ask(who: string, signal?: AbortSignal): Promise<Response>; waiting(many: number): Promise<void>
}> {
  const held: ServerResponse[] = []
  const served: string[] = []
  const upstream = await openUpstream(t, (reply, body) => {
    served.push((JSON.parse(body.toString()) as { user: string }).user)
    held.push(reply)
  })
  const rig = await openRig(t, {
    providers: { p: { use: 'openai-compatible', url: upstream.url, concurrency: 1, queue, ...more.provider } },
    consumers: ['one', 'two', 'three'].map(name => ({ name, keys: [{ sha256: createHash('sha256').update(name).digest('hex') }] })),
    routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'p' }], ...more.route }],
  })
  return {
    rig, held, served,
    ask: (who, signal) => rig.post({ model: 'm', user: who, messages: [{ role: 'user', content: 'Hi' }] },
      { headers: { authorization: `Bearer ${who.split('-')[0]!}` }, ...(signal !== undefined && { signal }) }),
    async waiting(many) { while (rig.server.inFlight < many) await turn() },
  }
}

test('requests wait for a place, and consumers take turns, whoever came first', async t => {
  const { held, served, ask, waiting } = await openFull(t, { size: 10, wait: '20s' })
  const replies: Promise<Response>[] = []
  const names = ['one-0', 'one-1', 'one-2', 'one-3', 'two-1', 'three-1', 'two-2']
  for (const [index, who] of names.entries()) {
    replies.push(ask(who))
    await waiting(index + 1)
    if (index === 0) while (held.length === 0) await turn()
  }
  for (let next = 0; next < names.length; next++) {
    while (held.length === next) await turn()
    assert.equal(held.length, next + 1, 'one at a time')
    finish(held[next]!)
  }
  for (const reply of await Promise.all(replies)) assert.equal(reply.status, 200)
  assert.deepEqual(served, ['one-0', 'one-1', 'two-1', 'three-1', 'one-2', 'two-2', 'one-3'])
})

test('where the queue is full, and where the wait is over, a client hears when to come back', async t => {
  const { rig, held, served, ask, waiting } = await openFull(t, { size: 1, wait: '1500ms' })
  const first = ask('one')
  while (held.length === 0) await turn()
  const late = ask('one-late')
  await waiting(2)
  const refused = await ask('one-refused')
  assert.deepEqual([refused.status, refused.headers.get('retry-after'), refused.headers.get('x-should-retry')], [503, '2', 'true'])
  const sentAway = await late
  assert.deepEqual([sentAway.status, sentAway.headers.get('retry-after'), ((await sentAway.json()) as { error: { code: string } }).error.code], [503, '2', 'unavailable'])
  finish(held[0]!)
  assert.equal((await first).status, 200)
  assert.deepEqual(served, ['one'])
  assert.deepEqual(rig.records.map(({ attempts }) => attempts.length), [0, 0, 1])
})

test('a burst of one consumer leaves room for the others', async t => {
  const { held, ask, waiting, served } = await openFull(t, { size: 2, wait: '20s' })
  const first = ask('one')
  while (held.length === 0) await turn()
  const burst = ask('one-1')
  await waiting(2)
  const displaced = ask('one-2')
  await waiting(3)
  const other = ask('two')
  assert.equal((await displaced).status, 503)
  for (let next = 0; next < 3; next++) {
    while (held.length === next) await turn()
    finish(held[next]!)
  }
  assert.deepEqual((await Promise.all([first, burst, other])).map(({ status }) => status), [200, 200, 200])
  assert.deepEqual(served.toSorted(), ['one', 'one-1', 'two'])
})

test('a client that leaves is out at once, and its turn goes to the next', async t => {
  const { rig, held, served, ask, waiting } = await openFull(t, { size: 1, wait: '20s' })
  const first = ask('one')
  while (held.length === 0) await turn()
  const leaving = new AbortController()
  const left = ask('one-left', leaving.signal)
  await waiting(2)
  const settled = rig.settled()
  leaving.abort()
  await assert.rejects(left)
  assert.equal((await settled).ending, 'client_closed')
  const next = ask('one-next')
  await waiting(2)
  finish(held[0]!)
  while (held.length < 2) await turn()
  finish(held[1]!)
  assert.deepEqual([(await first).status, (await next).status, served], [200, 200, ['one', 'one-next']])
})

test('where the target is left alone meanwhile, nobody waits for it', async t => {
  const { held, ask, waiting } = await openFull(t, { size: 5, wait: '20s' })
  const first = ask('one')
  while (held.length === 0) await turn()
  const waiters = [ask('two'), ask('three')]
  await waiting(3)
  held[0]!.writeHead(429, { ...json, 'retry-after': '40' }).end('{}')
  assert.equal((await first).status, 429)
  for (const reply of await Promise.all(waiters)) assert.deepEqual([reply.status, reply.headers.get('retry-after')], [503, '40'])
})

test('who could be served by several targets is, by the first that has a place', async t => {
  const held: ServerResponse[][] = [[], []]
  const upstreams = await Promise.all(held.map(list => openUpstream(t, reply => { list.push(reply) })))
  const rig = await openRig(t, {
    providers: Object.fromEntries(upstreams.map(({ url }, index) => [`p${index}`, { use: 'openai-compatible', url, concurrency: 1, queue: {} }])),
    routes: [{ name: 'all', match: { model: '*' }, balance: 'priority', targets: [{ provider: 'p0' }, { provider: 'p1' }] }],
  })
  const ask = (): Promise<Response> => rig.post({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] })
  const [first, second] = [ask(), ask()]
  while (held.some(list => list.length === 0)) await turn()
  const third = ask()
  while (rig.server.inFlight < 3) await turn()
  finish(held[1]![0]!)
  while (held[1]!.length < 2) await turn()
  finish(held[1]![1]!)
  finish(held[0]![0]!)
  for (const reply of await Promise.all([first, second, third])) assert.equal(reply.status, 200)
  assert.deepEqual(held.map(({ length }) => length), [1, 2])
})

test('a target that fails sends the request into the queue of the next', async t => {
  const held: ServerResponse[] = []
  const [failing, full] = [await openUpstream(t, reply => { reply.writeHead(500).end() }), await openUpstream(t, reply => { held.push(reply) })]
  const rig = await openRig(t, {
    providers: {
      p0: { use: 'openai-compatible', url: failing.url }, p1: { use: 'openai-compatible', url: full.url, concurrency: 1, queue: {} },
    },
    routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'p0' }], fallback: [{ provider: 'p1' }] }],
  })
  const ask = (): Promise<Response> => rig.post({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] })
  const first = ask()
  while (held.length === 0) await turn()
  const second = ask()
  while (failing.requests.length < 2) await turn()
  finish(held[0]!)
  while (held.length < 2) await turn()
  finish(held[1]!)
  assert.deepEqual([(await first).status, (await second).status], [200, 200])
})

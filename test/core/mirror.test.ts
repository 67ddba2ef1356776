import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { KeyRing } from '../../core/keys.ts'
import { Mirror, type MirrorLimits } from '../../core/mirror.ts'
import type { Target } from '../../core/router.ts'
import { Troubles } from '../../core/troubles.ts'
import { connectionTo, GET, serve, TIMEOUTS, upstreams } from './calling.ts'

/** A mirror onto a server of the test's own. */
async function mirrorOf(answer: (response: ServerResponse) => void, limits: Partial<MirrorLimits> = {}, share = 1): Promise<Mirror> {
  const connection = connectionTo(await serve((_request, response) => answer(response)))
  const dispatcher = upstreams.dispatcher(connection, { connections: 100, connect: TIMEOUTS.connect })
  const target = { name: 'second', weight: share, connection, dispatcher, timeouts: TIMEOUTS, keys: new KeyRing('second', [connection], new Troubles()) }
  return new Mirror('all', target as unknown as Target, { answer: 1000, total: 5000, ...limits })
}

const send = (mirror: Mirror): void => mirror.send(() => GET, upstreams.alarms)

async function counted(mirror: Mirror, total: number): Promise<readonly (readonly [status: number, error: string, count: number])[]> {
  while (mirror.numbers.reduce((sum, { count }) => sum + count, 0) < total) await new Promise(resolve => { setTimeout(resolve, 1) })
  return mirror.numbers.map(({ status, error, count }) => [status, error, count])
}

test('an answer is read to its end and counted by its status', async () => {
  const statuses = [200, 503, 200]
  const mirror = await mirrorOf(response => response.writeHead(statuses.shift()!).end('x'.repeat(1000)))
  for (let sent = 1; sent <= 3; sent++) {
    send(mirror)
    await counted(mirror, sent)
  }
  assert.deepEqual(await counted(mirror, 3), [[200, '', 2], [503, '', 1]])
  assert.deepEqual(mirror.numbers[0], { route: 'all', provider: 'second', status: 200, error: '', count: 2 })
})

test('one that is longer than it may be is cut', async () => {
  const mirror = await mirrorOf(response => response.writeHead(200).end('x'.repeat(1001)))
  send(mirror)
  assert.deepEqual(await counted(mirror, 1), [[200, 'upstream_invalid', 1]])
})

test('one that is not over in time is cut, and its connection closed', async () => {
  const closed = Promise.withResolvers<void>()
  const mirror = await mirrorOf(response => void once(response, 'close').then(() => closed.resolve()), { total: 50 })
  send(mirror)
  assert.deepEqual(await counted(mirror, 1), [[0, 'deadline', 1]])
  await closed.promise
})

test('so many are under way, and no more; those beyond are counted', async () => {
  const waiting: ServerResponse[] = []
  const all = Promise.withResolvers<void>()
  const mirror = await mirrorOf(response => { if (waiting.push(response) === 64) all.resolve() })
  for (let i = 0; i < 70; i++) send(mirror)
  assert.deepEqual(await counted(mirror, 6), [[0, 'unavailable', 6]])
  await all.promise
  for (const response of waiting) response.end('{}')
  assert.deepEqual(await counted(mirror, 70), [[0, 'unavailable', 6], [200, '', 64]])
})

test('what cannot be made is counted, and thrown to nobody', async () => {
  const mirror = await mirrorOf(() => {})
  mirror.send(() => { throw new TypeError('anything') }, upstreams.alarms)
  assert.deepEqual(await counted(mirror, 1), [[0, 'internal', 1]])
})

test('what is under way ends with it', async () => {
  const arrived = Promise.withResolvers<void>()
  const mirror = await mirrorOf(() => arrived.resolve())
  send(mirror)
  await arrived.promise
  mirror.end()
  assert.deepEqual(await counted(mirror, 1), [[0, 'draining', 1]])
})

test('a share of the requests is copied', async () => {
  const mirror = await mirrorOf(response => response.end(), {}, 0.5)
  let copies = 0
  for (let i = 0; i < 400; i++) mirror.send(() => { copies++; throw new Error('counted') }, upstreams.alarms)
  // 200 are expected, give or take 10: beyond 100 and 300 it is no chance.
  assert.ok(copies > 100 && copies < 300, String(copies))
})

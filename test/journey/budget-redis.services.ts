// Budgets on a real Redis that goes away under load: nobody waits for it, nothing passes the limit, and its return reconciles.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { RedisServer } from './redis.ts'
import { openRig, type Rig } from './rig.ts'

const LIMIT = 300
/** Milliseconds that Redis is away, and that a request may take meanwhile. */
const PAUSE = 10_000
const PATIENCE = 1500

const house = (url: string): Record<string, unknown> => ({
  providers: { echo: { use: 'echo' } },
  routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'echo' }] }],
  counter: { use: 'redis', options: { url } },
  budgets: [{ name: 'all', of: 'requests', limit: LIMIT, window: 'total' }],
})

const ask = async (rig: Rig): Promise<number> => {
  const reply = await rig.post({ model: 'm', messages: [{ role: 'user', content: 'hello' }] })
  await reply.arrayBuffer()
  return reply.status
}

for (const way of ['paused', 'killed'] as const) {
  test(`two gateways whose Redis is ${way} under load`, async t => {
    const redis = await RedisServer.start(t)
    const rigs = [await openRig(t, house(redis.url)), await openRig(t, house(redis.url))]
    // The first question opens the store.
    while ((await Promise.all(rigs.map(ask))).includes(503)) await wait(20)
    const counts = new Map<number, number>()
    let slowest = 0
    const load = async (ms: number): Promise<void> => {
      const until = performance.now() + ms
      await Promise.all(Array.from({ length: 16 }, async (_, client) => {
        while (performance.now() < until) {
          const began = performance.now()
          const status = await ask(rigs[client % 2]!)
          slowest = Math.max(slowest, performance.now() - began)
          counts.set(status, (counts.get(status) ?? 0) + 1)
          await wait(20)
        }
      }))
    }
    await load(100)
    if (way === 'paused') redis.pause()
    else await redis.kill()
    await load(way === 'paused' ? PAUSE : 1000)
    assert.ok((counts.get(503) ?? 0) > 0, 'it was away for longer than what was held')
    assert.ok(slowest < PATIENCE, `${slowest} ms`)
    if (way === 'paused') redis.resume()
    else await redis.start()
    const passed = (): number => rigs.reduce((sum, { records }) => sum + records.filter(({ status }) => status === 200).length, 0)
    for (let n = 0; passed() < LIMIT && n < 400; n++) {
      await load(50)
    }
    assert.equal(passed(), LIMIT)
    await load(200)
    assert.equal(passed(), LIMIT)
  })
}

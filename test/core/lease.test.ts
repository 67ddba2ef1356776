// A limit that a reload has lowered.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Terms } from '../../core/lease.ts'
import { Leases, TO_STORE, TO_SUPERVISOR } from '../../core/leases.ts'
import { Part } from '../../core/part.ts'
import memory from '../../plugins/counter/memory.ts'
import { Clock, settle } from './leases/clock.ts'
import { Gate } from './leases/gate.ts'

const KEY = 'all'
const terms = (limit: number): Terms => ({ limit, window: { kind: 'total' }, floor: 0 })
const USED = 800

for (const [limit, passes] of [[10, 0], [USED + 5, 5]] as const) {
  test(`of ${USED} used, a limit of ${limit} lets ${passes} pass, and what was held of the higher one is free again`, async t => {
    const clock = new Clock(t)
    const store = await memory.open({ directory: '', options: {} })
    const supervisor = new Leases(store, TO_STORE)
    const workers = [0, 1].map(() => new Leases(new Part(supervisor), TO_SUPERVISOR))
    const take = async (worker: Leases, under: Terms): Promise<boolean> => {
      const lease = worker.lease(KEY, under)
      while (!lease.take(1, clock.now)) {
        if (!worker.mayBring(lease, clock.now)) return false
        await worker.more(lease, 1)
      }
      return true
    }
    for (let n = 0; n < USED; n++) {
      assert.ok(await take(workers[n % 2]!, terms(10_000)))
      if (n % 4 === 0) await clock.pass(10)
    }
    const [, held] = [...workers, supervisor].map(({ all }) => [...all].reduce((sum, { free }) => sum + free, 0))
    assert.ok(held! > 5, 'there is a slice to be let go')
    let passed = 0
    for (let n = 0; n < 60; n++) {
      if (await take(workers[n % 2]!, terms(limit))) passed++
      await clock.pass(30)
    }
    assert.equal(passed, passes)
    await clock.pass(4000)
    const [grant] = await store.take([{ key: KEY, ...terms(10_000), want: 10_000, back: 0, mark: 0, over: 0 }])
    assert.equal(grant!.granted, 10_000 - USED - passes)
    clock.stop()
  })
}

test('what comes of a higher limit after it was lowered goes back', async t => {
  const clock = new Clock(t)
  const counter = await memory.open({ directory: '', options: {} })
  const store = new Gate(counter)
  const leases = new Leases(store, TO_SUPERVISOR)
  const used = { key: KEY, ...terms(100), want: 50, back: 0, mark: 0, over: 0 }
  await counter.take([used])
  const lease = leases.lease(KEY, terms(100))
  const more = leases.more(lease, 1)
  await settle()
  leases.lease(KEY, terms(10))
  await store.answer()
  await more
  assert.equal(lease.take(1, clock.now), false)
  await clock.pass(60)
  await store.answer()
  assert.equal((await counter.take([{ ...used, want: 100 }]))[0]!.granted, 50)
  clock.stop()
})

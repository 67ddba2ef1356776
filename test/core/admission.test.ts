// Which leases are forgotten where there are many, and which are not.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Admission } from '../../core/admission.ts'
import { compileBudget } from '../../core/budget.ts'
import { Leases, TO_SUPERVISOR } from '../../core/leases.ts'
import memory from '../../plugins/counter/memory.ts'
import type { Counter } from '../../sdk/index.ts'
import { Clock, settle } from './leases/clock.ts'
import { Gate } from './leases/gate.ts'

const budget = compileBudget({
  name: 'at-once', of: 'concurrency', limit: 1, window: { kind: 'held' }, each: [], match: {}, mode: 'strict', reserve: 1, unpriced: 'refuse', floor: 0,
}, { used: 0, refused: 0 })
const spender = { consumer: { name: 'red', tags: {}, rights: [] }, model: 'm', route: undefined }
const KEY = budget.keyOf(spender)

async function begin(t: TestContext, between: (counter: Counter) => Counter = counter => counter) {
  const clock = new Clock(t)
  const counter = await memory.open({ directory: '', options: {} })
  const leases = new Leases(between(counter), TO_SUPERVISOR)
  return {
    clock, leases,
    request: () => new Admission(leases, [budget], spender),
    /** So long that nobody is expected to ask again, while many others do. */
    async longAfter() {
      clock.now += 20_500
      for (let n = 0; n <= 10_000; n++) leases.lease(`other/${clock.now}/${n}`, budget)
      await clock.pass(60)
    },
    async left() {
      await clock.pass(500)
      const [grant] = await counter.take([{ key: KEY, limit: 1, window: budget.window, want: 0, back: 0, mark: 0, over: 0, floor: 0 }])
      return grant!.left
    },
  }
}

for (const when of ['before', 'after'] as const) {
  test(`what a long request took ${when} all others forgot the count comes back`, async t => {
    const { clock, request, longAfter, left } = await begin(t)
    const first = request()
    await first.take(() => 1)
    first.settle(() => 0)
    assert.equal(await left(), 1)
    const long = request()
    if (when === 'before') await long.take(() => 1)
    await longAfter()
    if (when === 'after') await long.take(() => 1)
    assert.equal(await left(), 0)
    long.settle(() => 0)
    assert.equal(await left(), 1)
    clock.stop()
  })
}

test('what a counter did not hear is told again', async t => {
  let gate!: Gate
  const { clock, request, longAfter, left } = await begin(t, counter => gate = new Gate(counter))
  const one = request()
  const taking = one.take(() => 1)
  await settle()
  await gate.answer()
  await taking
  clock.now += 20_500
  one.settle(() => 0)
  // The look after the one that sends it finds nothing to say.
  await longAfter()
  await longAfter()
  await gate.answer(false)
  await clock.pass(600)
  await gate.answer()
  assert.equal(await left(), 1)
  clock.stop()
})

test('a lease that no request has in hand is forgotten, however they ended', async t => {
  const { clock, leases, request, longAfter, left } = await begin(t)
  const lease = leases.lease(KEY, budget)
  const [one, refused] = [request(), request()]
  await one.take(() => 1)
  await assert.rejects(async () => refused.take(() => 1), { code: 'rate_limited' })
  for (const each of [one, refused, refused]) each.settle(() => 0)
  assert.equal(await left(), 1)
  await longAfter()
  assert.notEqual(leases.lease(KEY, budget), lease)
  clock.stop()
})

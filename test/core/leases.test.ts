import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Leases, TO_STORE, TO_SUPERVISOR } from '../../core/leases.ts'
import type { Lease, Terms } from '../../core/lease.ts'
import memory from '../../plugins/counter/memory.ts'
import { Unheard, type Ask, type Counter, type Grant, type Window } from '../../sdk/index.ts'
import { fc } from '../law.ts'
import { Clock, settle } from './leases/clock.ts'
import { Gate } from './leases/gate.ts'

const open = (): Promise<Counter> => memory.open({ directory: '', options: {} })

/** Takes as a request does: waits while waiting may bring more. */
async function take(leases: Leases, lease: Lease, amount: number): Promise<boolean> {
  for (let tries = 0; tries < 20; tries++) {
    if (lease.take(amount, performance.now())) return true
    if (!leases.mayBring(lease, performance.now())) return false
    await leases.more(lease, amount)
  }
  return false
}

const KEY = 'all'
const terms = (limit: number, window: Window, floor = 0): Terms => ({ limit, window, floor })

interface Spent { readonly at: number; readonly amount: number }

/** What one process of the law holds: what it has taken and not settled. */
interface Process { leases: Leases; open: { amount: number; mark: number; at: number }[] }

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('take' as const), process: fc.nat(2), amount: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('settle' as const), process: fc.nat(2), share: fc.double({ min: 0, max: 1, noNaN: true }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), process: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 300 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('lose' as const) }) },
)
const LIMIT = 200

for (const window of [{ kind: 'total' }, { kind: 'sliding', ms: 1000 }] as const) {
  for (const layers of [1, 2]) {
    test(`no interleaving of several processes passes a limit (${window.kind}, ${layers} layers)`, async t => {
      await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 120 }), async steps => {
        const clock = new Clock(t)
        const store = new Lossy(await open())
        const above = layers === 1 ? store : new Leases(store, TO_STORE)
        const born = (): Process => ({ leases: new Leases({ take: asks => above.take(asks), close: async () => {} }, TO_SUPERVISOR), open: [] })
        const processes = [born(), born(), born()]
        const spent: Spent[] = []
        const held = (): number => processes.reduce((sum, { open: taken }) => sum + taken.reduce((all, one) => all + (isIn(one.at) ? one.amount : 0), 0), 0)
        const isIn = (at: number): boolean => window.kind === 'total' || clock.now - at < window.ms
        const check = (): void => {
          const used = spent.reduce((sum, { at, amount }) => sum + (isIn(at) ? amount : 0), 0) + held()
          assert.ok(used <= LIMIT, `${used} of ${LIMIT}`)
        }
        for (const one of steps) {
          if (one.kind === 'pass') await clock.pass(one.ms)
          else if (one.kind === 'lose') store.loses = true
          else if (one.kind === 'take') {
            const { leases, open: taken } = processes[one.process]!
            const lease = leases.lease(KEY, terms(LIMIT, window))
            if (await take(leases, lease, one.amount)) taken.push({ amount: one.amount, mark: lease.mark, at: clock.now })
          } else if (one.kind === 'settle') {
            const { leases, open: taken } = processes[one.process]!
            const hold = taken.shift()
            if (hold === undefined) continue
            const used = Math.round(hold.amount * one.share)
            leases.lease(KEY, terms(LIMIT, window)).giveBack(hold.amount - used, hold.mark)
            spent.push({ at: hold.at, amount: used })
          } else {
            // What was under way may have been used all the same.
            for (const { amount, at } of processes[one.process]!.open) spent.push({ at, amount })
            processes[one.process] = born()
          }
          check()
        }
        clock.stop()
      }), { numRuns: 25 })
    })
  }
}

test('what is given back is left for others, to the last unit', async t => {
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 60 })), { maxLength: 30 }), async takes => {
    const clock = new Clock(t)
    const store = await open()
    const above = new Leases(store, TO_STORE)
    const all = [0, 1, 2].map(() => new Leases({ take: asks => above.take(asks), close: async () => {} }, TO_SUPERVISOR))
    const taken: [Lease, number, number][] = []
    for (const [who, amount] of takes) {
      const lease = all[who]!.lease(KEY, terms(LIMIT, { kind: 'total' }))
      if (await take(all[who]!, lease, amount)) taken.push([lease, amount, lease.mark])
      await clock.pass(20)
    }
    for (const [lease, amount, mark] of taken) lease.giveBack(amount, mark)
    await clock.pass(5000)
    const [grant] = await store.take([{ key: KEY, ...terms(LIMIT, { kind: 'total' }), want: LIMIT, back: 0, mark: 0, over: 0 }])
    assert.equal(grant!.granted, LIMIT)
    clock.stop()
  }), { numRuns: 20 })
})

/** A store that does what it is asked, but whose next answer is lost where it is told to. */
class Lossy implements Counter {
  readonly #counter: Counter
  loses = false

  constructor(counter: Counter) {
    this.#counter = counter
  }

  async take(asks: readonly Ask[]): Promise<readonly Grant[]> {
    const grants = await this.#counter.take(asks)
    if (!this.loses) return grants
    this.loses = false
    throw new Unheard()
  }

  async close(): Promise<void> {}
}

/** A store that answers when it is told to. */
class Slow implements Counter {
  readonly #counter: Counter
  away: 'no' | 'hangs' | 'refuses' = 'no'
  #held: (() => void)[] = []

  constructor(counter: Counter) {
    this.#counter = counter
  }

  async take(asks: readonly Ask[]): Promise<readonly Grant[]> {
    if (this.away === 'refuses') throw new Error('away')
    if (this.away === 'hangs') await new Promise<void>(resolve => { this.#held.push(resolve) })
    return this.#counter.take(asks)
  }

  back(): void {
    this.away = 'no'
    for (const go of this.#held.splice(0)) go()
  }

  async close(): Promise<void> {}
}

for (const away of ['hangs', 'refuses'] as const) {
  test(`a store that ${away} keeps nobody waiting, and its return reconciles`, async t => {
    const clock = new Clock(t)
    const store = new Slow(await open())
    const leases = new Leases(store, TO_STORE)
    const limit = terms(LIMIT, { kind: 'total' }, 30)
    const lease = leases.lease(KEY, limit)
    assert.ok(await take(leases, lease, 100))
    store.away = away
    const waiting = take(leases, lease, 50)
    await clock.pass(160)
    assert.equal(await waiting, false, 'more than the floor')
    assert.ok(leases.down)
    assert.ok(lease.take(10, clock.now), 'the floor')
    await clock.pass(4000)
    assert.ok(lease.take(10, clock.now), 'and the rest of it, after a while that nobody used it')
    assert.equal(await take(leases, lease, 20), false, 'no more than the floor, and at once')
    store.back()
    await clock.pass(1000)
    assert.equal(leases.down, false)
    // The 20 of the floor count. 50 were wanted while it was away; what of it was given has come back since nobody used it.
    assert.ok(await take(leases, lease, 80))
    assert.equal(await take(leases, lease, 1), false)
    clock.stop()
  })
}

const ask = (key: string, more: Partial<Ask> = {}): Ask =>
  ({ key, limit: 100, window: { kind: 'total' }, want: 1, back: 0, mark: 0, over: 0, floor: 0, ...more })

/** Leases over a store that answers when it is told to, taken from as a process below takes. */
async function begin() {
  const counter = await open()
  const store = new Gate(counter)
  const leases = new Leases(store, TO_STORE)
  const grant = (key: string, more: Partial<Ask> = {}): Promise<number> => leases.take([ask(key, more)]).then(grants => grants[0]!.granted)
  return { counter, store, leases, grant }
}

test('whoever comes while others are asked for waits for an answer of its own', async t => {
  const clock = new Clock(t)
  const { store, grant } = await begin()
  const first = grant('first')
  await settle()
  const others = ['second', 'third', 'first'].map(key => grant(key))
  await settle()
  assert.equal(store.asked, 1)
  await store.answer()
  assert.equal(await first, 1)
  assert.equal(store.asked, 2, 'asked for at once, together')
  await store.answer()
  assert.deepEqual(await Promise.all(others), [1, 1, 1])
  clock.stop()
})

test('a store that owes an answer keeps nobody waiting, not even for a turn of its own', async t => {
  const clock = new Clock(t)
  const { leases, grant } = await begin()
  const begun = clock.now
  const waits: number[] = []
  const wait = (key: string): Promise<number> => grant(key).then(granted => waits.push(clock.now - begun) && granted)
  const first = wait('first')
  await settle()
  const second = wait('second')
  await clock.pass(200)
  assert.deepEqual([await first, await second, leases.down], [0, 0, true])
  assert.ok(waits.every(ms => ms === TO_STORE.patience), `${waits}`)
  clock.stop()
})

test('where nothing is left, a crowd asks once', async t => {
  const clock = new Clock(t)
  const { counter, store, grant } = await begin()
  await counter.take([ask('all', { want: 100 })])
  const crowd = Array.from({ length: 100 }, () => grant('all'))
  await settle()
  await store.answer()
  assert.deepEqual([...new Set(await Promise.all(crowd))], [0])
  assert.equal(await grant('all'), 0)
  assert.equal(store.asked, 1)
  clock.stop()
})

test('what is held but too old to be used is not all that there is', async t => {
  const clock = new Clock(t)
  const { store, leases, grant } = await begin()
  const window = { kind: 'sliding', ms: 1000 } as const
  for (let n = 0; n < 3; n++) {
    const taking = grant('all', { window })
    await settle()
    await store.answer()
    assert.equal(await taking, 1)
    await store.answer()
  }
  assert.ok([...leases.all][0]!.free > 0)
  clock.now += 250
  const taking = grant('all', { window })
  await settle()
  await store.answer()
  assert.equal(await taking, 1)
  clock.stop()
})

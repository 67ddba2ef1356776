// What every counter must do. Run by the tests of the members, each with its own store.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Ask, Counter, Window } from '../../../sdk/index.ts'

const TOTAL: Window = { kind: 'total' }
let keys = 0

/** An ask about a count of its own, unless it names one. */
export const ask = (more: Partial<Ask>): Ask => ({ key: `k${keys++}`, limit: 100, window: TOTAL, want: 0, back: 0, mark: 0, over: 0, floor: 0, ...more })

/** Holds counters to the contract; two that are opened on one store must agree. */
export function keepsTheContract(open: () => Promise<readonly [Counter, Counter]>): void {
  test('gives what is left, and no more', async () => {
    const [one, other] = await open()
    const key = ask({}).key
    assert.deepEqual(await granted(one, { key, want: 70 }), [70, 30])
    assert.deepEqual(await granted(other, { key, want: 70 }), [30, 0])
    assert.deepEqual(await granted(one, { key, want: 1 }), [0, 0])
  })

  test('answers every ask of a batch, in order', async () => {
    const [one] = await open()
    const { key } = ask({})
    const grants = await one.take([ask({ key, want: 60 }), ask({ want: 5 }), ask({ key, want: 60 })])
    assert.deepEqual(grants.map(grant => grant.granted), [60, 5, 40])
    assert.deepEqual(await one.take([]), [])
  })

  test('what comes back is free again, once', async () => {
    const [one, other] = await open()
    const { key } = ask({})
    const [grant] = await one.take([ask({ key, want: 100 })])
    assert.deepEqual(await granted(one, { key, back: 40, mark: grant!.mark, want: 10 }), [10, 30])
    assert.deepEqual(await granted(other, { key, want: 50 }), [30, 0])
  })

  test('what was used beyond all grants counts, whatever the limit', async () => {
    const [one] = await open()
    const { key } = ask({})
    assert.deepEqual(await granted(one, { key, over: 130, want: 10 }), [0, 0])
    assert.deepEqual(await granted(one, { key, back: 50, want: 100 }), [20, 0])
  })

  test('sums of money stay exact', async () => {
    const [one] = await open()
    const { key } = ask({})
    const limit = 9_000_000_000_000_000
    assert.deepEqual(await granted(one, { key, limit, want: limit - 1 }), [limit - 1, 1])
    assert.deepEqual(await granted(one, { key, limit, want: 5 }), [1, 0])
  })

  for (const period of ['day', 'week', 'month'] as const) {
    test(`a ${period} ends at its midnight, and what it gave with it`, async () => {
      const [one, other] = await open()
      const { key } = ask({})
      const window: Window = { kind: 'calendar', period }
      const [grant] = await one.take([ask({ key, window, want: 100 })])
      assert.equal(grant!.granted, 100)
      assert.ok(grant!.goodFor <= 31 * 86_400_000 && Math.abs(grant!.goodFor - grant!.resetIn) <= 1)
      assert.equal(new Date(Date.now() + grant!.resetIn).getUTCHours() % 24, 0)
      assert.deepEqual(await granted(other, { key, window, want: 1 }), [0, 0])
      assert.deepEqual(await granted(other, { key, window, want: 100, back: 30, mark: grant!.mark }), [30, 0])
      assert.deepEqual(await granted(other, { key, window, want: 100, back: 30, mark: grant!.mark - 86_400_000 }), [0, 0], 'of another day')
    })
  }

  test('a sliding window forgets, no sooner than it may', async () => {
    const [one, other] = await open()
    const { key } = ask({})
    const window: Window = { kind: 'sliding', ms: 500 }
    const began = performance.now()
    const [grant] = await one.take([ask({ key, window, want: 100 })])
    assert.ok(grant!.goodFor >= 49 && grant!.goodFor <= 101, `${grant!.goodFor}`)
    let [given] = await granted(other, { key, window, want: 100 })
    while (given === 0) {
      await wait(20)
      ;[given] = await granted(other, { key, window, want: 100 })
    }
    const lasted = performance.now() - began
    assert.ok(lasted >= 500 + grant!.goodFor - 60, `${lasted} ms`)
    assert.ok(given === 100)
    assert.deepEqual(await granted(other, { key, window, want: 1, back: 100, mark: grant!.mark }), [0, 0], 'what no longer counts cannot come back')
  })

  test('requests at once come back', async () => {
    const [one, other] = await open()
    const { key } = ask({})
    const window: Window = { kind: 'held' }
    assert.deepEqual(await granted(one, { key, window, limit: 3, want: 2 }), [2, 1])
    assert.deepEqual(await granted(other, { key, window, limit: 3, want: 2 }), [1, 0])
    assert.deepEqual(await granted(one, { key, window, limit: 3, back: 2 }), [0, 2])
    assert.deepEqual(await granted(other, { key, window, limit: 3, want: 2, back: 1 }), [2, 1])
  })
}

async function granted(counter: Counter, more: Partial<Ask>): Promise<[number, number]> {
  const [grant] = await counter.take([ask(more)])
  return [grant!.granted, grant!.left]
}

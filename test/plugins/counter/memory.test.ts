import assert from 'node:assert/strict'
import { test } from 'node:test'
import memory from '../../../plugins/counter/memory.ts'
import type { Window } from '../../../sdk/index.ts'
import { ask, keepsTheContract } from './contract.ts'

keepsTheContract(async () => {
  const counter = await memory.open({ directory: '', options: {} })
  return [counter, counter]
})

const DAY = 86_400_000

test('a clock that is in the next month for a moment gives none of this one again', async t => {
  let now = Date.UTC(2026, 0, 31, 12)
  t.mock.method(Date, 'now', () => now)
  const counter = await memory.open({ directory: '', options: {} })
  const all = ask({ window: { kind: 'calendar', period: 'month' }, want: 100 })
  const given: number[] = []
  for (const at of [now, now + DAY, now, now + DAY]) {
    now = at
    given.push((await counter.take([all]))[0]!.granted)
  }
  assert.deepEqual(given, [100, 100, 0, 0])
})

test('a window that slides takes no notice of a clock that is set', async t => {
  let now = Date.now()
  t.mock.method(Date, 'now', () => now)
  const counter = await memory.open({ directory: '', options: {} })
  const all = ask({ window: { kind: 'sliding', ms: 60_000 }, want: 100 })
  await counter.take([all])
  for (const days of [-1, 2]) {
    now += days * DAY
    const [{ granted, resetIn } = { granted: 1, resetIn: 0 }] = await counter.take([all])
    assert.equal(granted, 0)
    assert.ok(resetIn > 60_000 && resetIn <= 72_000, `${resetIn}`)
  }
})

test('where there is no room, what no longer counts makes it', async t => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 0, 31, 12) })
  const counter = await memory.open({ directory: '', options: {} })
  const window: Window = { kind: 'calendar', period: 'day' }
  await counter.take(Array.from({ length: 200_000 }, () => ask({ window, want: 1 })))
  const next = ask({ window, want: 1 })
  assert.equal((await counter.take([next]))[0]!.granted, 0)
  t.mock.timers.setTime(Date.now() + DAY)
  assert.equal((await counter.take([next]))[0]!.granted, 1)
})

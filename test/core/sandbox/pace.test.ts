import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pace } from '../../../core/sandbox/pace.ts'

/** A processor that took so many milliseconds for each of many calls, which all came at once. */
function worn(ms: number, calls = 50): Pace {
  const pace = new Pace()
  for (let call = 1; call <= calls; call++) pace.done(0, call * ms)
  return pace
}

test('a call is let in where those before it leave it time', () => {
  for (const [ms, before, timeout, reaches] of [
    [20, 3, 100, true], [20, 5, 100, false], [20, 0, 5, true], [0.1, 200, 100, true], [20, 24, 500, true], [20, 25, 500, false],
  ] as const) assert.equal(worn(ms).reaches(before, timeout), reaches, `${before} of ${ms} ms before, ${timeout} ms`)
})

test('before anything is known, everything may try', () => {
  assert.ok(new Pace().reaches(100, 1))
})

test('waiting for others is not taken for work, and a fast call makes up for slow ones', () => {
  const pace = worn(20)
  for (let call = 0; call < 20; call++) pace.done(2000 + call * 100, 2001 + call * 100)
  assert.ok(pace.reaches(10, 100))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Strikes } from '../../../core/sandbox/strikes.ts'

const rule = { strikes: 3, window: 100, quarantine: 50 }

test('the last strike within the window leads into quarantine, for a while', () => {
  const strikes = new Strikes(rule)
  assert.deepEqual([0, 50, 99].map(now => strikes.add('a', now)), [false, false, true])
  assert.deepEqual([99, 148, 149].map(now => strikes.isQuarantined('a', now)), [true, true, false])
  assert.equal(strikes.add('a', 150), false)
})

test('strikes far apart, and those of others, do not add up', () => {
  const strikes = new Strikes(rule)
  assert.deepEqual([0, 60, 120, 180].map(now => strikes.add('a', now)), [false, false, false, false])
  assert.equal(strikes.add('b', 181), false)
  assert.equal(strikes.isQuarantined('a', 181), false)
})

test('tells who is in quarantine now', () => {
  const strikes = new Strikes(rule)
  for (const id of ['a', 'a', 'a', 'b', 'b']) strikes.add(id, 0)
  assert.deepEqual([strikes.quarantined(1), strikes.quarantined(50)], [['a'], []])
})

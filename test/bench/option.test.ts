// Options: what is taken, and what is refused with a sentence.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chosen, positive } from '../../bench/option.ts'

test('a whole number', () => {
  assert.equal(positive('seconds', '1'), 1)
  assert.equal(positive('seconds', '9999'), 9999)
})

for (const value of ['0', '-1', '1.5', '10000', '1e3', '', ' 4', 'four']) {
  test(`"${value}" is no length`, () => {
    assert.throws(() => positive('seconds', value), { message: `--seconds takes a whole number from 1 to 9999, not "${value}"` })
  })
}

test('rows stay in their own order, and none named means all', () => {
  assert.deepEqual(chosen(['a', 'b', 'c'], ['c', 'a', 'c']), ['a', 'c'])
  assert.deepEqual(chosen(['a', 'b', 'c'], []), ['a', 'b', 'c'])
  assert.throws(() => chosen(['a', 'b'], ['a', 'd']), { message: '--only d: there is no such row; there are a, b' })
})

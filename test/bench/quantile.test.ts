// Medians and percentiles of a few values.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { median, percentile } from '../../bench/quantile.ts'

const MEDIANS: [values: number[], middle: number][] = [[[7], 7], [[9, 1, 10], 9], [[4, 1, 3, 2], 2.5]]

for (const [values, middle] of MEDIANS) {
  test(`median of ${values.join(', ')}`, () => assert.equal(median(values), middle))
}

const HUNDRED = Array.from({ length: 100 }, (_, index) => 100 - index)
const PERCENTILES: [values: number[], percent: number, value: number][] = [
  [HUNDRED, 50, 50], [HUNDRED, 99, 99], [HUNDRED, 100, 100], [HUNDRED, 0, 1], [[7], 99, 7], [[2, 1], 50, 1], [[2, 1], 51, 2], [[], 99, Number.NaN],
]

for (const [values, percent, value] of PERCENTILES) {
  test(`${percent} % of ${values.length} values are at most ${value}`, () => assert.equal(percentile(values, percent), value))
}

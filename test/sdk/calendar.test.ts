import assert from 'node:assert/strict'
import { test } from 'node:test'
import { beginOf, endOf } from '../../sdk/index.ts'

for (const [period, at, begin, end] of [
  ['day', '2026-03-01T23:59:59.999Z', '2026-03-01', '2026-03-02'],
  ['day', '2026-03-02T00:00:00.000Z', '2026-03-02', '2026-03-03'],
  // A Sunday and a Monday.
  ['week', '2026-03-01T12:00:00Z', '2026-02-23', '2026-03-02'],
  ['week', '2026-03-02T00:00:00Z', '2026-03-02', '2026-03-09'],
  ['month', '2026-12-31T23:59:59Z', '2026-12-01', '2027-01-01'],
  ['month', '2028-02-29T01:00:00Z', '2028-02-01', '2028-03-01'],
] as const) {
  test(`the ${period} of ${at}`, () => {
    assert.equal(new Date(beginOf(period, Date.parse(at))).toISOString(), `${begin}T00:00:00.000Z`)
    assert.equal(new Date(endOf(period, Date.parse(at))).toISOString(), `${end}T00:00:00.000Z`)
  })
}

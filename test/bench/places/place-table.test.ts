// Outcomes into counts and percentiles, ratios to the idle phase of the same place, and the bounds.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Ending, Outcome } from '../../../bench/places/pace.ts'
import { losses, placeTable, type Phase } from '../../../bench/places/place-table.ts'

const took = (ms: number, ending: Ending = 'ok'): Outcome => ({ ending, ms })
const idle: Phase = { place: 'pool', rate: 0, burns: [], plain: [took(1), took(2)], loop: { p50: 0.1, p99: 1 }, client: 0.5 }
const BURNS = [took(20), took(21), took(1, 'refused'), took(500, 'late'), took(3, 'failed')]
const busy = (more: Partial<Phase>): Phase => ({ ...idle, rate: 100, burns: BURNS, plain: [took(1), took(3.9)], ...more })

test('the table', () => {
  const phases = [
    { ...idle, place: 'inline', plain: [took(4)] }, busy({ place: 'inline', plain: [took(40)], loop: { p50: 20, p99: 400 } }),
    idle, busy({}), busy({ loop: { p50: 1, p99: 10 } }), busy({ plain: [took(4)], loop: { p50: 1, p99: 11 } }),
  ] as const
  assert.equal(placeTable(phases), `\
| place  | burns/s | ok | refused | late | failed | loop p50 | loop p99 | plain p50 | plain p99 | to idle | client p99 |              bounds |
| ------ | ------: | -: | ------: | ---: | -----: | -------: | -------: | --------: | --------: | ------: | ---------: | ------------------: |
| inline |    idle |  0 |       0 |    0 |      0 |      0.1 |      1.0 |      4.00 |      4.00 |   1.00x |        0.5 |                     |
| inline |     100 |  2 |       1 |    1 |      1 |     20.0 |    400.0 |     40.00 |     40.00 |  10.00x |        0.5 |                     |
| pool   |    idle |  0 |       0 |    0 |      0 |      0.1 |      1.0 |      1.00 |      2.00 |   1.00x |        0.5 |                     |
| pool   |     100 |  2 |       1 |    1 |      1 |      0.1 |      1.0 |      1.00 |      3.90 |   1.95x |        0.5 |                kept |
| pool   |     100 |  2 |       1 |    1 |      1 |      1.0 |     10.0 |      1.00 |      3.90 |   1.95x |        0.5 |        missed: loop |
| pool   |     100 |  2 |       1 |    1 |      1 |      1.0 |     11.0 |      4.00 |      4.00 |   2.00x |        0.5 | missed: loop, plain |`)
})

test('plain requests that were not served are told of', () => {
  assert.deepEqual(losses([idle, busy({ plain: [took(1), took(2, 'refused'), took(9, 'failed')] })]), ['pool at 100/s: 2 of 3 plain requests failed.'])
})

// Sums into figures per call, and the bound that one of them has.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callTable, type Calls } from '../../../bench/calls/call-table.ts'

const sandbox: Calls = { place: 'sandbox', inFlight: 64, calls: 10_000, ms: 1000, loop: 400_000, worker: 599_000 }

test('the table', () => {
  const rows: readonly Calls[] = [
    { place: 'inline', inFlight: 1, calls: 1_000_000, ms: 500, loop: 500_000, worker: 510_000 },
    { ...sandbox, inFlight: 1, worker: 2_000_000 },
    sandbox,
    { ...sandbox, worker: 600_000 },
  ]
  assert.equal(callTable(rows), `\
| place   | in flight | per second | wait µs | loop CPU µs | worker CPU µs |      bound |
| ------- | --------: | ---------: | ------: | ----------: | ------------: | ---------: |
| inline  |         1 |    2000000 |     0.5 |        0.50 |          0.51 |            |
| sandbox |         1 |      10000 |   100.0 |       40.00 |        200.00 |            |
| sandbox |        64 |      10000 |  6400.0 |       40.00 |         59.90 |   kept: 60 |
| sandbox |        64 |      10000 |  6400.0 |       40.00 |         60.00 | missed: 60 |`)
})

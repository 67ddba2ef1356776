// The table: figures of the middle round, and ratios of the same round.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Round, Sample } from '../../bench/measure.ts'
import { ratios, table } from '../../bench/report.ts'

const sample = (cpu: number, more: Partial<Sample> = {}): Sample => ({ unitsPerSecond: 1e6 / cpu, cpu, p50: 1, p99: 2, added: 0.3, ...more })
const rounds: readonly Round[] = [
  { bare: sample(50), candidate: sample(100, { added: 0.6 }) },
  { bare: sample(100), candidate: sample(120, { added: 0.4 }) },
  { bare: sample(60), candidate: sample(90, { added: 0.3 }) },
]

test('a ratio compares servers of one round', () => {
  assert.deepEqual(ratios(rounds), [2, 1.2, 1.5])
})

test('the table shows the bare proxy and then every row', () => {
  const stream = [{ bare: sample(40, { added: 0.5 }), candidate: sample(50, { added: 0.5 }) }]
  assert.equal(table([{ name: 'pass-through', about: '', rounds }, { name: 'stream', about: '', rounds: stream }]), `\
| server       | per second | CPU µs | ratio |   min–max | p50 ms | p99 ms | added ms |
| ------------ | ---------: | -----: | ----: | --------: | -----: | -----: | -------: |
| bare         |      16667 |   60.0 | 1.00x | 1.00–1.00 |   1.00 |   2.00 |     0.30 |
| pass-through |      10000 |  100.0 | 1.50x | 1.20–2.00 |   1.00 |   2.00 |     0.40 |
| stream       |      20000 |   50.0 | 1.25x | 1.25–1.25 |   1.00 |   2.00 |     0.50 |`)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { poolMetrics } from '../../../plugins/metrics/pool.ts'

test('without a pool there is nothing to tell', () => {
  assert.deepEqual(poolMetrics(undefined), [])
})

test('a pool tells its threads, its queue, and each processor in seconds', () => {
  const totals = { calls: 7, refused: 2, timeouts: 1, queueMs: 500, runMs: 2000 }
  const metrics = poolMetrics({ threads: 3, running: 1, waiting: 4, waitingBytes: 80, processors: { pii: totals } })
  const told = Object.fromEntries(metrics.map(({ name, values }) => [name, values.map(({ labels, value }) => [labels, value])]))
  assert.deepEqual(told, {
    gatehouse_pool_threads: [[{}, 3]],
    gatehouse_pool_running: [[{}, 1]],
    gatehouse_pool_waiting: [[{}, 4]],
    gatehouse_pool_waiting_bytes: [[{}, 80]],
    gatehouse_pool_calls_total: [[{ processor: 'pii' }, 7]],
    gatehouse_pool_refused_total: [[{ processor: 'pii' }, 2]],
    gatehouse_pool_timeouts_total: [[{ processor: 'pii' }, 1]],
    gatehouse_pool_queue_seconds_total: [[{ processor: 'pii' }, 0.5]],
    gatehouse_pool_run_seconds_total: [[{ processor: 'pii' }, 2]],
  })
})

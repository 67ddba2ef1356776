import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AggregatorRegistry } from 'prom-client'
import { stepLoopMetrics } from '../../../plugins/metrics/step-loop.ts'

const time = (p99: number, advice?: string): Parameters<typeof stepLoopMetrics>[0][0] => ({ chain: 'guarded', step: 'burn', calls: 100, p99, advice })

test('of several workers the slowest counts', async () => {
  const workers = [[time(1)], [time(20, 'run it elsewhere'), time(3)]].map(times => stepLoopMetrics(times))
  const text = await AggregatorRegistry.aggregate(workers).metrics()
  assert.match(text, /^gatehouse_step_loop_p99_seconds\{chain="guarded",step="burn"\} 0.02$/m)
  assert.match(text, /^gatehouse_step_loop_advised\{chain="guarded",step="burn"\} 1$/m)
})

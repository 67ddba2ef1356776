// The page of metrics, read for the loop's delay.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readLoopDelay } from '../../../bench/places/loop-delay.ts'

const page = (p50: string, p99: string) => `# HELP nodejs_eventloop_lag_p50_seconds The 50th percentile of the recorded event loop delays.
nodejs_eventloop_lag_p50_seconds ${p50}
# HELP nodejs_eventloop_lag_p99_seconds The 99th percentile of the recorded event loop delays.
nodejs_eventloop_lag_p99_seconds ${p99}
`

test('what is recorded is the time between two looks; the delay is what is over', () => {
  const { p50, p99 } = readLoopDelay(page('0.009', '0.025'))
  assert.equal(p50, 0)
  assert.ok(Math.abs(p99 - 15) < 1e-9)
})

test('a page that does not tell', () => {
  assert.throws(() => readLoopDelay('gatehouse_in_flight 0\n'), { message: "the metrics do not tell the p50 of the loop's delay" })
})

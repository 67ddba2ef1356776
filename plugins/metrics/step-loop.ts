// How long inline steps hold the loop of a worker as metrics. Used by ../metrics.ts.
import type { LoopTime } from 'gatehouse/sdk'
import { metric, type Metric } from './series.ts'

/** Of several workers the slowest counts; calls begin at 0 with each config, so they are no counter. */
export function stepLoopMetrics(times: readonly LoopTime[]): Metric[] {
  const labelled = (pick: (time: LoopTime) => number) => times.map(time => [{ chain: time.chain, step: time.step }, pick(time)] as const)
  return [
    metric('gatehouse_step_loop_p99_seconds', 'Time that 99 of 100 calls of an inline step hold the loop, at most.', 'gauge',
      labelled(({ p99 }) => p99 / 1000), 'max'),
    metric('gatehouse_step_loop_advised', '1 where an inline step holds the loop for too long and belongs in a pool.', 'gauge',
      labelled(({ advice }) => advice === undefined ? 0 : 1), 'max'),
  ]
}

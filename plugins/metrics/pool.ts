// The thread pool of a worker as metrics. Used by ../metrics.ts.
import type { PoolNumbers } from 'gatehouse/sdk'
import { metric, type Metric } from './series.ts'

/** Nothing where there is no pool. */
export function poolMetrics(pool: PoolNumbers | undefined): Metric[] {
  if (pool === undefined) return []
  const processors = Object.entries(pool.processors)
  type Totals = PoolNumbers['processors'][string]
  const total = (name: string, help: string, pick: (totals: Totals) => number): Metric =>
    metric(name, help, 'counter', processors.map(([processor, totals]) => [{ processor }, pick(totals)]))
  return [
    metric('gatehouse_pool_threads', 'Threads for steps with run: pool.', 'gauge', [[{}, pool.threads]]),
    metric('gatehouse_pool_running', 'Calls that run in a thread.', 'gauge', [[{}, pool.running]]),
    metric('gatehouse_pool_waiting', 'Calls that wait for a thread.', 'gauge', [[{}, pool.waiting]]),
    metric('gatehouse_pool_waiting_bytes', 'Text that waits for a thread, in bytes.', 'gauge', [[{}, pool.waitingBytes]]),
    total('gatehouse_pool_calls_total', 'Calls to processors in threads.', ({ calls }) => calls),
    total('gatehouse_pool_refused_total', 'Calls for which there was no room, or no hope.', ({ refused }) => refused),
    total('gatehouse_pool_timeouts_total', 'Calls that were not done in their time.', ({ timeouts }) => timeouts),
    total('gatehouse_pool_queue_seconds_total', 'Time that calls waited for a thread.', ({ queueMs }) => queueMs / 1000),
    total('gatehouse_pool_run_seconds_total', 'Time that calls ran in a thread.', ({ runMs }) => runMs / 1000),
  ]
}

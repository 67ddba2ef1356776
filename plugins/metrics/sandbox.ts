// The sandbox of a worker as metrics. Used by ../metrics.ts.
import type { SandboxNumbers } from 'gatehouse/sdk'
import { metric, type Metric } from './series.ts'

/** Nothing where there is no sandbox. */
export function sandboxMetrics(sandbox: SandboxNumbers | undefined): Metric[] {
  if (sandbox === undefined) return []
  const { hosts, retired, strikes, quarantines, quarantined } = sandbox
  const sums = (counts: Readonly<Record<string, number>>, label: string) =>
    Object.entries(counts).map(([key, count]) => [{ [label]: key }, count] as const)
  return [
    metric('gatehouse_sandbox_hosts', 'Sandbox host processes that live.', 'gauge', [[{}, hosts]]),
    metric('gatehouse_sandbox_quarantined', 'Processors that are left alone now, summed over workers.', 'gauge', [[{}, quarantined.length]]),
    metric('gatehouse_sandbox_hosts_retired_total', 'Sandbox hosts that were given up and replaced.', 'counter', sums(retired, 'reason')),
    metric('gatehouse_sandbox_strikes_total', 'Sandbox hosts that a processor brought down.', 'counter',
      strikes.map(({ processor, reason, count }) => [{ processor, reason }, count])),
    metric('gatehouse_sandbox_quarantines_total', 'Times that a processor brought down too many.', 'counter', sums(quarantines, 'processor')),
  ]
}

// Copies of requests that went to mirrors, as metrics. Used by ../metrics.ts.
import type { MirrorNumbers } from 'gatehouse/sdk'
import { metric, type Metric } from './series.ts'

/** Nothing where no route has sent a copy. Counts begin at 0 with each config. */
export function mirrorMetrics(mirrors: readonly MirrorNumbers[]): Metric[] {
  if (mirrors.length === 0) return []
  const help = 'Copies of requests to mirrors; status is 0, and error says why, where no answer came.'
  return [metric('gatehouse_mirror_requests_total', help, 'counter',
    mirrors.map(({ route, provider, status, error, count }) => [{ route, provider, status, error }, count]))]
}

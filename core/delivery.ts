// How a stream is delivered: as it comes, with what may still become a finding held back, window by window, or when it is
// whole. The steps that are enforced decide; a route may set a limit. Used by gateway.ts, stream-guard.ts,
// description.ts and lint.ts.
import type { RouteConfig } from '../config/config.ts'
import type { Step } from './step.ts'

/** From the least holding back to the most. */
const DELIVERIES = ['live', 'holdback', 'window', 'complete'] as const
export type Delivery = typeof DELIVERIES[number]

/** How a stream is delivered that this step guards; one in shadow holds nothing back. */
export function deliveryOf(step: Step): Delivery {
  return step.mode === 'shadow' ? 'live' : step.delivery
}

/** True where a step holds back more than a route allows. */
export function holdsMore(step: Step, most: NonNullable<RouteConfig['delivery']>): boolean {
  return DELIVERIES.indexOf(deliveryOf(step)) > DELIVERIES.indexOf(most)
}

/** The delivery that several steps together come to. */
export function deliveryOfAll(steps: readonly Step[]): Delivery {
  return DELIVERIES[Math.max(0, ...steps.map(step => DELIVERIES.indexOf(deliveryOf(step))))]!
}

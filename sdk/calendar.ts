// Days, weeks and months of UTC, as budgets count them. Used by counters, which agree by it on when a period begins.
import type { Window } from './store.ts'

/** A calendar's period. */
export type Period = (Window & { kind: 'calendar' })['period']

const DAY = 86_400_000
/** 1970 began on a Thursday. */
const FIRST_MONDAY = 4 * DAY

/** When the period began that holds a time; both in milliseconds since 1970. Weeks begin on Monday. */
export function beginOf(period: Period, at: number): number {
  if (period === 'day') return at - at % DAY
  if (period === 'week') return at - (at - FIRST_MONDAY) % (7 * DAY)
  const date = new Date(at)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth())
}

/** When it ends. */
export function endOf(period: Period, at: number): number {
  if (period !== 'month') return beginOf(period, at) + (period === 'day' ? DAY : 7 * DAY)
  const date = new Date(at)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
}

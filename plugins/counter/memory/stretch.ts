// Stretches of time in which grants count together. A grant is used some time after it is given, and must count for a whole
// window from then on: so it counts for two stretches more than the window has. Used by ../memory.ts.
import { beginOf, endOf, type Window } from 'gatehouse/sdk'

/** Stretches of a sliding window. */
const STRETCHES = 10
/** Milliseconds in which a calendar's period is kept: a clock that was ahead for a while comes back to the one before. */
const OLD = 40 * 86_400_000

/** The time that a window goes by. One that slides has no use for the hour, and must not stop or leap when the clock is set. */
export function timeOf(window: Window): number {
  return window.kind === 'sliding' ? Math.floor(performance.timeOrigin + performance.now()) : Date.now()
}

/** The stretch that a grant counts in that is given now. */
export function markAt(window: Window, now: number): number {
  switch (window.kind) {
    case 'sliding': return Math.floor(now * STRETCHES / window.ms)
    case 'calendar': return beginOf(window.period, now)
    default: return 0
  }
}

/** True while what was granted in a stretch counts. */
export function isLive(window: Window, mark: number, now: number): boolean {
  return window.kind === 'sliding' ? markAt(window, now) < mark + STRETCHES + 2 : mark === markAt(window, now)
}

/** True while it is kept in mind. */
export function isKept(window: Window, mark: number, now: number): boolean {
  return window.kind === 'calendar' ? mark >= markAt(window, now) - OLD : isLive(window, mark, now)
}

/** Milliseconds in which a grant may be used: to the end of the next stretch, or of the calendar's period. */
export function goodFor(window: Window, now: number): number {
  switch (window.kind) {
    case 'sliding': return (markAt(window, now) + 2) * window.ms / STRETCHES - now
    case 'calendar': return endOf(window.period, now) - now
    default: return Infinity
  }
}

/** Milliseconds until the oldest stretch that counts is over; 0 where none does. */
export function resetIn(window: Window, oldest: number | undefined, now: number): number {
  switch (window.kind) {
    case 'sliding': return oldest === undefined ? 0 : (oldest + STRETCHES + 2) * window.ms / STRETCHES - now
    case 'calendar': return endOf(window.period, now) - now
    default: return Infinity
  }
}

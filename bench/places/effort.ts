// How much work is so much CPU on this machine. Called by bench/places.ts.

/** Times that the work is measured; the fastest counts, since what disturbs only makes it slower. */
const TRIES = 5
const MILLION = 1_000_000

/**
 * Rounds of `work` that keep this thread's core busy for so many milliseconds. Measured in long runs after a warm-up, in
 * time on the core: other work on the machine does not count.
 */
export function roundsFor(ms: number, work: (rounds: number) => unknown): number {
  work(20 * MILLION)
  const times = Array.from({ length: TRIES }, () => {
    const before = process.threadCpuUsage()
    work(20 * MILLION)
    const { user, system } = process.threadCpuUsage(before)
    return (user + system) / 1000
  })
  return Math.max(1, Math.round((20 * MILLION * ms) / Math.min(...times)))
}

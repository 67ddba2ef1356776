// How fast a processor's calls are done, one behind the other, and so whether one more would be done in its time. A call that
// is begun and cut off costs its isolate; one that is refused at once costs nothing. Kept by hosts.ts.

/** How much the latest call counts for what is expected of the next: the last ten make nine tenths of it. */
const WEIGHT = 0.2

/** The pace of one processor. */
export class Pace {
  /** Milliseconds that a call keeps those behind it waiting; 0 before the first. */
  #each = 0
  #latest = 0

  /** True where a call behind so many others is expected to be done in its time. With none before it, it always may try. */
  reaches(before: number, timeout: number): boolean {
    return before === 0 || (before + 1) * this.#each <= timeout
  }

  /** Notes a call that came and was done. It was served from then on, or from when the one before it was done. */
  done(came: number, now: number): void {
    const ms = now - Math.max(came, this.#latest)
    this.#latest = now
    this.#each += WEIGHT * (ms - this.#each)
  }
}

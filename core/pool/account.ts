// What one processor of the pool has done so far, and how long its next call will take. Kept by pool.ts.

/** Sums since the processor was registered. */
export interface Totals {
  /** All that were asked for, the refused ones included. */
  readonly calls: number
  readonly refused: number
  readonly timeouts: number
  /** Milliseconds that calls waited for a thread, and that threads were busy with them. */
  readonly queueMs: number
  readonly runMs: number
}

/** How much the latest call counts for what is expected of the next: the last ten make nine tenths of it. */
const WEIGHT = 0.2

/** The account of one processor. */
export class Account implements Totals {
  calls = 0
  refused = 0
  timeouts = 0
  queueMs = 0
  runMs = 0
  #expected: number | undefined

  /** Milliseconds that a call is expected to run: an exponential moving average, 0 before the first. */
  get expected(): number { return this.#expected ?? 0 }

  /** Notes that a call ran so many milliseconds, to its end or to its timeout. */
  ran(ms: number): void {
    this.runMs += ms
    this.#expected = this.#expected === undefined ? ms : this.#expected + WEIGHT * (ms - this.#expected)
  }

  totals(): Totals {
    const { calls, refused, timeouts, queueMs, runMs } = this
    return { calls, refused, timeouts, queueMs, runMs }
  }
}

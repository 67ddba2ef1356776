// How a target has been doing in this worker, and so whether a request should go there now: a breaker that opens after
// failures in a row, a rest that the target itself asked for, how busy it is and how fast. Kept per target and config; fed by
// fallback.ts, read by it and by balancer.ts.

/** When to leave a target alone, and how much it may have at once. */
export interface HealthRule {
  /** Failures in a row that open the breaker. */
  readonly failures: number
  /** Milliseconds that it stays open; twice as long each time that the trial after it fails. */
  readonly pause: number
  /** Requests at once, in this worker. */
  readonly concurrency: number
}

/** The longest that a target is left alone, whatever it asks for, in milliseconds. */
const LONGEST_REST = 60_000
/** Milliseconds in which what is known of a target's speed fades to a third. */
const FADING = 10_000

/** The health of one target. */
export class Health {
  readonly #rule: HealthRule
  /** Requests under way. */
  busy = 0
  #failures = 0
  /** Streams in a row that broke off after they had begun. */
  #broken = 0
  /** How often in a row the breaker has opened; 0 while it is closed. */
  #opened = 0
  /** When the breaker lets a request try whether it may close. */
  #opensUntil = 0
  /** When it may be asked again, by its own word. */
  #restsUntil = 0
  /** True while that one request is under way. */
  isOnTrial = false
  /** Milliseconds to the beginning of an answer, by the peak-sensitive average that Finagle's balancer uses; 0 before the first. */
  latency = 0
  #measured = 0

  constructor(rule: HealthRule) {
    this.#rule = rule
  }

  /** Milliseconds until it may be asked; 0 for now, Infinity where nobody knows. */
  restAt(now: number): number {
    if (this.busy >= this.#rule.concurrency || this.isOnTrial) return Infinity
    return Math.max(0, this.#restsUntil - now, this.#opensUntil - now)
  }

  /** A request goes there. True while the breaker is open: it is the one that tries whether it may close. */
  begin(): boolean {
    this.busy++
    this.isOnTrial = this.#opened > 0
    return this.isOnTrial
  }

  /** It has begun to answer, so many milliseconds after it was asked. */
  succeed(ms: number, now: number): void {
    this.#failures = 0
    this.#opened = 0
    this.isOnTrial = false
    this.#opensUntil = 0
    const old = Math.exp((this.#measured - now) / FADING)
    this.latency = ms > this.latency ? ms : this.latency * old + ms * (1 - old)
    this.#measured = now
  }

  /**
   * It has failed, a trial or another request. `rest` is how long it asked to be left alone, in milliseconds; 0 where it
   * did not. What was under way when the breaker opened tells nothing new by failing too.
   */
  fail(now: number, isTrial: boolean, rest = 0): void {
    this.#restsUntil = Math.max(this.#restsUntil, now + Math.min(LONGEST_REST, rest))
    this.#failures++
    if (isTrial) this.isOnTrial = false
    if (isTrial || (this.#opened === 0 && this.#failures >= this.#rule.failures)) {
      this.#opensUntil = now + Math.min(LONGEST_REST, this.#rule.pause * 2 ** this.#opened++)
    }
  }

  /** A stream of it has come to its end, or broken off in the middle: as many in a row as there may be failures open the breaker. */
  ended(now: number, complete: boolean): void {
    this.#broken = complete ? 0 : this.#broken + 1
    if (this.#broken < this.#rule.failures || this.#opened > 0) return
    this.#broken = 0
    this.#opensUntil = now + Math.min(LONGEST_REST, this.#rule.pause * 2 ** this.#opened++)
  }

  /** Nobody will know how it went: the client has left. */
  forget(isTrial: boolean): void {
    if (isTrial) this.isOnTrial = false
  }

  /** The request is over. */
  leave(): void { this.busy-- }
}

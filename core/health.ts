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
  /** How often in a row the breaker has opened; 0 while it is closed. */
  #opened = 0
  /** When it may be asked again. */
  #restsUntil = 0
  #probing = false
  /** Milliseconds to the beginning of an answer, by the peak-sensitive average that Finagle's balancer uses; 0 before the first. */
  latency = 0
  #measured = 0

  constructor(rule: HealthRule) {
    this.#rule = rule
  }

  /** Milliseconds until it may be asked; 0 for now, Infinity where nobody knows. */
  restAt(now: number): number {
    if (this.busy >= this.#rule.concurrency || this.#probing) return Infinity
    return Math.max(0, this.#restsUntil - now)
  }

  /** True while it is left alone: for failures, or because it asked for it. */
  isResting(now: number): boolean { return this.#restsUntil > now }

  /** A request goes there. While the breaker is open it is the one that tries whether it may close. */
  begin(): void {
    this.busy++
    this.#probing = this.#opened > 0
  }

  /** It has begun to answer, so many milliseconds after it was asked. */
  succeed(ms: number, now: number): void {
    this.#failures = 0
    this.#opened = 0
    this.#probing = false
    this.#restsUntil = 0
    const old = Math.exp((this.#measured - now) / FADING)
    this.latency = ms > this.latency ? ms : this.latency * old + ms * (1 - old)
    this.#measured = now
  }

  /** It has failed. `rest` is how long it asked to be left alone, in milliseconds; 0 where it did not. */
  fail(now: number, rest = 0): void {
    this.#failures++
    const opens = this.#probing || this.#failures >= this.#rule.failures
    this.#probing = false
    if (opens) this.#opened++
    const pause = opens ? this.#rule.pause * 2 ** (this.#opened - 1) : 0
    this.#restsUntil = Math.max(this.#restsUntil, now + Math.min(LONGEST_REST, Math.max(pause, rest)))
  }

  /** Nobody will know how it went: the client has left. */
  forget(): void { this.#probing = false }

  /** The request is over. */
  leave(): void { this.busy-- }
}

// How a target has been doing in this worker, and so whether a request should go there now: a breaker that opens after
// failures in a row, a rest that the target itself asked for, how busy it is and how fast. Kept per target and config; fed by
// asking.ts and check.ts, read by fallback.ts and by balancer.ts.
import { Queue, type QueueRule } from './queue.ts'

/** When to leave a target alone, and how much it may have at once. */
export interface HealthRule {
  /** Failures in a row that open the breaker. */
  readonly failures: number
  /** Milliseconds that it stays open; twice as long each time that the trial after it fails. */
  readonly pause: number
  /** Requests at once, in this worker. */
  readonly concurrency: number
  /** How many more may wait; none where it is left out. */
  readonly queue?: QueueRule
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
  /** Those that wait for a place; undefined where none may. */
  readonly queue: Queue<Health> | undefined
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
  /** When it last answered or failed; performance time. */
  heardAt = 0

  constructor(rule: HealthRule) {
    this.#rule = rule
    this.queue = rule.queue === undefined ? undefined : new Queue(rule.queue)
  }

  /** True where it has its fill, and nothing else is wrong. */
  isFullAt(now: number): boolean {
    return this.#isFull && this.#rest(now) === 0
  }

  /** True while the breaker is open. */
  get isOpen(): boolean { return this.#opened > 0 }

  /** Milliseconds until it may be asked; 0 for now, Infinity where nobody knows. */
  restAt(now: number): number {
    return this.#isFull ? Infinity : this.#rest(now)
  }

  /** A request takes a place. */
  enter(): void { this.busy++ }

  /** It is asked. True while the breaker is open: this request is the one that tries whether it may close. */
  begin(): boolean {
    this.isOnTrial = this.#opened > 0
    return this.isOnTrial
  }

  /** It has begun to answer, so many milliseconds after it was asked. */
  succeed(ms: number, now: number): void {
    this.#close(now)
    const old = Math.exp((this.#measured - now) / FADING)
    this.latency = ms > this.latency ? ms : this.latency * old + ms * (1 - old)
    this.#measured = now
  }

  /**
   * It has failed, a trial or another request. `rest` is how long it asked to be left alone, in milliseconds; 0 where it
   * did not. What was under way when the breaker opened tells nothing new by failing too.
   */
  fail(now: number, isTrial: boolean, rest = 0): void {
    this.heardAt = now
    this.#restsUntil = Math.max(this.#restsUntil, now + Math.min(LONGEST_REST, rest))
    this.#failures++
    if (isTrial) this.isOnTrial = false
    if (isTrial || (this.#opened === 0 && this.#failures >= this.#rule.failures)) this.#open(now)
  }

  /** A check, and no request, has found it well, or not. One that fails keeps an open breaker open, for as long as before. */
  checked(now: number, isWell: boolean): void {
    if (isWell) this.#close(now)
    else if (this.#opened === 0) this.fail(now, false)
    else {
      this.#opened--
      this.#open(now)
    }
  }

  /** A stream of it has come to its end, or broken off in the middle: as many in a row as there may be failures open the breaker. */
  ended(now: number, complete: boolean): void {
    this.#broken = complete ? 0 : this.#broken + 1
    if (this.#broken < this.#rule.failures || this.#opened > 0) return
    this.#broken = 0
    this.#open(now)
  }

  /** Another target answered sooner than this one in so many milliseconds: no failure, but no speed either. */
  outrun(ms: number, now: number): void {
    if (ms <= this.latency) return
    this.latency = ms
    this.#measured = now
  }

  /** Nobody will know how it went: the client has left. */
  forget(isTrial: boolean): void {
    if (isTrial) this.isOnTrial = false
  }

  /** The request is over. Its place goes to one that waits; where the target is left alone, those look elsewhere. */
  leave(): void {
    this.busy--
    if (this.queue === undefined || this.queue.length === 0) return
    if (this.#rest(performance.now()) > 0) return this.queue.dismiss()
    this.busy++
    this.queue.grant(this)
  }

  get #isFull(): boolean {
    return this.busy >= this.#rule.concurrency
  }

  #rest(now: number): number {
    return this.isOnTrial ? Infinity : Math.max(0, this.#restsUntil - now, this.#opensUntil - now)
  }

  #open(now: number): void {
    this.#opensUntil = now + Math.min(LONGEST_REST, this.#rule.pause * 2 ** this.#opened++)
  }

  #close(now: number): void {
    this.heardAt = now
    this.#failures = 0
    this.#opened = 0
    this.isOnTrial = false
    this.#opensUntil = 0
  }
}

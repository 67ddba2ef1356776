// A slice of one limit in one process: taken from ahead of need, so that a request asks nobody. Arithmetic only; who is
// asked for more, and when, is leases.ts's business.
import type { Ask, Grant, Window } from '../sdk/index.ts'

/** What a limit is, by the config that serves. Amounts in its own unit. */
export interface Terms {
  readonly limit: number
  readonly window: Window
  /** What the process may use beyond its grants while the store cannot be asked. */
  readonly floor: number
}

/** The share of its time that a slice is held while nobody takes anything of it; then it is of more use to others. */
const IDLE = 0.3
/** Milliseconds after which nobody is expected to ask again. */
const FORGOTTEN = 20_000
/** Milliseconds in which a limit that gave nothing is not asked again. */
const DRY = 25
/** Of what is left for everyone, the share that one process may hold ahead: near its end a limit is given out as it is needed. */
const SHARE = 8

/** What one process holds of one limit. Times are performance times. */
export class Lease {
  readonly key: string
  terms: Terms
  readonly #horizon: number
  readonly #idle: number
  /** What can be taken at once. */
  free = 0
  /** The mark of the grant that it is from. */
  mark = 0
  /** What is left for everyone, by the latest answer; Infinity before the first. */
  left = Infinity
  /** What requests wait for. */
  needed = 0
  /** Who has it in hand: requests that are not settled yet, and asks that are under way. */
  users = 0
  /** When something comes back by itself. */
  resetAt = Infinity
  #goodUntil = -Infinity
  #usedAt = 0
  #grantedAt = 0
  #dryUntil = 0
  /** Until when nothing is asked ahead, since less was given than was asked for. */
  #shortUntil = 0
  /** How much it would hold ahead. */
  #slice = 0
  readonly #backs = new Map<number, number>()
  #over = 0
  #lent = 0

  /** `horizon` is how many milliseconds a slice should last: what a process that dies takes with it is about so much of its traffic. */
  constructor(key: string, terms: Terms, horizon: number) {
    this.key = key
    this.terms = terms
    this.#horizon = horizon
    this.#idle = horizon * IDLE
  }

  /** Takes an amount, or nothing where less than that is held. */
  take(amount: number, now: number): boolean {
    if (now >= this.#goodUntil) this.letGo()
    if (amount > this.free) return false
    this.free -= amount
    this.#usedAt = now
    return true
  }

  /** Takes back what was not used of something taken under a mark. */
  giveBack(amount: number, mark: number): void {
    if (amount <= 0) return
    if (mark === this.mark && performance.now() < this.#goodUntil) this.free += amount
    else this.#returns(amount, mark)
  }

  /** Notes what was used beyond what was taken. */
  owe(amount: number): void {
    const paid = Math.min(this.free, amount)
    this.free -= paid
    this.#over += amount - paid
  }

  /** Lets the process go on without the store, by as much as the terms allow each time that it is away. */
  lend(): void {
    const more = this.terms.floor - this.#lent
    if (more <= 0) return
    this.free += more
    this.#over += more
    this.#lent += more
    this.#goodUntil = Infinity
  }

  /** True where the latest answer was that nothing is to be had, a moment ago. */
  isDry(now: number): boolean { return now < this.#dryUntil }

  /** True where nothing can be taken at once. */
  isEmpty(now: number): boolean {
    if (now >= this.#goodUntil) this.letGo()
    return this.free === 0
  }

  /** True where most of what was held ahead is gone. */
  get isLow(): boolean { return this.free * 4 < this.#slice }

  /** True where it is time to say something. What nobody has used for a while is let go on the way, but for what was lent. */
  wants(now: number): boolean {
    if (now >= this.#goodUntil || (now - this.#usedAt > this.#idle && this.#lent === 0)) this.letGo()
    return this.#over > 0 || this.#backs.size > 0 || this.#ahead(now) > 0 || this.#lacks > 0
  }

  /** True where forgetting it loses nothing: nobody has it in hand, and a new one would know as much. */
  isIdle(now: number): boolean {
    return this.users === 0 && this.needed === 0 && this.free === 0 && this.#over === 0 && this.#backs.size === 0
      && now - this.#usedAt > FORGOTTEN
  }

  /** What is to be asked. The first ask is the one whose grant is to be `taken`. */
  asks(now: number): Ask[] {
    const lacks = this.#lacks
    const backs = [...this.#backs]
    const want = this.isDry(now) ? 0 : lacks + this.#ahead(now)
    const over = this.#over
    this.#backs.clear()
    this.#over = 0
    const { key, terms: { limit, window, floor } } = this
    const ask = ([mark, back]: readonly [number, number]): Ask => ({ key, limit, window, floor, want: 0, over: 0, back, mark })
    return [{ ...ask(backs[0] ?? [0, 0]), want, over }, ...backs.slice(1).map(ask)]
  }

  /** Takes in what was given for an ask that was sent at `sentAt`. */
  taken(ask: Ask, grant: Grant, sentAt: number, now: number): void {
    this.left = grant.left
    this.resetAt = sentAt + grant.resetIn
    this.#lent = 0
    if (ask.want === 0) return
    if (grant.granted < ask.want) this.#shortUntil = now + DRY
    if (grant.granted === 0) {
      this.#dryUntil = now + DRY
      return
    }
    // What is left of an older grant counts in another stretch of time, and must not be used in this one.
    if (grant.mark !== this.mark) this.letGo()
    this.free += grant.granted
    this.mark = grant.mark
    this.#goodUntil = sentAt + grant.goodFor
    if (grant.granted === ask.want && now - this.#grantedAt < this.#horizon / 2) this.#slice = Math.min(this.terms.limit, Math.max(ask.want, 2 * this.#slice))
    else if (now - this.#grantedAt > 2 * this.#horizon) this.#slice = Math.ceil(this.#slice / 2)
    this.#grantedAt = now
    this.#usedAt = now
    // The limit was lowered meanwhile.
    if (ask.limit > this.terms.limit) this.letGo()
  }

  /** Nobody was reached: what was to be told is still to be told. */
  untold({ back, mark, over }: Ask): void {
    this.#over += over
    if (back > 0) this.#returns(back, mark)
  }

  /** Gives out of what is held, to a process that holds its own. */
  grant(want: number, now: number): Grant {
    if (now >= this.#goodUntil) this.letGo()
    const granted = Math.min(want, this.free)
    this.free -= granted
    if (granted > 0) this.#usedAt = now
    const left = Number.isFinite(this.left) ? this.left + this.free : this.terms.limit
    return { granted, left, resetIn: Math.max(0, this.resetAt - now), mark: this.mark, goodFor: this.#goodUntil - now }
  }

  /** Everything that is held ahead goes back. */
  letGo(): void {
    if (this.free > 0) this.#returns(this.free, this.mark)
    this.free = 0
    // What comes back of it later must not be taken again either.
    this.#goodUntil = -Infinity
  }

  #returns(amount: number, mark: number): void {
    this.#backs.set(mark, (this.#backs.get(mark) ?? 0) + amount)
  }

  get #lacks(): number { return Math.max(0, this.needed - this.free) }

  /** What to ask for before it is needed: a slice again, once three quarters of the last one are gone. */
  #ahead(now: number): number {
    const wanted = Math.min(this.#slice, Math.floor(this.left / SHARE))
    if (now < this.#shortUntil) return 0
    if (this.needed > 0) return wanted
    return this.free * 4 < wanted && now - this.#usedAt < this.#idle ? wanted - this.free : 0
  }
}

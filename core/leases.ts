// All leases of one process: asks the counter above for all of them at once, ahead of need, and keeps requests from waiting
// for it. In a worker the counter is the supervisor; there, for a shared store, it is leases again. Used by admission.ts.
import { Unheard, type Ask, type Counter, type Grant } from '../sdk/index.ts'
import { Lease, type Terms } from './lease.ts'

/** Milliseconds between looks for what is to be given back, or asked for ahead. */
const LOOK = 50
/** Milliseconds before a store that refused to answer is asked again. */
const AGAIN = 500
/** Beyond so many leases, those that nobody uses are forgotten. */
const MANY = 10_000

/** How a process stands to its counter. */
export interface Standing {
  /** Milliseconds that a request may wait for the counter, once; then it is taken to be away until it answers. */
  readonly patience: number
  /** Milliseconds of traffic that it holds ahead. */
  readonly horizon: number
  /** True where the process may go on without it, as far as the floor of a limit reaches. */
  readonly lends: boolean
}

/** Of a worker: the supervisor answers in less than a millisecond, unless it is gone. */
export const TO_SUPERVISOR: Standing = { patience: 1000, horizon: 1000, lends: false }
/** Of a machine: a store that fails over to another is away for some seconds, and no request waits for it. */
export const TO_STORE: Standing = { patience: 150, horizon: 10_000, lends: true }

/** The leases of one process. Itself a counter, for processes below it. */
export class Leases implements Counter {
  readonly #counter: Counter
  readonly #standing: Standing
  readonly #leases = new Map<string, Lease>()
  /** Those that have something to say. */
  readonly #due = new Set<Lease>()
  #asking = false
  #down = false
  #again = 0
  #timer: NodeJS.Timeout | undefined
  #waiting: (() => void)[] = []
  #planned = false

  constructor(counter: Counter, standing: Standing) {
    this.#counter = counter
    this.#standing = standing
  }

  /** True while the counter does not answer. */
  get down(): boolean { return this.#down }

  /** The lease of a limit, under the terms that hold now. */
  lease(key: string, terms: Terms): Lease {
    let lease = this.#leases.get(key)
    if (lease === undefined) {
      lease = new Lease(key, terms, this.#standing.horizon)
      this.#leases.set(key, lease)
      if (this.#down && this.#standing.lends) lease.lend()
    }
    // Of a limit that was lowered, more may be held than there is.
    if (terms.limit < lease.terms.limit) lease.letGo()
    lease.terms = terms
    this.#timer ??= setInterval(() => this.#look(), LOOK).unref()
    return lease
  }

  /** Every lease, for numbers. */
  get all(): Iterable<Lease> { return this.#leases.values() }

  /** True where waiting may bring more of a limit. */
  mayBring(lease: Lease, now: number): boolean {
    return !this.#down && !lease.isDry(now)
  }

  /** Resolves when the counter has answered, be it to others, or is taken to be away. */
  async more(lease: Lease, amount: number): Promise<void> {
    lease.needed += amount
    const answered = new Promise<void>(resolve => { this.#waiting.push(resolve) })
    this.replenish(lease)
    await answered
    lease.needed -= amount
  }

  /** Asks for more before it is needed; at the end of this turn of the loop, with whatever else is to be asked. */
  replenish(lease: Lease): void {
    this.#due.add(lease)
    if (this.#planned) return
    this.#planned = true
    queueMicrotask(() => {
      this.#planned = false
      this.#ask()
    })
  }

  /** Gives out of what this process holds; waits only where that is nothing, and the counter answers. */
  async take(asks: readonly Ask[]): Promise<readonly Grant[]> {
    const wanted = asks.map(ask => {
      const lease = this.lease(ask.key, ask)
      lease.giveBack(ask.back, ask.mark)
      lease.owe(ask.over)
      return lease
    })
    return Promise.all(wanted.map((lease, at) => this.#give(lease, asks[at]!.want)))
  }

  /** Gives everything back, and lets go of the counter. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    const asks = [...this.#leases.values()].flatMap(lease => {
      lease.letGo()
      return lease.asks(Infinity)
    }).filter(({ back, over }) => back + over > 0)
    this.#leases.clear()
    if (!this.#down && asks.length > 0) await this.#counter.take(asks).catch(() => {})
    await this.#counter.close()
  }

  /** An answer to others is no answer; one that comes after its patience is the last that is waited for. */
  async #give(lease: Lease, want: number): Promise<Grant> {
    let now = performance.now()
    const until = want === 0 ? now : now + this.#standing.patience
    while (now < until && lease.isEmpty(now) && this.mayBring(lease, now)) {
      await this.more(lease, want)
      now = performance.now()
    }
    const grant = lease.grant(want, now)
    if (lease.isLow) this.replenish(lease)
    return grant
  }

  #look(): void {
    const now = performance.now()
    for (const [key, lease] of this.#leases) {
      // A counter that is away has to be asked for something, or its return would not be noticed.
      if (lease.wants(now) || (this.#down && this.#due.size === 0)) this.#due.add(lease)
      else if (this.#leases.size > MANY && lease.isIdle(now)) this.#leases.delete(key)
    }
    if (this.#due.size > 0) this.#ask()
  }

  #ask(): void {
    const sentAt = performance.now()
    if (this.#asking || sentAt < this.#again) return this.#down ? this.#wake() : undefined
    const sent = [...this.#due].flatMap(lease => lease.asks(sentAt).map((ask): [Lease, Ask] => [lease, ask]))
      .filter(([, { want, back, over }]) => want + back + over > 0 || this.#down)
    this.#due.clear()
    if (sent.length === 0) return this.#wake()
    void this.#send(sent, sentAt)
  }

  async #send(sent: readonly [Lease, Ask][], sentAt: number): Promise<void> {
    this.#asking = true
    for (const [lease] of sent) lease.users++
    const late = setTimeout(() => this.#isAway(), this.#standing.patience)
    try {
      const grants = await this.#counter.take(sent.map(([, ask]) => ask))
      this.#down = false
      for (const [at, [lease, ask]] of sent.entries()) lease.taken(ask, grants[at]!, sentAt, performance.now())
    } catch (error) {
      for (const [lease, ask] of sent) lease.untold(error instanceof Unheard ? onceOnly(ask) : ask)
      this.#again = performance.now() + AGAIN
      this.#isAway()
    }
    clearTimeout(late)
    this.#asking = false
    for (const [lease] of sent) lease.users--
    this.#wake()
  }

  /** From here on nobody waits; what was asked is still taken in when it is answered. */
  #isAway(): void {
    if (!this.#down && this.#standing.lends) for (const lease of this.#leases.values()) lease.lend()
    this.#down = true
    this.#wake()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

/**
 * What may be told again of an ask that may have been heard. Used twice is safe; given back twice would free what others use.
 * What is held is told as a whole each time.
 */
const onceOnly = (ask: Ask): Ask => ask.window.kind === 'held' ? ask : { ...ask, back: 0 }

// Tries targets, one after another and again, until an answer has begun that the client can have. Called by reach.ts.
import { GatehouseError } from '../sdk/index.ts'
import { Asking, type Asked, type Others, type Trial, type Tried } from './asking.ts'
import type { Health } from './health.ts'
import { hedge, type Patient } from './hedge.ts'
import { Waiter } from './queue.ts'
import type { Reasons } from './reason.ts'
import type { Source } from './call.ts'

/** What the tries have in common. */
export interface Attempts<T> extends Asked<T>, Patient {
  /** Performance time after which nothing new is tried. */
  readonly deadline: number
  /** Who takes turns with others where targets have their fill. */
  readonly consumer: { readonly name: string }
  /** The target that is busy with it. */
  occupied: Health | undefined
  /** Why the request must end, where it must. */
  readonly cancelled: GatehouseError | undefined
}

/** How often to try, and how long to wait. */
export interface Patience {
  /** Tries in all; 0 for one of each target. */
  readonly attempts: number
  /** Milliseconds before the second round; twice as many before each further one, and less by chance, so that clients who failed together do not come back together. */
  readonly backoff: number
  readonly reasons: Reasons
  /** Milliseconds after which a second target is asked as well; Infinity for never. */
  readonly hedge: number
}

/** The longest wait between two rounds, in milliseconds: beyond it a client had better hear of it. */
const LONGEST_WAIT = 10_000

/**
 * The first good answer, its head and first piece there. The next target is tried where one fails, or answers what the
 * route counts as a reason (Patience.reasons); every other status is an answer like any. Targets that are left alone are
 * passed over; for those that have their fill it waits in their queues. What the last try gives, an error status too, is
 * the answer. Rejects with what the last try met, or `unavailable` where nobody could be asked.
 */
export function attempt<T extends Tried>(
  exchange: Attempts<T>, targets: readonly T[], trial: Trial<T>, patience: Patience,
): Promise<Source> {
  return new Tries(exchange, targets, trial, patience).answer()
}

/** The tries of one request. */
class Tries<T extends Tried> implements Others {
  readonly #exchange: Attempts<T>
  readonly #targets: readonly T[]
  readonly #trial: Trial<T>
  readonly #patience: Patience
  readonly #most: number
  /** Those that were asked in this round. */
  #asked: T[] = []
  #round = 0
  /** Performance time until which it waits for a place; 0 before it does. */
  #waitsUntil = 0
  tried = 0

  constructor(exchange: Attempts<T>, targets: readonly T[], trial: Trial<T>, patience: Patience) {
    this.#exchange = exchange
    this.#targets = targets
    this.#trial = trial
    this.#patience = patience
    this.#most = patience.attempts === 0 ? Infinity : patience.attempts
  }

  get reasons(): Reasons { return this.#patience.reasons }

  get mayTry(): boolean {
    const { deadline, cancelled } = this.#exchange
    return this.tried < this.#most && performance.now() < deadline && cancelled === undefined
  }

  get goesOn(): boolean {
    return this.mayTry && (this.#next() !== undefined || this.#full(performance.now()).length > 0 || this.#untilNextRound() < Infinity)
  }

  async answer(): Promise<Source> {
    for (;;) {
      const target = this.#enter() ?? await this.#enterLater()
      if (this.#exchange.cancelled !== undefined) {
        target?.health.leave()
        throw this.#exchange.cancelled
      }
      const answered = target === undefined ? await this.#nextRound() : await this.#ask(target)
      if (answered !== undefined) return this.#take(answered)
      if (this.#exchange.cancelled !== undefined) throw this.#exchange.cancelled
    }
  }

  #take(asking: Asking<T>): Source {
    const exchange = this.#exchange
    const { target } = asking
    if (exchange.cancelled !== undefined) {
      asking.cancel(exchange.cancelled)
      target.health.leave()
      throw exchange.cancelled
    }
    exchange.target = target
    exchange.call = asking
    exchange.occupied = target.health
    this.#trial.taken?.(target)
    return asking.source!
  }

  /** Whoever is next in this round. How a target is may change while another is tried. */
  #next(): T | undefined {
    const now = performance.now()
    return this.#targets.find(target => !this.#asked.includes(target) && restOf(target, now) === 0)
  }

  /** The next target, and a place there. */
  #enter(): T | undefined {
    const target = this.#next()
    target?.health.enter()
    return target
  }

  #asking(target: T): Asking<T> {
    this.#asked.push(target)
    return new Asking(target, this.#exchange, this.#trial, this)
  }

  #ask(target: T): Promise<Asking<T> | undefined> {
    const asking = this.#asking(target)
    this.#exchange.call = asking
    const { hedge: after } = this.#patience
    return after === Infinity ? asking.ask() : hedge(this.#exchange, asking, after, () => this.#another())
  }

  #another(): Asking<T> | undefined {
    const target = this.mayTry ? this.#enter() : undefined
    return target === undefined ? undefined : this.#asking(target)
  }

  /** Those of this round that would have to be waited for. Nobody waits longer than one queue has it. */
  #full(now: number): readonly T[] {
    if (this.#waitsUntil !== 0 && now >= this.#waitsUntil) return []
    return this.#targets.filter(target => target.health.queue !== undefined && !this.#asked.includes(target)
      && target.health.isFullAt(now) && target.keys.restAt(now) === 0)
  }

  /** The target that has a place first, and that place; undefined where there is none to be had. */
  async #enterLater(): Promise<T | undefined> {
    const now = performance.now()
    const full = this.#full(now)
    const waiter = new Waiter<Health>(this.#exchange.consumer.name, () => this.#exchange.wake())
    for (const { health } of full) health.queue!.enter(waiter)
    if (waiter.queues.size === 0) return undefined
    this.#waitsUntil ||= now + Math.max(...full.map(waitOf))
    await this.#exchange.pause(this.#waitsUntil - now)
    waiter.leave()
    return full.find(({ health }) => health === waiter.granted) ?? this.#enter()
  }

  async #nextRound(): Promise<undefined> {
    const wait = this.#untilNextRound()
    if (wait === Infinity) throw unavailable(this.#targets)
    await this.#exchange.pause(wait)
    if (this.#asked.length > 0) this.#round++
    this.#asked = []
  }

  /**
   * Milliseconds until some target may be asked again, and no sooner than patience has it. Infinity where that is too late.
   * What becomes of a trial is soon known.
   */
  #untilNextRound(): number {
    if (this.#most === Infinity) return Infinity
    const now = performance.now()
    const soonest = Math.min(...this.#targets.map(target => target.health.isOnTrial ? 0 : restOf(target, now)))
    const wait = Math.max(soonest, this.#patience.backoff * 2 ** this.#round * (0.5 + Math.random() / 2))
    return wait <= LONGEST_WAIT && now + wait < this.#exchange.deadline ? wait : Infinity
  }
}

const restOf = ({ health, keys }: Tried, now: number): number => Math.max(health.restAt(now), keys.restAt(now))
const waitOf = ({ health: { queue } }: Tried): number => queue?.rule.wait ?? 0

/** Where nobody knows when there is a place, whoever waits for one now is gone after the time of the queue. */
function unavailable(targets: readonly Tried[]): GatehouseError {
  const now = performance.now()
  const rest = Math.min(...targets.map(target => restOf(target, now)))
  const wait = Number.isFinite(rest) ? rest : Math.max(...targets.map(waitOf))
  return new GatehouseError('unavailable', 'Every target of this route is busy, or is left alone after it failed.',
    { retryAfter: Math.max(1, Math.ceil(wait / 1000)) })
}

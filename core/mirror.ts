// Sends copies of a route's requests to a second target and drops its answers: to see what a model would do with the real
// thing. Nobody waits for it, and what goes wrong there is counted and nothing else. Made by gateway.ts; called by reach.ts.
import { GatehouseError, type MirrorNumbers } from '../sdk/index.ts'
import { Alarm, type Alarms } from './alarm.ts'
import type { Call } from './call.ts'
import type { Target } from './router.ts'
import { open, type UpstreamRequest } from './upstream.ts'

/** Copies under way at once, in one worker: a mirror that is slower than the traffic gets a part of it. */
const MOST = 64

/** Bounds of one copy. */
export interface MirrorLimits {
  /** Bytes of its answer. */
  readonly answer: number
  /** Milliseconds for all of it. */
  readonly total: number
}

/** The mirror of one route. */
export class Mirror<T extends Target = Target> {
  readonly route: string
  readonly target: T
  /** The share of requests that is copied, from 0 to 1: as a rule, the weight of its target. */
  readonly #share: number
  readonly limits: MirrorLimits
  readonly #calls = new Set<Call>()
  readonly #counts = new Map<string, { readonly status: number; readonly error: string; count: number }>()

  constructor(route: string, target: T, limits: MirrorLimits, share: number = target.weight) {
    this.route = route
    this.target = target
    this.#share = share
    this.limits = limits
  }

  /** Sends a copy, where the lot falls on it and there is room. Never throws. */
  send(copy: (target: Target) => UpstreamRequest, alarms: Alarms): void {
    if (Math.random() >= this.#share) return
    const key = this.#calls.size < MOST ? this.target.keys.take(performance.now()) : undefined
    if (key === undefined) return this.#count(0, 'unavailable')
    try {
      const target = { ...this.target, connection: key.connection }
      const call = open(target, copy(target), alarms)
      this.#calls.add(call)
      void this.#watch(call, alarms)
    } catch (error) {
      this.#count(0, GatehouseError.from(error).code)
    }
  }

  /** What became of the copies so far. */
  get numbers(): MirrorNumbers[] {
    return [...this.#counts.values()].map(one => ({ route: this.route, provider: this.target.name, ...one }))
  }

  /** Ends what is under way. */
  end(): void {
    for (const call of this.#calls) call.cancel(new GatehouseError('draining', 'The gateway is stopping.'))
  }

  async #watch(call: Call, alarms: Alarms): Promise<void> {
    const alarm = new Alarm(alarms, call, late)
    alarm.set(this.limits.total)
    let error = ''
    try {
      await readAway(call, this.limits.answer)
    } catch (thrown) {
      error = GatehouseError.from(thrown).code
    }
    alarm.clear()
    this.#calls.delete(call)
    this.#count(call.status, error)
  }

  #count(status: number, error: string): void {
    const key = `${status} ${error}`
    const known = this.#counts.get(key)
    if (known === undefined) this.#counts.set(key, { status, error, count: 1 })
    else known.count++
  }
}

/** Reads an answer to its end and keeps nothing of it. Throws `upstream_invalid` where it is longer than `limit` bytes. */
async function readAway(call: Call, limit: number): Promise<void> {
  await call.begun
  let size = 0
  for (let piece = await call.next(); piece !== null; piece = await call.next()) {
    size += piece.length
    if (size > limit) call.cancel(new GatehouseError('upstream_invalid', `Expected an answer of at most ${limit} bytes from the mirror.`))
  }
}

function late(call: Call): void {
  call.cancel(new GatehouseError('deadline', 'The mirror did not answer within the time of its route.'))
}

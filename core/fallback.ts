// Tries targets, one after another and again, until an answer has begun that the client can have. Called by reach.ts.
import { GatehouseError, type AttemptRecord } from '../sdk/index.ts'
import type { Health } from './health.ts'
import { collect, type Call, type Source } from './upstream.ts'

/** What the tries have in common. */
export interface Attempts {
  /** The model that the client named; a target may name another. */
  readonly model: string
  /** Performance time after which nothing new is tried. */
  readonly deadline: number
  /** Where each try is written down. */
  readonly attempts: AttemptRecord[]
  /** The target that is busy with it, or was the last to be. */
  occupied: Health | undefined
  /** Why the request must end, where it must. */
  readonly cancelled: GatehouseError | undefined
  /** Waits so many milliseconds, or until the request is cancelled. */
  pause(ms: number): Promise<void>
}

/** A target as far as trying it goes. */
export interface Tried {
  readonly name: string
  readonly model: string | undefined
  readonly health: Health
}

/** How a target is tried. */
export interface Trial<T> {
  send(target: T): Call
  /** What came, as the client is to have it; its status may turn out to be another one. */
  receive(target: T, call: Call): Source | Promise<Source>
}

/** How often to try, and how long to wait before all targets are tried once more. */
export interface Patience {
  /** Tries in all; 0 for one of each target. */
  readonly attempts: number
  /** Milliseconds before the second round; twice as many before each further one, and less by chance, so that clients who failed together do not come back together. */
  readonly backoff: number
}

/** What is worth keeping of a connection whose answer nobody wants: bytes to read, and milliseconds to wait for them. */
const REST = { bytes: 64 * 1024, ms: 1000 }
/** The longest wait between two rounds, in milliseconds: beyond it a client had better hear of it. */
const LONGEST_WAIT = 10_000

/**
 * The first good answer, its head and first piece there. The next target is tried where one could not be reached, did
 * not answer in time, broke off before its first byte, or answered 408, 429 or 5xx; every other status is an answer like
 * any. Targets that are left alone are passed over. What the last try gives, an error status too, is the answer. Rejects
 * with what the last try met, or `unavailable` where nobody could be asked.
 */
export async function attempt<T extends Tried>(
  exchange: Attempts, targets: readonly T[], trial: Trial<T>, { attempts, backoff }: Patience = { attempts: 0, backoff: 0 },
): Promise<Source> {
  const most = attempts === 0 ? targets.length : attempts
  let tried = 0
  for (let round = 0; ; round++) {
    const ready = targets.filter(({ health }) => health.restAt(performance.now()) === 0)
    for (const [index, target] of ready.entries()) {
      tried++
      /** Milliseconds until there is something else to try; Infinity where there is nothing. */
      const untilNext = (): number => {
        if (tried >= most) return Infinity
        if (index < ready.length - 1) return performance.now() < exchange.deadline ? 0 : Infinity
        return waitFor(targets, exchange, backoff, round)
      }
      const done = await tryOne(exchange, target, trial, untilNext)
      if (typeof done !== 'number') return done
      if (done > 0) await exchange.pause(done)
      if (exchange.cancelled !== undefined) throw exchange.cancelled
    }
    if (ready.length > 0) continue
    const wait = attempts === 0 || tried >= most ? Infinity : waitFor(targets, exchange, backoff, round)
    if (wait === Infinity) throw unavailable(targets)
    await exchange.pause(wait)
    if (exchange.cancelled !== undefined) throw exchange.cancelled
  }
}

/** The answer, or the milliseconds to wait before what is tried next. */
async function tryOne<T extends Tried>(exchange: Attempts, target: T, trial: Trial<T>, untilNext: () => number): Promise<Source | number> {
  const { health } = target
  const began = performance.now()
  const record = { provider: target.name, model: target.model ?? exchange.model, status: 0, error: '', ms: 0 }
  exchange.attempts.push(record)
  let latest: Source | undefined
  health.begin()
  exchange.occupied = health
  try {
    const call = trial.send(target)
    latest = call
    await call.begun
    let next = isFailure(call.status) ? fail(call) : 0
    if (next === Infinity || !isFailure(call.status)) {
      const receiving = trial.receive(target, call)
      latest = receiving instanceof Promise ? await receiving : receiving
      if (!isFailure(call.status) && isFailure(latest.status)) next = fail(latest)
    }
    if (!isFailure(latest.status)) {
      health.succeed(performance.now() - began, performance.now())
      return latest
    }
    record.error = 'upstream_error'
    if (next === Infinity) return latest
    leave()
    discard(call)
    return next
  } catch (thrown) {
    const error = GatehouseError.from(thrown)
    record.error = error.code
    const next = error.code.startsWith('upstream_') ? fail(undefined) : Infinity
    if (next === Infinity) {
      health.forget()
      throw error
    }
    leave()
    return next
  } finally {
    record.status = latest?.status ?? 0
    record.ms = performance.now() - began
  }

  function leave(): void {
    health.leave()
    exchange.occupied = undefined
  }

  function fail(source: Source | undefined): number {
    health.fail(performance.now(), restAsked(source))
    return untilNext()
  }
}

/** Milliseconds until the next round: until some target may be asked, and no sooner than patience has it. Infinity where that is too late. */
function waitFor(targets: readonly Tried[], { deadline }: Attempts, backoff: number, round: number): number {
  const now = performance.now()
  const soonest = Math.min(...targets.map(({ health }) => health.restAt(now)))
  const wait = Math.max(soonest, backoff * 2 ** round * (0.5 + Math.random() / 2))
  return wait <= LONGEST_WAIT && now + wait < deadline ? wait : Infinity
}

function unavailable(targets: readonly Tried[]): GatehouseError {
  const now = performance.now()
  const rest = Math.min(...targets.map(({ health }) => health.restAt(now)))
  const retryAfter = Number.isFinite(rest) ? Math.max(1, Math.ceil(rest / 1000)) : 1
  return new GatehouseError('unavailable', 'Every target of this route is busy, or is left alone after it failed.', { retryAfter })
}

/** What a target asks for in its headers: seconds, or a date (RFC 9110 section 10.2.3). In milliseconds. */
function restAsked(source: Source | undefined): number {
  const after = String(source?.headers['retry-after'] ?? '')
  if (/^\d{1,6}(?:\.\d+)?$/.test(after)) return Number(after) * 1000
  const date = Date.parse(after)
  return Number.isNaN(date) ? 0 : Math.max(0, date - Date.now())
}

function isFailure(status: number): boolean {
  return status >= 500 || status === 429 || status === 408
}

/** Reads the rest of an answer, so that its connection can serve again; one that is long or slow is cut instead. */
function discard(call: Call): void {
  const unwanted = new GatehouseError('upstream_error', 'The answer was given up for that of another target.')
  const timer = setTimeout(() => call.cancel(unwanted), REST.ms)
  collect(call, REST.bytes).catch(() => {}).finally(() => clearTimeout(timer))
}

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
  /** Those that were tried in this round. */
  let asked: T[] = []
  let round = 0
  let tried = 0
  /** Whoever is next in this round. How a target is may change while another is tried. */
  const next = (): T | undefined => targets.find(target => !asked.includes(target) && target.health.restAt(performance.now()) === 0)
  const untilNextRound = (): number => attempts === 0 ? Infinity : waitFor(targets, exchange, backoff * 2 ** round)
  const goesOn = (): boolean =>
    tried < most && ((next() !== undefined && performance.now() < exchange.deadline) || untilNextRound() < Infinity)
  for (;;) {
    const target = next()
    if (target === undefined) {
      const wait = untilNextRound()
      if (wait === Infinity) throw unavailable(targets)
      await exchange.pause(wait)
      if (asked.length > 0) round++
      asked = []
    } else {
      tried++
      asked.push(target)
      const answer = await tryOne(exchange, target, trial, goesOn)
      if (answer !== undefined) return answer
    }
    if (exchange.cancelled !== undefined) throw exchange.cancelled
  }
}

/** The answer; undefined where there was none, and something else can be tried. */
async function tryOne<T extends Tried>(exchange: Attempts, target: T, trial: Trial<T>, goesOn: () => boolean): Promise<Source | undefined> {
  const { health } = target
  const began = performance.now()
  const record = { provider: target.name, model: target.model ?? exchange.model, status: 0, error: '', ms: 0 }
  exchange.attempts.push(record)
  let latest: Source | undefined
  const isTrial = health.begin()
  exchange.occupied = health
  try {
    const call = trial.send(target)
    latest = call
    await call.begun
    let isLast = isFailure(call.status) && fail(call)
    if (isLast || !isFailure(call.status)) {
      const receiving = trial.receive(target, call)
      latest = receiving instanceof Promise ? await receiving : receiving
      if (!isFailure(call.status) && isFailure(latest.status)) isLast = fail(latest)
    }
    if (!isFailure(latest.status)) {
      health.succeed(performance.now() - began, performance.now())
      return latest
    }
    if (isLast) return latest
    leave()
    discard(call)
    return undefined
  } catch (thrown) {
    const error = GatehouseError.from(thrown)
    const isOurs = !error.code.startsWith('upstream_')
    if (isOurs) health.forget(isTrial)
    // What one target's dialect cannot say, another's may.
    const isLast = isOurs ? error.code !== 'untranslatable' || !goesOn() : fail(undefined)
    record.error = error.code
    if (isLast) throw error
    leave()
    return undefined
  } finally {
    record.status = latest?.status ?? 0
    record.ms = performance.now() - began
  }

  function leave(): void {
    health.leave()
    exchange.occupied = undefined
  }

  /** True where nothing else can be tried. */
  function fail(source: Source | undefined): boolean {
    // An error status whose body breaks off is one failure.
    if (record.error === '') health.fail(performance.now(), isTrial, restAsked(source))
    record.error = 'upstream_error'
    return !goesOn()
  }
}

/**
 * Milliseconds until the next round: until some target may be asked, and no sooner than patience has it. Infinity where
 * that is too late. What becomes of a trial is soon known.
 */
function waitFor(targets: readonly Tried[], { deadline }: Attempts, patience: number): number {
  const now = performance.now()
  const soonest = Math.min(...targets.map(({ health }) => health.isOnTrial ? 0 : health.restAt(now)))
  const wait = Math.max(soonest, patience * (0.5 + Math.random() / 2))
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

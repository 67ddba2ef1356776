// Tries one target after another until an answer has begun that the client can have. Called by reach.ts.
import { GatehouseError, type AttemptRecord } from '../sdk/index.ts'
import { collect, type Call, type Source } from './upstream.ts'

/** What the tries have in common. */
export interface Attempts {
  /** The model that the client named; a target may name another. */
  readonly model: string
  /** Performance time after which nothing new is tried. */
  readonly deadline: number
  /** Where each try is written down. */
  readonly attempts: AttemptRecord[]
}

/** What is worth keeping of a connection whose answer nobody wants: bytes to read, and milliseconds to wait for them. */
const REST = { bytes: 64 * 1024, ms: 1000 }

/** How a target is tried. */
export interface Trial<T> {
  send(target: T): Call
  /** What came, as the client is to have it; its status may turn out to be another one. */
  receive(target: T, call: Call): Source | Promise<Source>
}

/**
 * The first good answer, its head and first piece there. The next target is tried where one could not be reached, did
 * not answer in time, broke off before its first byte, or answered 408, 429 or 5xx; every other status is an answer like
 * any. What the last target gives, an error status too, is the answer. Rejects with what the last trial met.
 */
export async function attempt<T extends { readonly name: string; readonly model: string | undefined }>(
  exchange: Attempts, targets: readonly T[], trial: Trial<T>,
): Promise<Source> {
  for (const [index, target] of targets.entries()) {
    const began = performance.now()
    const record = { provider: target.name, model: target.model ?? exchange.model, status: 0, error: '', ms: 0 }
    exchange.attempts.push(record)
    const mayGoOn = (): boolean => index < targets.length - 1 && performance.now() < exchange.deadline
    let latest: Source | undefined
    try {
      const call = trial.send(target)
      latest = call
      await call.begun
      const last = !mayGoOn()
      if (last || !isFailure(call.status)) {
        const receiving = trial.receive(target, call)
        latest = receiving instanceof Promise ? await receiving : receiving
      }
      if (!isFailure(latest.status)) return latest
      record.error = 'upstream_error'
      if (last) return latest
      discard(call)
    } catch (thrown) {
      const error = GatehouseError.from(thrown)
      record.error = error.code
      if (!error.code.startsWith('upstream_') || !mayGoOn()) throw error
    } finally {
      record.status = latest?.status ?? 0
      record.ms = performance.now() - began
    }
  }
  throw new GatehouseError('internal', 'Expected a route with a target, got one without.')
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

// An open load: requests leave at their times, whether the ones before were answered or not, as from many clients who know
// nothing of each other. Called by bench/places.ts.
import { setTimeout as wait } from 'node:timers/promises'
import { Pool } from 'undici'
import type { Load } from '../server.ts'

/** What became of a request: refused at once for want of room, given up after its time, or failed in any other way. */
export type Ending = 'ok' | 'refused' | 'late' | 'failed'

/** One request. */
export interface Outcome {
  readonly ending: Ending
  /** Milliseconds from when it left to the last byte of its answer. */
  readonly ms: number
}

/** How long a client waits before it calls a request failed. */
const PATIENCE = 15_000

/** Sends `rate` requests a second, for some seconds, to an origin; resolves once all have ended. */
export async function pace(load: Load, origin: string, rate: number, seconds: number, signal: AbortSignal): Promise<Outcome[]> {
  const pool = new Pool(origin, { connections: null, headersTimeout: PATIENCE, bodyTimeout: PATIENCE })
  const outcomes: Promise<Outcome>[] = []
  const began = performance.now()
  for (let sent = 0; sent < rate * seconds; sent++) {
    const early = began + (sent * 1000) / rate - performance.now()
    if (early > 0) await wait(early, undefined, { signal })
    outcomes.push(send(load, pool, signal))
  }
  const ended = await Promise.all(outcomes)
  await pool.close()
  return ended
}

async function send({ path, headers, body }: Load, pool: Pool, signal: AbortSignal): Promise<Outcome> {
  const began = performance.now()
  try {
    const answer = await pool.request({ path, method: 'POST', headers, body, signal })
    const text = await answer.body.text()
    return { ending: endingOf(answer.statusCode, text), ms: performance.now() - began }
  } catch {
    return { ending: 'failed', ms: performance.now() - began }
  }
}

/** Reads an answer: the gateway names in its error why a step did not run. */
export function endingOf(status: number, text: string): Ending {
  if (status === 200) return 'ok'
  if (text.includes('"step_overload"')) return 'refused'
  return text.includes('"step_timeout"') ? 'late' : 'failed'
}

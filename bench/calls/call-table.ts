// What calls cost as a table, beside the bound that a sandbox should keep. Pure. Called by bench/calls.ts.
import { markdown } from '../markdown.ts'

/** Many calls of one processor. */
export interface Calls {
  readonly place: 'inline' | 'pool' | 'sandbox'
  readonly inFlight: number
  readonly calls: number
  /** Milliseconds that all of them took. */
  readonly ms: number
  /** Microseconds on a core, of the thread of the loop. */
  readonly loop: number
  /** Microseconds on a core, of the whole process: the loop, V8's own threads, and where there is a pool its threads. */
  readonly worker: number
}

/** Microseconds of the worker's CPU that a call into a sandbox may cost with so many in flight. */
const BOUND = { inFlight: 64, us: 60 } as const

const HEAD = ['place', 'in flight', 'per second', 'wait µs', 'loop CPU µs', 'worker CPU µs', 'bound']

/** A Markdown table. The wait is the mean time from a call to its result, and the CPU is per call. */
export function callTable(rows: readonly Calls[]): string {
  return markdown(HEAD, rows.map(({ place, inFlight, calls, ms, loop, worker }) => [
    place, `${inFlight}`, (calls / ms * 1000).toFixed(0), (inFlight * ms * 1000 / calls).toFixed(1),
    (loop / calls).toFixed(2), (worker / calls).toFixed(2),
    place === 'sandbox' && inFlight === BOUND.inFlight ? `${worker / calls < BOUND.us ? 'kept' : 'missed'}: ${BOUND.us}` : '',
  ]))
}

// The record of one request: what the access log, the metrics and the explain answer are made of. Filled in on the way
// through the house; it never holds a value, a prompt or a credential.
import type { Price } from './price.ts'
import type { Action, Direction, Exchange } from './processor.ts'
import type { Usage } from './usage.ts'

/** What became of a step in one direction. `skipped` and `error` are not verdicts: they never count as passed. */
export type Outcome = 'pass' | 'annotate' | 'edit' | 'respond' | 'block' | 'skipped' | 'error'

/** One finding, without its value. */
export interface FindingRecord {
  readonly type: string
  readonly score: number
  /** What the step's policy says to do; in shadow, what would have been done. */
  readonly action: Action
  /** JSON pointer of the text; where it is read as JSON or comes in a stream, of the whole of it. */
  readonly path: string
  /** Offset in the text as the step read it, and length, in UTF-16 code units. */
  readonly start: number
  readonly length: number
  /** A short hash of the value, keyed by the gateway's secret and the consumer: equal values of one consumer are equal here. */
  readonly hash: string
}

/** How a stream was held back. */
export interface StreamRecord {
  readonly delivery: 'live' | 'holdback' | 'window' | 'complete'
  /** The most characters that waited at once, and the longest time that some did, in milliseconds. */
  heldChars: number
  heldMs: number
  /** Characters of text that the client was sent. */
  released: number
}

/** One step, one direction. */
export interface StepRecord {
  readonly step: string
  readonly version: string
  readonly direction: Direction
  readonly mode: 'enforce' | 'shadow'
  readonly ran: 'inline' | 'pool' | 'sandbox'
  /** In shadow, the outcome that would have been. */
  outcome: Outcome
  /** Why it was skipped, which error it was, or which policy let the traffic pass. */
  reason: string
  /** Milliseconds of its own time, summed over the pieces of a stream. */
  ms: number
  /** UTF-16 code units handed over, and those that the step does not read. */
  scanned: number
  skipped: number
  /** Findings by type. */
  readonly findings: Record<string, number>
  /** The first hundred findings one by one; undefined where nobody asked for them (`plugins: [explain]`). */
  readonly details: FindingRecord[] | undefined
}

/** One try at a target. */
export interface AttemptRecord {
  readonly provider: string
  readonly model: string
  /** 0 where no answer came. */
  status: number
  /**
   * Empty where it went well; else an error code of the table, or why the answer was given up for another try: `key` (that key
   * was refused or throttled), `context`, `filter`, `status`, or `hedged` (another target answered sooner).
   */
  error: string
  ms: number
}

/** What a request cost: how its price was found, and where (`Price`). */
export interface Cost {
  /** US dollars; 0 where the price is not `exact`. */
  readonly dollars: number
  readonly price: Price['status']
  readonly version: string
}

/** One finished request. */
export interface AccessRecord {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly epoch: number
  readonly dialect: string
  readonly route: string
  readonly consumer: string
  readonly provider: string
  readonly model: string
  readonly status: number
  readonly streamed: boolean
  readonly ending: Exchange['ending']
  /** Error code of the table where the gateway itself refused or failed, else empty. */
  readonly error: string
  /** Milliseconds from the last byte of the request's head to the last byte of the answer. */
  readonly ms: number
  /** Milliseconds to the first byte of the answer; -1 where none left. */
  readonly firstByteMs: number
  readonly usage: Usage | undefined
  /** Undefined where the usage is not known, the call is free, or nothing in the config goes by prices. */
  readonly cost: Cost | undefined
  readonly attempts: readonly AttemptRecord[]
  readonly steps: readonly StepRecord[]
  /** Strings that no map covers, in UTF-16 code units; -1 where no step looked. */
  readonly uncovered: number
  /** Undefined for an answer that was not a stream under guard. */
  readonly stream: StreamRecord | undefined
}

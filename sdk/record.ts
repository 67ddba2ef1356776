// The record of one request: what the access log, the metrics and the explain answer are made of. Written by
// core/explain.ts; it never holds a value, a prompt or a credential.
import type { Direction, Exchange, Notes } from './processor.ts'
import type { Usage } from './usage.ts'

/** What became of a step in one direction. `skipped` and `error` are not verdicts: they never count as passed. */
export type Outcome = 'pass' | 'annotate' | 'edit' | 'respond' | 'block' | 'skipped' | 'error'

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
}

/** One try at a target. */
export interface AttemptRecord {
  readonly provider: string
  readonly model: string
  /** 0 where no answer came. */
  status: number
  /** Empty where it went well, else an error code of the table. */
  error: string
  ms: number
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
  readonly cost: Notes['cost']
  readonly attempts: readonly AttemptRecord[]
  readonly steps: readonly StepRecord[]
  /** Strings that no map covers, in UTF-16 code units; -1 where no step looked. */
  readonly uncovered: number
}

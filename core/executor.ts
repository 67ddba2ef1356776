// Where a processor's code runs. One verb, so that a step is none the wiser; members live in core/executor/.
import type { LoopClock } from './advice.ts'

/** What a processor's instance may be asked for; see sdk/processor.ts. */
export const METHODS = ['inspect', 'undecided', 'transform', 'take', 'keep', 'respond', 'learn', 'forget', 'observe'] as const

/** Runs the methods of one processor instance. */
export interface Executor {
  readonly name: 'inline' | 'pool' | 'sandbox'
  /** Counts how long calls hold the loop; only where they run on it. */
  readonly clock?: LoopClock
  /**
   * Calls a method with plain data. The result is what the method gave, unchecked. Rejects or throws with what the
   * method threw, with StepTimeout after `timeout` milliseconds, or with StepOverload where it could not be begun.
   */
  call(method: string, args: readonly unknown[], timeout: number): unknown
}

/** Thrown where a call did not finish in its time. */
export class StepTimeout extends Error {}

/** Thrown where there was no room to run a call, or no hope to finish it in its time. */
export class StepOverload extends Error {}

/** Thrown where a processor is left alone for a while, since it brought down what it ran in again and again. */
export class StepQuarantined extends Error {}

/** Thrown where a step is left alone since it failed again and again. */
export class StepResting extends Error {
  /** Milliseconds until it may be asked; Infinity while one call tries it. */
  readonly rest: number

  constructor(rest: number) {
    super()
    this.rest = rest
  }
}

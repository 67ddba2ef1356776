// Where a processor's code runs. One verb, so that a step is none the wiser; members live in core/executor/.

/** Runs the methods of one processor instance. */
export interface Executor {
  readonly name: 'inline' | 'pool' | 'sandbox'
  /**
   * Calls a method with plain data. The result is what the method gave, unchecked. Rejects or throws with what the
   * method threw, or with StepTimeout after `timeout` milliseconds.
   */
  call(method: string, args: readonly unknown[], timeout: number): unknown
}

/** Thrown where a call did not finish in its time. */
export class StepTimeout extends Error {}

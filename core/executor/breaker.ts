// Leaves a step alone that failed again and again, and tries after a while whether it is back: the breaker of a target
// (health.ts), around whatever runs the step. Made by chain-compiler.ts for the steps that have one.
import type { LoopClock } from '../advice.ts'
import { StepOverload, StepQuarantined, StepResting, StepTimeout, type Executor } from '../executor.ts'
import { Health } from '../health.ts'

/** When to leave a step alone. Times are in milliseconds. */
export interface BreakerRule {
  readonly failures: number
  readonly pause: number
  /** What one of its calls may take. */
  readonly timeout: number
}

/** Who hears of it. */
export interface BreakerListener {
  /** With what was thrown last. */
  opened(error: unknown): void
  closed(): void
}

/** What requests wait for. The others have no failure policy that a breaker could spare them. */
const WAITED_FOR: ReadonlySet<string> = new Set(['inspect', 'transform', 'respond'])

/** Calls another executor for as long as that is well. */
export class BreakerExecutor implements Executor {
  readonly name: Executor['name']
  readonly clock?: LoopClock
  readonly #inner: Executor
  readonly #health: Health
  readonly #timeout: number
  readonly #listener: BreakerListener

  constructor(inner: Executor, { timeout, ...rule }: BreakerRule, listener: BreakerListener) {
    this.name = inner.name
    if (inner.clock !== undefined) this.clock = inner.clock
    this.#inner = inner
    this.#health = new Health({ ...rule, concurrency: Infinity })
    this.#timeout = timeout
    this.#listener = listener
  }

  /** As `Executor.call`; throws StepResting where the step is left alone. What it answers is not judged here. */
  call(method: string, args: readonly unknown[], timeout: number): unknown {
    if (!WAITED_FOR.has(method)) return this.#inner.call(method, args, timeout)
    const began = performance.now()
    const rest = this.#health.restAt(began)
    if (rest > 0) throw new StepResting(rest)
    const isTrial = this.#health.begin()
    try {
      const result = this.#inner.call(method, args, timeout)
      if (result instanceof Promise) return this.#follow(result, began, timeout, isTrial)
      this.#succeeded(began)
      return result
    } catch (error) {
      this.#failed(error, timeout, isTrial)
      throw error
    }
  }

  async #follow(result: Promise<unknown>, began: number, timeout: number, isTrial: boolean): Promise<unknown> {
    try {
      const value = await result
      this.#succeeded(began)
      return value
    } catch (error) {
      this.#failed(error, timeout, isTrial)
      throw error
    }
  }

  #succeeded(began: number): void {
    const now = performance.now()
    const wasOpen = this.#health.isOpen
    this.#health.succeed(now - began, now)
    if (wasOpen) this.#listener.closed()
  }

  /** What was never begun tells nothing; nor does a call with little time, or a caller in haste could open it for all. */
  #failed(error: unknown, timeout: number, isTrial: boolean): void {
    const tellsNothing = error instanceof StepOverload || error instanceof StepQuarantined
      || (error instanceof StepTimeout && timeout < this.#timeout / 2)
    if (tellsNothing) return this.#health.forget(isTrial)
    this.#health.fail(performance.now(), isTrial)
    if (this.#health.isOpen) this.#listener.opened(error)
  }
}

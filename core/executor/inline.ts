// Runs a processor on the I/O loop itself: the right place for what takes microseconds. A synchronous method stays
// synchronous, so a chain of them costs no promise at all.
import { LoopClock } from '../advice.ts'
import { StepTimeout, type Executor } from '../executor.ts'

/** Calls straight into the instance. A method that never yields cannot be stopped from here: that is what pools are for. */
export class InlineExecutor implements Executor {
  readonly name = 'inline'
  readonly clock = new LoopClock()
  readonly #instance: Readonly<Record<string, unknown>>

  constructor(instance: object) {
    this.#instance = instance as Readonly<Record<string, unknown>>
  }

  call(method: string, args: readonly unknown[], timeout: number): unknown {
    const run = this.#instance[method]
    if (typeof run !== 'function') throw new TypeError(`expected a method ${method}`)
    const result: unknown = Reflect.apply(run, this.#instance, args)
    return result instanceof Promise ? within(result, timeout) : result
  }
}

function within<T>(result: Promise<T>, timeout: number): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new StepTimeout()), timeout)
    result.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

// One isolate with one processor in it: its memory limit, its time limit, and the little that crosses its border, which is
// text and nothing else. Used by program.ts, inside a sandbox host; never loaded by a worker.
import ivm from 'isolated-vm'
import { EXPORTS, LONGEST_RESULT, MOST_FINDINGS } from './limits.ts'
import { realm } from './realm.ts'

/** Milliseconds by which V8's own stop may come late. A promise that is never settled is given up after them. */
const SLACK = 20
/** Milliseconds that a run has to stop once its isolate is disposed of. One that does not has taken its thread for good. */
const GRACE = 500

/** Thrown where a run did not end in its time. The isolate is gone. */
export class Late extends Error {}

/** Thrown where an isolate went wrong in a way that its process should not outlive. */
export class Fatal extends Error {}

/** An isolate and the verbs of its realm. */
export class Isolate {
  readonly #isolate: ivm.Isolate
  #setup: ivm.Reference | undefined
  #call: ivm.Reference | undefined
  #calls: ivm.Reference | undefined
  #onCatastrophe: (() => void) | undefined

  /** @param memory Megabytes; isolated-vm takes no fewer than 8. */
  constructor(memory: number) {
    this.#isolate = new ivm.Isolate({ memoryLimit: memory, onCatastrophicError: () => this.#onCatastrophe?.() })
  }

  /** Runs a bundle and gives the definition that it exports, as JSON or as `!` and a sentence. */
  async load(code: string, ms: number): Promise<string> {
    const context = await this.#isolate.createContext()
    const build = `return (${realm})(${LONGEST_RESULT}, ${MOST_FINDINGS})`
    const verbs: ivm.Reference = await context.evalClosure(build, [], { result: { reference: true } })
    const names = ['load', 'setup', 'call', 'calls']
    const [load, setup, call, calls] = await Promise.all(names.map(name => verbs.get(name, { reference: true })))
    this.#setup = setup
    this.#call = call
    this.#calls = calls
    const run = context.eval(`${code}\n;''`, { timeout: ms, filename: 'processor' })
    const problem = await this.#within(ms, run.catch((error: unknown) => this.#explain(error)))
    return problem === '' ? this.#run(load, [EXPORTS], ms) : problem
  }

  /** See `Realm.setup`. */
  setup(options: string, ms: number): Promise<string> {
    return this.#run(this.#setup, [options], ms)
  }

  /** See `Realm.call`. */
  call(method: string, args: string, ms: number): Promise<string> {
    return this.#run(this.#call, [method, args], ms)
  }

  /** See `Realm.calls`. */
  calls(lines: string, ms: number): Promise<string> {
    return this.#run(this.#calls, [lines], ms)
  }

  /** Stops what runs and gives the memory back. */
  dispose(): void {
    if (!this.#isolate.isDisposed) this.#isolate.dispose()
  }

  #run(verb: ivm.Reference | undefined, args: string[], ms: number): Promise<string> {
    const timeout = Math.max(1, Math.ceil(ms))
    const run = verb!.apply(undefined, args, { timeout, result: { promise: true } })
    return this.#within(timeout, run.catch((error: unknown) => this.#explain(error)))
  }

  /** What a rejection of isolated-vm means. Its own words are matched, since it has no codes. */
  #explain(error: unknown): string {
    const { message } = error as Error
    if (message.includes('timed out') || message.includes('abandoned')) throw new Late()
    if (this.#isolate.isDisposed) throw message.includes('memory limit') ? new Fatal('out of memory') : new Late()
    if (message.includes('call stack')) return '!RangeError'
    return `!${message}`
  }

  /** The answer of a run, or Late, or Fatal where it cannot be stopped or V8 has lost the isolate. */
  #within(ms: number, run: Promise<unknown>): Promise<string> {
    return new Promise((resolve, reject) => {
      let stuck: NodeJS.Timeout | undefined
      const late = setTimeout(() => {
        this.dispose()
        stuck = setTimeout(() => reject(new Fatal('did not stop')), GRACE)
      }, ms + SLACK)
      this.#onCatastrophe = () => reject(new Fatal('catastrophic error'))
      const clear = (): void => {
        clearTimeout(late)
        clearTimeout(stuck)
      }
      void run.finally(clear).then(answer => resolve(answer as string), reject)
    })
  }
}

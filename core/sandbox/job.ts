// Something that a worker wants of its hosts: a call, or a processor to be opened or described. It outlives the host that it
// was asked of, since it can be asked again. Used by hosts.ts.
import { StepTimeout } from '../executor.ts'

/** What a job asks for. */
type Order = Pick<Job, 'verb' | 'id' | 'key' | 'payload'> & { readonly method?: string }

/** Turns a host's answer into `succeed` or `fail`. */
export type Finish = (job: Job, outcome: string, body: string) => void

/** One job, and the promise of its result. */
export class Job {
  readonly verb: 'call' | 'open' | 'describe'
  /** The id by which the processor is known to the listener and to the strikes. */
  readonly id: string
  /** Which processor it is, among all that hosts were ever told of. */
  readonly key: number
  /** JSON, or the arguments of a call. */
  readonly payload: string
  /** Its result, as the JSON that a host gave; empty for `undefined`. */
  readonly result: Promise<string>
  /** True where a host was killed from outside while it had this in hand. */
  wasHit = false
  /** Called once its time is over while a host has it in hand. */
  onLate: () => void = () => {}
  /** Called once no host has it in hand any more, or ever will. */
  onDone: () => void = () => {}
  readonly #due: number
  readonly #method: string
  readonly #finish: Finish
  readonly #timer: NodeJS.Timeout
  readonly #resolve: (result: string) => void
  readonly #reject: (error: Error) => void
  #settled = false

  constructor(what: Order, timeout: number, finish: Finish) {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    this.verb = what.verb
    this.id = what.id
    this.key = what.key
    this.payload = what.payload
    this.result = promise
    this.#method = what.method ?? ''
    this.#due = performance.now() + timeout
    this.#finish = finish
    this.#resolve = resolve
    this.#reject = reject
    this.#timer = setTimeout(() => {
      this.fail(new StepTimeout())
      this.onLate()
    }, timeout)
  }

  /** True where nobody waits for it any more. */
  get settled(): boolean { return this.#settled }

  /** The order without its verb and id; see host.ts. */
  get order(): string {
    if (this.verb !== 'call') return `${this.key} ${this.payload}`
    return `${this.key} ${this.#method} ${Math.ceil(this.#due - performance.now())} ${this.payload}`
  }

  /** Takes the last answer that it will get from a host. */
  end(outcome: string, body: string): void {
    this.onDone()
    if (!this.#settled) this.#finish(this, outcome, body)
  }

  succeed(result: string): void {
    this.#settle()
    this.#resolve(result)
  }

  fail(error: Error): void {
    this.#settle()
    this.#reject(error)
  }

  #settle(): void {
    this.#settled = true
    clearTimeout(this.#timer)
  }
}

// A provider without a vendor: it answers from the request itself, whole or streamed, and misbehaves when it is told to.
// What the quickstart shows, and what tests and the bench lean on. Loaded by name from core/registry.ts.
import { defineProvider, type Connection } from 'gatehouse/sdk'
import { Dispatcher, errors } from 'undici'
import { answerTo } from './echo/answer.ts'
import { Delivery } from './echo/delivery.ts'
import { Instructions } from './echo/instructions.ts'

export default defineProvider({
  name: 'echo',

  options: Instructions,

  connect({ options }): Connection {
    return {
      origin: 'http://echo.invalid',
      dialects: ['openai-chat', 'openai-completions', 'openai-embeddings', 'openai-moderations', 'openai-raw'],
      streamUsage: true,
      path: path => path,
      headers: [],
      dispatcher: new EchoDispatcher(options),
    }
  },
})

/** Takes requests as a pool of connections does. */
class EchoDispatcher extends Dispatcher {
  readonly #standing: Instructions
  readonly #running = new Set<Delivery>()
  /** Requests told to fail that went well. */
  #spared = 0
  #closed = false
  readonly #whenIdle: (() => void)[] = []

  constructor(standing: Instructions) {
    super()
    this.#standing = standing
  }

  override dispatch({ path, body, headersTimeout }: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    // What is not JSON in one piece (an upload) is for none of the paths that are served.
    const text = typeof body === 'string' || Buffer.isBuffer(body) ? body.toString() : ''
    const delivery = new Delivery(handler, answerTo(path, text, this.#standing, this.#fails), this.#over)
    this.#running.add(delivery)
    if (this.#closed) delivery.abort(new errors.ClientClosedError())
    else delivery.start(headersTimeout ?? 0)
    return true
  }

  override close(): Promise<void>
  override close(callback: () => void): void
  override close(callback?: () => void): Promise<void> | void {
    if (callback === undefined) return new Promise(resolve => { this.close(resolve) })
    this.#closed = true
    if (this.#running.size === 0) queueMicrotask(callback)
    else this.#whenIdle.push(callback)
  }

  override destroy(error?: Error | null): Promise<void>
  override destroy(callback: () => void): void
  override destroy(error: Error | null, callback: () => void): void
  override destroy(error?: Error | null | (() => void), callback?: () => void): Promise<void> | void {
    if (typeof error === 'function') return this.destroy(null, error)
    for (const delivery of this.#running) delivery.abort(error ?? new errors.ClientDestroyedError())
    return callback === undefined ? this.close() : this.close(callback)
  }

  readonly #fails = (after: number): boolean => this.#spared++ >= after

  readonly #over = (delivery: Delivery): void => {
    this.#running.delete(delivery)
    if (this.#running.size > 0) return
    for (const callback of this.#whenIdle.splice(0)) callback()
  }
}

// Delivers one answer of the echo provider as an undici connection would: paused, resumed and aborted by its handler,
// with exactly one end. Made by echo.ts for each request.
import { errors, type Dispatcher } from 'undici'
import type { Answer } from './answer.ts'

/** An answer on its way. */
export class Delivery implements Dispatcher.DispatchController {
  aborted = false
  paused = false
  reason: Error | null = null
  readonly #handler: Dispatcher.DispatchHandler
  readonly #answer: Answer
  /** Called once, when it is over. */
  readonly #over: (delivery: Delivery) => void
  #timer: NodeJS.Timeout | undefined
  #ended = false
  /** The next piece is due, and waits for `resume`. */
  #due = false

  constructor(handler: Dispatcher.DispatchHandler, answer: Answer, over: (delivery: Delivery) => void) {
    this.#handler = handler
    this.#answer = answer
    this.#over = over
  }

  /** `headersTimeout` in milliseconds; 0 waits for ever. */
  start(headersTimeout: number): void {
    try {
      this.#handler.onRequestStart?.(this, null)
    } catch (error) {
      return this.abort(error as Error)
    }
    const { slow } = this.#answer
    if (headersTimeout > 0 && slow > headersTimeout) {
      this.#timer = setTimeout(() => this.abort(new errors.HeadersTimeoutError()), headersTimeout)
    } else if (slow > 0) {
      this.#timer = setTimeout(this.#head, slow)
    } else {
      queueMicrotask(this.#head)
    }
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
    if (!this.#due) return
    this.#due = false
    this.#play()
  }

  abort(reason: Error): void {
    if (this.#ended) return
    this.aborted = true
    this.reason = reason
    this.#end()
    this.#handler.onResponseError?.(this, reason)
  }

  readonly #head = (): void => {
    if (this.#ended) return
    this.#handler.onResponseStart?.(this, this.#answer.status, { 'content-type': this.#answer.type })
    this.#play()
  }

  readonly #play = (): void => {
    while (!this.#ended) {
      if (this.paused) {
        this.#due = true
        return
      }
      const { done, value } = this.#answer.pieces.next()
      if (done === true) return this.#complete()
      if (value === 'stall') return
      if (value === 'cut') return this.abort(new errors.SocketError('other side closed'))
      this.#handler.onResponseData?.(this, value)
      if (this.#answer.pace > 0 && !this.#ended) {
        this.#timer = setTimeout(this.#play, this.#answer.pace)
        return
      }
    }
  }

  #complete(): void {
    this.#end()
    this.#handler.onResponseEnd?.(this, {})
  }

  #end(): void {
    this.#ended = true
    clearTimeout(this.#timer)
    this.#over(this)
  }
}

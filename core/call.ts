// An answer under way: it comes at the reader's own pace, and has exactly one outcome. Begun by upstream.ts; read by reach.ts
// and fallback.ts, then by answer.ts and stream.ts.
import type { Dispatcher } from 'undici'
import { GatehouseError, type Failure } from '../sdk/index.ts'
import type { Timeouts } from '../config/config.ts'
import { Alarm, type Alarms } from './alarm.ts'
import { upstreamError } from './upstream-error.ts'

/** Something that an answer can be read from: a call, or words of the gateway's own. */
export interface Source {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** What kind of failure it tells of, where somebody has looked. */
  readonly failure?: Failure | undefined
  /**
   * The next piece of the body, empty while what came cannot be given yet; null at its clean end. Rejects with a
   * GatehouseError. One at a time.
   */
  next(): Buffer | null | Promise<Buffer | null>
  /** Ends it early: every later `next` rejects with the reason, or with what had gone wrong before. */
  cancel(reason: GatehouseError): void
}

/** Bytes that may wait for a slow reader before the upstream is told to stop. */
const WINDOW = 256 * 1024
/** What a waiting piece counts beyond its bytes: so a rain of tiny pieces is bounded as well. */
const PIECE = 512

/** Types of answers that come event by event: server-sent events, JSON lines, Amazon's messages. */
const STREAMS = /^(?:text\/event-stream|application\/(?:x-ndjson|vnd\.amazon\.eventstream))/i

/** What each timeout waits for. */
const EXPECTED = { headers: 'an answer', firstEvent: 'an event', idle: 'more of the answer' } as const

/**
 * A call under way. It is its own undici handler, so nothing is allocated for one but the call and a promise, and
 * nothing for a piece of an answer that is waited for but a promise.
 */
export class Call implements Source, Dispatcher.DispatchHandler {
  status = 0
  headers: Source['headers'] = {}
  /**
   * Resolves with the call itself when status, headers and the first piece of the body (or its clean end) are there; of
   * an error status without waiting for its body. Rejects with a GatehouseError.
   */
  readonly begun: Promise<this>
  readonly #begun = Promise.withResolvers<this>()
  readonly #timeouts: Timeouts
  #controller: Dispatcher.DispatchController | undefined
  /** Undefined while it runs; null for a clean end. */
  #outcome: GatehouseError | null | undefined
  #readToEnd = false
  readonly #queue: Buffer[] = []
  #waiting = 0
  #reader: PromiseWithResolvers<Buffer | null> | undefined
  readonly #silence: Alarm<Call>
  /** The timeout that runs. */
  #awaited: keyof typeof EXPECTED = 'headers'
  #beginsWithBody = false

  constructor(timeouts: Timeouts, alarms: Alarms) {
    this.#timeouts = timeouts
    this.#silence = new Alarm<Call>(alarms, this, Call.#tooLong)
    this.begun = this.#begun.promise
  }

  /** The piece that `next` will give, where it is there already. */
  peek(): Buffer | undefined { return this.#queue[0] }

  next(): Buffer | null | Promise<Buffer | null> {
    const chunk = this.#queue.shift()
    if (chunk !== undefined) {
      this.#waiting -= chunk.length + PIECE
      if (this.#queue.length === 0 && this.#outcome === undefined && this.#controller!.paused) this.#resume()
      return chunk
    }
    if (this.#outcome === null) {
      this.#readToEnd = true
      return null
    }
    if (this.#outcome !== undefined) return Promise.reject(this.#outcome)
    this.#reader = Promise.withResolvers()
    return this.#reader.promise
  }

  cancel(reason: GatehouseError): void {
    this.#queue.length = 0
    if (this.#outcome === undefined) this.#abort(reason)
    else if (!this.#readToEnd) this.#outcome ??= reason
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Cancelled before it had a connection. Throwing here leaves the connection as it is; aborting would close it.
    if (this.#outcome instanceof GatehouseError) throw this.#outcome
    this.#controller = controller
    this.#silence.set(this.#timeouts.headers)
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Source['headers']): void {
    // 1xx: the head is still to come.
    if (status < 200) return
    this.status = status
    this.headers = headers
    const streams = STREAMS.test(String(headers['content-type']))
    this.#awaited = streams ? 'firstEvent' : 'idle'
    this.#silence.set(this.#timeouts[this.#awaited])
    this.#beginsWithBody = status < 400
    if (!this.#beginsWithBody) this.#begun.resolve(this)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#awaited = 'idle'
    this.#silence.set(this.#timeouts.idle)
    if (this.#beginsWithBody) this.#begin()
    if (this.#reader !== undefined) return this.#answer(chunk)
    this.#queue.push(chunk)
    this.#waiting += chunk.length + PIECE
    if (this.#waiting > WINDOW) controller.pause()
  }

  onResponseEnd(): void {
    this.#silence.clear()
    this.#outcome = null
    if (this.#beginsWithBody) this.#begin()
    this.#readToEnd = this.#reader !== undefined
    if (this.#readToEnd) this.#answer(null)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(upstreamError(error, this.#controller !== undefined))
  }

  static #tooLong(call: Call): void {
    // While the reader lets the upstream wait, no silence is the upstream's fault.
    if (call.#controller!.paused) return call.#silence.set(call.#timeouts.idle)
    const awaited = call.#awaited
    call.#abort(new GatehouseError('upstream_timeout', `Expected ${EXPECTED[awaited]} within timeouts.${awaited}, nothing came from the upstream.`))
  }

  #begin(): void {
    this.#beginsWithBody = false
    this.#begun.resolve(this)
  }

  #abort(reason: GatehouseError): void {
    this.#fail(reason)
    this.#controller?.abort(reason)
  }

  #fail(reason: GatehouseError): void {
    if (this.#outcome !== undefined) return
    this.#silence.clear()
    this.#outcome = reason
    // Whoever cancels a call may never look at it again.
    this.begun.catch(ignore)
    this.#begun.reject(reason)
    this.#reader?.reject(reason)
  }

  #answer(chunk: Buffer | null): void {
    this.#reader!.resolve(chunk)
    this.#reader = undefined
  }

  #resume(): void {
    this.#silence.set(this.#timeouts.idle)
    this.#controller!.resume()
  }
}

/**
 * The whole of an answer, at once where all of it is there. Throws `upstream_invalid`, or rejects with it, where it is longer
 * than `limit` bytes, and ends the source then.
 */
export function collect(source: Source, limit: number): Buffer | Promise<Buffer> {
  const whole = new Whole(source, limit)
  for (;;) {
    const next = source.next()
    if (next instanceof Promise) return collectLater(source, whole, next)
    if (next === null) return whole.bytes
    whole.add(next)
  }
}

async function collectLater(source: Source, whole: Whole, waiting: Promise<Buffer | null>): Promise<Buffer> {
  let chunk = await waiting
  while (chunk !== null) {
    whole.add(chunk)
    const next = source.next()
    chunk = next instanceof Promise ? await next : next
  }
  return whole.bytes
}

const NOTHING: Buffer = Buffer.alloc(0)

/** What was collected so far. */
class Whole {
  readonly #source: Source
  readonly #limit: number
  #bytes = NOTHING
  #size = 0

  constructor(source: Source, limit: number) {
    this.#source = source
    this.#limit = limit
  }

  get bytes(): Buffer { return this.#bytes.subarray(0, this.#size) }

  add(chunk: Buffer): void {
    const size = this.#size + chunk.length
    if (size > this.#limit) {
      const problem = `Expected an answer of at most ${this.#limit} bytes from the upstream, got a longer one.`
      const error = new GatehouseError('upstream_invalid', problem)
      this.#source.cancel(error)
      throw error
    }
    if (this.#size === 0) {
      // Most answers are one piece, and then nothing is copied.
      this.#bytes = chunk
    } else {
      if (size > this.#bytes.length) this.#bytes = roomier(this.#bytes, this.#size, 2 * size)
      chunk.copy(this.#bytes, this.#size)
    }
    this.#size = size
  }
}

/** Reads an answer that nobody wants, so that its connection can serve again. Never rejects. */
export async function discard(source: Source, limit: number): Promise<void> {
  try {
    await collect(source, limit)
  } catch {
    // It is unwanted, and so is what was wrong with it.
  }
}

function ignore(): void {}

function roomier(bytes: Buffer, size: number, room: number): Buffer {
  const grown = Buffer.allocUnsafe(room)
  bytes.copy(grown, 0, 0, size)
  return grown
}

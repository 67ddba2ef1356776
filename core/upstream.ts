// One call to one target: bytes out, an answer back at the reader's own pace, and exactly one outcome. Called
// by reach.ts through fallback.ts; read by answer.ts and stream.ts.
import { PassThrough, type Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { GatehouseError, type Connection } from '../sdk/index.ts'
import type { Timeouts } from '../config/config.ts'
import { Alarm, type Alarms } from './alarm.ts'
import { upstreamError } from './upstream-error.ts'

/** Something that an answer can be read from: a call, or words of the gateway's own. */
export interface Source {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The next piece of the body; null at its clean end. Rejects with a GatehouseError. One at a time. */
  next(): Buffer | null | Promise<Buffer | null>
  /** Ends it early: every later `next` rejects with the reason, or with what had gone wrong before. */
  cancel(reason: GatehouseError): void
}

/** What goes to the upstream. `headers` are name, value, name, value; those that sign the call are added here. */
export interface UpstreamRequest {
  readonly path: string
  readonly method: string
  readonly headers: readonly string[]
  /** A stream can be sent once only. */
  readonly body: Buffer | Readable | null
}

/** Where a call goes, and how long it may take. */
export interface Wire {
  readonly connection: Connection
  readonly dispatcher: Dispatcher
  readonly timeouts: Timeouts
}

/** Bytes that may wait for a slow reader before the upstream is told to stop. */
const WINDOW = 256 * 1024
/** What a waiting piece counts beyond its bytes: so a rain of tiny pieces is bounded as well. */
const PIECE = 512

/** Types of answers that come event by event: server-sent events, JSON lines, Amazon's messages. */
const STREAMS = /^(?:text\/event-stream|application\/(?:x-ndjson|vnd\.amazon\.eventstream))/i

/** What each timeout waits for. */
const EXPECTED = { headers: 'an answer', firstEvent: 'an event', idle: 'more of the answer' } as const

/** Sends a request. Nothing is thrown: whatever goes wrong comes out of the call. */
export function open(wire: Wire, request: UpstreamRequest, alarms: Alarms): Call {
  const call = new Call(wire.timeouts, alarms)
  const { connection } = wire
  if (connection.sign === undefined) {
    dispatch(call, wire, request, NOTHING)
    return call
  }
  try {
    const signing = connection.sign({ ...request, body: Buffer.isBuffer(request.body) ? request.body : undefined })
    if (signing instanceof Promise) signing.then(headers => dispatch(call, wire, request, headers), () => call.cancel(unsigned()))
    else dispatch(call, wire, request, signing)
  } catch {
    call.cancel(unsigned())
  }
  return call
}

const NOTHING: readonly string[] = []

/** What signing says of its failure may name accounts and hosts. */
const unsigned = (): GatehouseError => new GatehouseError('upstream_refused', 'There is no valid credential for the upstream just now.')

function dispatch(call: Call, { connection, dispatcher }: Wire, request: UpstreamRequest, signed: readonly string[]): void {
  dispatcher.dispatch({
    origin: connection.origin,
    path: request.path,
    method: request.method,
    headers: [...request.headers, ...missing(connection.defaults ?? NOTHING, request.headers), ...connection.headers, ...signed],
    body: request.body === null || Buffer.isBuffer(request.body) ? request.body : detached(request.body),
    // The call waits by itself: undici's own waits are up to a second late, and know nothing of a stream's first event.
    headersTimeout: 0,
    bodyTimeout: 0,
  }, call)
}

/** The headers of a list whose names another list does not have. */
function missing(defaults: readonly string[], headers: readonly string[]): readonly string[] {
  if (defaults.length === 0) return defaults
  return defaults.filter((_, index) => !headers.includes(defaults[index - index % 2]!))
}

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
    // Whoever cancels a call may never look at it again.
    this.begun.catch(ignore)
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

  #fail(error: GatehouseError): void {
    if (this.#outcome !== undefined) return
    this.#silence.clear()
    this.#outcome = error
    this.#begun.reject(error)
    this.#reader?.reject(error)
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

/** The whole of an answer. Throws `upstream_invalid` where it is longer than `limit` bytes, and ends the source then. */
export async function collect(source: Source, limit: number): Promise<Buffer> {
  let bytes: Buffer = Buffer.alloc(0)
  let size = 0
  for (;;) {
    const next = source.next()
    const chunk = next instanceof Promise ? await next : next
    if (chunk === null) return bytes.subarray(0, size)
    if (size + chunk.length > limit) {
      const problem = `Expected an answer of at most ${limit} bytes from the upstream, got a longer one.`
      const error = new GatehouseError('upstream_invalid', problem)
      source.cancel(error)
      throw error
    }
    if (size === 0) {
      // Most answers are one piece, and then nothing is copied.
      bytes = chunk
    } else {
      if (size + chunk.length > bytes.length) bytes = roomier(bytes, size, 2 * (size + chunk.length))
      chunk.copy(bytes, size)
    }
    size += chunk.length
  }
}

function ignore(): void {}

function roomier(bytes: Buffer, size: number, room: number): Buffer {
  const grown = Buffer.allocUnsafe(room)
  bytes.copy(grown, 0, 0, size)
  return grown
}

/** A copy of an upload to hand to undici, which destroys what it is given: the client still has to get a reply. */
function detached(upload: Readable): Readable {
  const copy = new PassThrough()
  const left = (): void => {
    if (upload.readableEnded) return
    copy.destroy(new GatehouseError('client_closed', 'The client left before its request was complete.'))
  }
  copy.on('error', ignore)
  upload.on('error', left).on('close', left)
  return upload.pipe(copy)
}

// Sends one request to one target: signs it, and hands it to the connections. What comes of it is in call.ts. Called by
// reach.ts.
import { PassThrough, type Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { GatehouseError, type Connection } from '../sdk/index.ts'
import type { Timeouts } from '../config/config.ts'
import type { Alarms } from './alarm.ts'
import { Call } from './call.ts'

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

/** A copy of an upload to hand to undici, which destroys what it is given: the client still has to get a reply. */
function detached(upload: Readable): Readable {
  const copy = new PassThrough()
  const left = (): void => {
    if (upload.readableEnded) return
    copy.destroy(new GatehouseError('client_closed', 'The client left before its request was complete.'))
  }
  copy.on('error', () => {})
  upload.on('error', left).on('close', left)
  return upload.pipe(copy)
}

// Takes a request in the place of a connection, writes it down and sends nothing. Made by rehearsal.ts, one for a target.
import { buffer } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { Dispatcher, errors } from 'undici'

/** A request as it would have left. */
export interface UnsentRequest {
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** As UTF-8. */
  readonly body: string
}

/** To every caller, an upstream that cannot be reached: so whoever asks goes on to the next. */
export class Unsent extends Dispatcher {
  /** The first request; a retry would only be the same again. */
  taken: UnsentRequest | undefined

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const { origin, path, method, headers, body } = options
    const take = (bytes: Buffer): void => {
      this.taken ??= { method, url: `${String(origin)}${path}`, headers: pairs(headers), body: bytes.toString() }
      handler.onResponseError?.(NO_CONNECTION, new errors.ConnectTimeoutError())
    }
    if (body instanceof Readable) void buffer(body).catch(() => Buffer.alloc(0)).then(take)
    else queueMicrotask(() => take(Buffer.isBuffer(body) ? body : Buffer.alloc(0)))
    return true
  }
}

const NO_CONNECTION: Dispatcher.DispatchController = {
  aborted: false, paused: false, reason: null, abort() {}, pause() {}, resume() {},
}

/** The house writes headers as name, value, name, value. */
function pairs(headers: Dispatcher.DispatchOptions['headers']): [string, string][] {
  const list = headers as readonly string[]
  return list.flatMap((name, index) => index % 2 === 0 ? [[name, list[index + 1]!] satisfies [string, string]] : [])
}

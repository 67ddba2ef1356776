// Calls to the provider that answers by itself, over its own dispatcher. Used by its tests.
import { Alarms } from '../../../../core/alarm.ts'
import type { Call } from '../../../../core/call.ts'
import { open } from '../../../../core/upstream.ts'
import echo from '../../../../plugins/provider/echo.ts'
import type { Connection } from '../../../../sdk/index.ts'

export const CHAT = '/chat/completions'

type Options = Parameters<typeof echo.connect>[0]['options']

/** The provider with these options. */
export const connect = (options: Options = {}): Connection => echo.connect({ key: '', url: undefined, options })
export const alarms = new Alarms()
/** Milliseconds. */
export const TIMEOUTS = { connect: 100, headers: 5000, firstEvent: 5000, idle: 5000, total: 10_000, chain: 10_000, heartbeat: 10_000 }

/** A POST of a body to a path. */
export function call(path: string, body: object | string, connection = connect(), timeouts: Partial<typeof TIMEOUTS> = {}): Call {
  const sent = { path, method: 'POST', headers: [], body: Buffer.from(JSON.stringify(body)) }
  return open({ connection, dispatcher: connection.dispatcher!, timeouts: { ...TIMEOUTS, ...timeouts } }, sent, alarms)
}

/** A request for a chat completion: a user's text, and instructions for the provider. */
export const asking = (content: string, told = '', more: object = {}): object =>
  ({ model: 'any-model', messages: [{ role: 'user', content }], ...(told === '' ? {} : { metadata: { echo: told } }), ...more })
/** The same for a stream. */
export const streaming = (content: string, told = '', more: object = {}): object => asking(content, told, { stream: true, ...more })

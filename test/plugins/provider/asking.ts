// Calls over a provider's connection to a server of the test's own. Used by the tests of providers.
import type { IncomingHttpHeaders } from 'node:http'
import { text as read } from 'node:stream/consumers'
import { open } from '../../../core/upstream.ts'
import type { Connection } from '../../../sdk/index.ts'
import { serve, text, TIMEOUTS, upstreams } from '../../core/calling.ts'

/** A request as it came over the wire. */
export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Posts a body to a path of the API as the gateway would; gives what the other side got. */
export async function ask(
  connect: (url: string) => Connection,
  path: string,
  { model = 'm', headers = [], body = '{"a":1}' }: { model?: string; headers?: readonly string[]; body?: string } = {},
): Promise<Received> {
  const port = await serve(async (request, response) => {
    const { method, url, headers: got } = request
    response.end(JSON.stringify({ method, path: url, headers: got, body: await read(request) }))
  })
  const connection = connect(`http://127.0.0.1:${port}`)
  const dispatcher = upstreams.dispatcher(connection, { connections: 1, connect: 1000 })
  const all = ['content-type', 'application/json', ...headers]
  const request = { method: 'POST', path: connection.path(path, model), headers: all, body: Buffer.from(body) }
  return JSON.parse(await text(open({ connection, dispatcher, timeouts: TIMEOUTS }, request, upstreams.alarms))) as Received
}

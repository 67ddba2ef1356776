// Calls to servers of the test's own, over real sockets. Used by the tests of call.ts, upstream.ts and upstreams.ts.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSocketServer, type AddressInfo, type Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { after } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { collect, type Call } from '../../core/call.ts'
import { open, type UpstreamRequest } from '../../core/upstream.ts'
import { Upstreams } from '../../core/upstreams.ts'
import type { Timeouts } from '../../config/config.ts'
import { GatehouseError, type Connection } from '../../sdk/index.ts'

const unhandled: unknown[] = []
process.on('unhandledRejection', reason => { unhandled.push(reason) })

/** Milliseconds. */
export const TIMEOUTS: Timeouts = { connect: 1000, headers: 900, firstEvent: 900, idle: 900, total: 10_000, chain: 10_000, heartbeat: 10_000 }

/** A way to a port of this machine, with a key that must never be told. */
export const connectionTo = (port: number, scheme = 'http'): Connection => ({
  origin: `${scheme}://127.0.0.1:${port}`,
  dialects: [],
  streamUsage: true,
  path: path => path,
  headers: ['authorization', 'Bearer secret-key'],
})

export const GET: UpstreamRequest = { path: '/', method: 'GET', headers: [], body: null }

/** Ended with the tests of the file that imports it; then nobody may have left a promise rejected. */
export const upstreams = new Upstreams()
const servers: { close(): unknown }[] = []
after(async () => {
  await upstreams.destroy()
  for (const server of servers) server.close()
  // A rejection that nobody took is reported in a later turn of the loop.
  await wait(10)
  assert.deepEqual(unhandled, [])
})

/** Starts a server, and ends it with the tests. */
export async function portOf(server: Server | ReturnType<typeof createSocketServer>): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  servers.push(server)
  return (server.address() as AddressInfo).port
}

export const serve = (handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> =>
  portOf(createServer(handle))

/** A server that says `bytes` to whoever sends it anything. */
export const say = (bytes: string, then: (socket: Socket) => void = () => {}): Promise<number> =>
  portOf(createSocketServer(socket => {
    socket.on('error', () => {}).once('data', () => socket.write(bytes, () => then(socket)))
  }))

/** A call to a port. */
export function call(port: number, timeouts: Partial<Timeouts> = {}, body: Buffer | Readable | null = Buffer.from('{}')): Call {
  const connection = connectionTo(port)
  const dispatcher = upstreams.dispatcher(connection, { connections: 4, connect: timeouts.connect ?? TIMEOUTS.connect })
  const request = { path: '/v1/secret-path', method: 'POST', headers: ['x-asked', 'yes'], body }
  return open({ connection, dispatcher, timeouts: { ...TIMEOUTS, ...timeouts } }, request, upstreams.alarms)
}

/** Fails as expected, in a sentence that tells nothing of the upstream. */
export async function fails(promise: Promise<unknown> | Buffer | null, code: string): Promise<void> {
  await assert.rejects(async () => promise, (error: unknown) => {
    assert.ok(error instanceof GatehouseError)
    assert.equal(error.code, code, error.message)
    assert.doesNotMatch(error.message, /127\.0\.0\.1|secret|localhost/)
    return true
  })
}

/** The whole answer. */
export const text = async (answer: Call): Promise<string> => (await collect(answer, 1 << 20)).toString()

// The data plane's door: Fastify with its limits and ids, the api and auth plugins, and errors turned into replies. One
// per worker. Called by worker.ts.
import { randomBytes } from 'node:crypto'
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import type { Socket } from 'node:net'
import { GatehouseError, type AccessRecord, type ErrorCode, type PluginDefinition } from '../sdk/index.ts'
import type { PluginConfig } from '../config/config.ts'
import { accessLog } from './access-log.ts'
import type { Gateway } from './gateway.ts'
import { House } from './house.ts'
import type { Logger } from './logger.ts'
import { dialectNames, loadDialect, loadPlugin } from './registry.ts'

/** A data plane that can listen. */
export interface Server {
  readonly app: FastifyInstance
  readonly inFlight: number
  /** Resolves with the port. */
  listen(address: { host: string; port: number; reusePort: boolean }): Promise<number>
  /** Serves new requests with another gateway; running ones keep theirs. */
  swap(gateway: Gateway): void
  ask(topic: string, question: unknown): unknown
  /** Called with every finished request. */
  settled(listener: (record: AccessRecord) => void): void
  /** Stops accepting, lets running requests finish, and after so many milliseconds ends the rest with an error. */
  drain(ms: number): Promise<void>
}

/** Builds the data plane. What it takes from the config here is fixed until the process starts anew. */
export async function openServer(gateway: Gateway, log: Logger): Promise<Server> {
  const { limits, apis, auth, plugins } = gateway.config
  // All of them, since they are small and shared by every request.
  const dialects = new Map(await Promise.all(dialectNames().map(async name => [name, await loadDialect(name)] as const)))
  const house = new House(gateway, dialects, log)
  const app = Fastify({
    logger: false,
    genReqId: requestIds(),
    bodyLimit: limits.body,
    requestTimeout: limits.bodyTime,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    http: { maxHeaderSize: limits.headers, headersTimeout: limits.headTime, connectionsCheckingInterval: CHECK_INTERVAL },
    clientErrorHandler: (error, socket) => refuseBytes(error, socket),
  })
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const { dialect } = request.routeOptions.config as { dialect?: string }
    house.refuse(reply, fromFastify(error), dialect ?? FALLBACK_DIALECT)
  })
  app.setNotFoundHandler((request, reply) => {
    house.refuse(reply, new GatehouseError('unknown_path', `Expected a path that this gateway serves; ${request.method} of this one is not among them.`), FALLBACK_DIALECT)
  })
  if (gateway.config.log.access) house.settled(accessLog(log))
  await register(app, house, await loadPlugin(auth, 'auth'), {})
  for (const api of apis) await register(app, house, await loadPlugin(api, 'api'), {})
  for (const { use, options } of plugins as readonly PluginConfig[]) await register(app, house, await loadPlugin(use), options)
  await app.ready()

  return {
    app,
    get inFlight() { return house.inFlight },
    async listen(address) {
      await app.listen(address)
      const bound = app.server.address()
      return typeof bound === 'object' && bound !== null ? bound.port : address.port
    },
    swap: next => house.swap(next),
    ask: (topic, question) => house.ask(topic, question),
    settled: listener => house.settled(listener),
    async drain(ms) {
      const late = setTimeout(() => house.cancelAll(new GatehouseError('draining', 'The gateway is stopping and this request ran longer than it waits.')), ms)
      // Node closes the connections that are idle now; one whose request ends a moment later would be kept alive for ever.
      const idle = setInterval(() => app.server.closeIdleConnections(), IDLE_LOOK)
      await app.close()
      clearTimeout(late)
      clearInterval(idle)
      await house.gateway.close()
    },
  }
}

/** Milliseconds between looks for connections that send too slowly. */
const CHECK_INTERVAL = 1000
/** Milliseconds between looks for connections that have become idle while the house drains. */
const IDLE_LOOK = 50
/** For what comes before a route is known. */
const FALLBACK_DIALECT = 'openai-raw'

async function register(app: FastifyInstance, house: House, plugin: PluginDefinition, options: Readonly<Record<string, unknown>>): Promise<void> {
  if (plugin.data === undefined) return
  // fastify-plugin keeps hooks and decorators visible to what is registered after it: auth guards every api.
  await app.register(fastifyPlugin(async scope => { await plugin.data!(scope, house, options) }, { name: plugin.name, fastify: '5.x' }))
}

/** Ids that are unique over processes and restarts and cost one concatenation each. */
function requestIds(): () => string {
  const prefix = `gh-${randomBytes(6).toString('base64url')}-`
  let count = 0
  return () => prefix + (count++).toString(36)
}

/** Fastify's own errors in the words of the house. */
const CODES: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['body_too_large', 'The body is larger than this gateway accepts.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalid_body', 'Expected as many bytes as content-length says.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['invalid_body', 'Expected a content type that this path takes.'],
  FST_ERR_BAD_URL: ['unknown_path', 'Expected a path that can be decoded.'],
}

function fromFastify(error: FastifyError): GatehouseError {
  if (error instanceof GatehouseError) return error
  const known = CODES[error.code]
  if (known !== undefined) return new GatehouseError(known[0], known[1])
  return error.statusCode !== undefined && error.statusCode < 500
    ? new GatehouseError('invalid_body', 'The request could not be read.', { cause: error })
    : GatehouseError.from(error)
}

/** Answers bytes that never became a request: too large a head, too slow a client, or no HTTP at all. */
function refuseBytes(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const known: Readonly<Record<string, readonly [string, ErrorCode, string]>> = {
    HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'headers_too_large', 'The headers are larger than this gateway accepts.'],
    ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'request_timeout', 'The request did not arrive in time.'],
  }
  const [status, code, message] = known[error.code ?? ''] ?? ['400 Bad Request', 'invalid_body', 'Expected an HTTP/1.1 request.']
  const body = JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code } })
  socket.end(`HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`)
}

// The control plane: the Fastify of the admin port, in the supervisor. Health, metrics and the admin API are plugins on
// it. Opened by core/supervisor.ts.
import type { IncomingHttpHeaders } from 'node:http'
import { isIPv4 } from 'node:net'
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import type { Address } from '../config/config.ts'
import { GatehouseError, type ControlPlane, type PluginDefinition } from '../sdk/index.ts'
import type { Logger } from './logger.ts'

/** A plugin with the options that the config gives it. */
export interface ControlPlugin {
  readonly definition: PluginDefinition
  readonly options: unknown
}

/** The control plane, listening. */
export interface Control {
  readonly app: FastifyInstance
  readonly port: number
}

/** Bytes of a request body; nothing that is asked here needs more. */
const BODY = 64 * 1024
/** Milliseconds for a request to arrive. */
const REQUEST_TIME = 10_000

/** Opens the control plane with its plugins, and listens. Rejects where the address cannot be had. */
export async function openControl(
  address: Address, house: ControlPlane, plugins: readonly ControlPlugin[], log: Logger,
): Promise<Control> {
  const app = Fastify({ logger: false, bodyLimit: BODY, requestTimeout: REQUEST_TIME, forceCloseConnections: true })
  app.addHook('onRequest', async ({ headers }) => refuseStrangers(address.host, headers))
  app.setNotFoundHandler(request => {
    const [path] = request.url.split('?')
    throw new GatehouseError('unknown_path', `Expected a path of the control plane; ${request.method} ${path} is not one.`)
  })
  app.setErrorHandler<FastifyError | GatehouseError>((thrown, request, reply) => {
    const error = understood(thrown)
    if (error.code === 'internal') log.error({ err: thrown, path: request.routeOptions.url }, 'the control plane failed')
    void reply.code(error.status).send({ error: { code: error.code, message: error.message } })
  })
  for (const { definition, options } of plugins) {
    if (definition.control !== undefined) await app.register(async scope => definition.control!(scope, house, options))
  }
  const listening = await app.listen({ host: address.host, port: address.port })
  return { app, port: Number(new URL(listening).port) }
}

/** Fastify's own refusals (a body too large, a URL that cannot be decoded) in the words of the house. */
function understood(thrown: FastifyError | GatehouseError): GatehouseError {
  const status = thrown instanceof GatehouseError ? 500 : thrown.statusCode ?? 500
  if (status >= 500) return GatehouseError.from(thrown)
  return new GatehouseError('invalid_body', 'The request could not be read.', { status })
}

/**
 * Keeps web pages out. A page that a browser of this machine shows can send requests here, under its own name (Origin),
 * or under a name of its own that resolves to this machine (DNS rebinding).
 */
function refuseStrangers(bound: string, headers: IncomingHttpHeaders): void {
  if (headers.origin !== undefined && headers.origin !== `http://${headers.host}`) {
    throw new GatehouseError('forbidden', 'Expected no Origin but the control plane\'s own: web pages have no business here.')
  }
  if (isLoopback(bound) && !isLoopback(hostname(headers.host ?? ''))) {
    throw new GatehouseError('forbidden', 'Expected a Host that means this machine: the control plane listens on loopback only.')
  }
}

/** A Host header's name, without the port and without the brackets of an IPv6 address; empty where it is malformed. */
function hostname(host: string): string {
  const parts = /^(?:\[(?<address>[^\]]+)\]|(?<name>[^:[\]]+))(?::\d+)?$/.exec(host)?.groups
  return parts?.['address'] ?? parts?.['name'] ?? ''
}

/** True for a host that only this machine can reach. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

// Turns what undici and the system say of a failed call into an error of the house. The sentences name no host, path or
// key; the code that undici or the system gave is all that is added. Called by call.ts.
import { errors } from 'undici'
import { GatehouseError, type ErrorCode } from '../sdk/index.ts'

const FAILURES: ReadonlyMap<string, readonly [ErrorCode, string]> = new Map([
  ['ECONNREFUSED', ['upstream_refused', 'The upstream refused the connection']],
  ['ENOTFOUND', ['upstream_refused', "The upstream's name does not resolve"]],
  ['EAI_AGAIN', ['upstream_refused', "The upstream's name could not be looked up just now"]],
  ['UND_ERR_CONNECT_TIMEOUT', ['upstream_timeout', 'Expected a connection to the upstream within timeouts.connect']],
  ['ETIMEDOUT', ['upstream_timeout', 'The connection to the upstream timed out']],
  ['UND_ERR_HEADERS_TIMEOUT', ['upstream_timeout', "Expected the head of the upstream's answer within timeouts.headers"]],
  ['UND_ERR_HEADERS_OVERFLOW', ['upstream_invalid', "The head of the upstream's answer is too large"]],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', ['upstream_closed', "The upstream's answer is not as long as it announced"]],
  ['UND_ERR_DESTROYED', ['draining', 'The gateway is stopping']],
  ['UND_ERR_CLOSED', ['draining', 'The gateway is stopping']],
])

/** The error of the house for a failed call. `connected` says whether the request had a connection already. */
export function upstreamError(error: Error, connected: boolean): GatehouseError {
  if (error instanceof GatehouseError) return error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  // What undici finds wrong with a request is a mistake of the house's own.
  if (code === 'UND_ERR_INVALID_ARG') return GatehouseError.from(error)
  const [kind, sentence] = FAILURES.get(code) ?? otherFailure(error, connected)
  return new GatehouseError(kind, code === '' ? `${sentence}.` : `${sentence} (${code}).`)
}

function otherFailure(error: Error, connected: boolean): readonly [ErrorCode, string] {
  if (error instanceof errors.HTTPParserError) return ['upstream_invalid', 'Expected HTTP/1.1 from the upstream']
  if (connected) return ['upstream_closed', 'The upstream closed the connection before its answer was complete']
  return ['upstream_refused', 'The upstream could not be reached']
}

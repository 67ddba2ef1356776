// Errors in Bedrock's words, of replies and of streams. The names are those of the service's model (bedrock-runtime).
// Called by ../bedrock-converse.ts and its streams.
import type { Failure, ProviderError } from '../../../sdk/index.ts'
import { members } from '../../dialect/openai/words.ts'
import { textOf } from '../anthropic-messages/payload.ts'

const BY_TYPE: Readonly<Record<string, Failure>> = {
  accessdeniedexception: 'permission', internalserverexception: 'upstream', modelerrorexception: 'upstream',
  modelnotreadyexception: 'overloaded', modelstreamerrorexception: 'upstream', modeltimeoutexception: 'timeout',
  resourcenotfoundexception: 'not_found', servicequotaexceededexception: 'quota', serviceunavailableexception: 'overloaded',
  throttlingexception: 'rate_limit', validationexception: 'bad_request', unrecognizedclientexception: 'auth',
  expiredtokenexception: 'auth', invalidsignatureexception: 'auth', missingauthenticationtokenexception: 'auth',
}

const BY_STATUS: Readonly<Record<number, Failure>> = {
  401: 'auth', 403: 'permission', 404: 'not_found', 408: 'timeout', 413: 'too_large', 424: 'upstream', 429: 'rate_limit',
  503: 'overloaded', 504: 'timeout',
}

const TOO_LONG = /input is too long|prompt is too long|too many (input )?tokens|maximum context/i

/**
 * Reads an error. `type` is that of a frame's exception; of a reply it stands in the body as `__type`, if at all, so the
 * status decides.
 */
export function readError(status: number, body: unknown, type?: string): ProviderError {
  const { __type, message, Message } = members(body)
  // `com.amazon.coral.service#AccessDeniedException` and the like.
  const name = (type ?? textOf(__type)).split('#').at(-1)!.toLowerCase()
  const told = textOf(message ?? Message)
  const byType = Object.hasOwn(BY_TYPE, name) ? BY_TYPE[name] : undefined
  const failure = byType ?? BY_STATUS[status] ?? (status >= 400 && status < 500 ? 'bad_request' : 'upstream')
  return {
    failure: failure === 'bad_request' && TOO_LONG.test(told) ? 'context' : failure,
    message: told === '' ? 'The provider reported an error without a word.' : told,
  }
}

/** Status and exception for each kind of failure. */
const WRITTEN: Readonly<Record<Failure, readonly [status: number, type: string]>> = {
  bad_request: [400, 'ValidationException'],
  too_large: [400, 'ValidationException'],
  context: [400, 'ValidationException'],
  content: [400, 'ValidationException'],
  quota: [400, 'ServiceQuotaExceededException'],
  auth: [403, 'AccessDeniedException'],
  billing: [403, 'AccessDeniedException'],
  permission: [403, 'AccessDeniedException'],
  not_found: [404, 'ResourceNotFoundException'],
  timeout: [408, 'ModelTimeoutException'],
  rate_limit: [429, 'ThrottlingException'],
  upstream: [500, 'InternalServerException'],
  overloaded: [503, 'ServiceUnavailableException'],
}

/** Writes an error; its type stands in the body too, since bodies are all that a translation writes. */
export function writeError({ failure, message }: ProviderError): { readonly status: number; readonly body: string } {
  const [status, type] = WRITTEN[failure]
  return { status, body: JSON.stringify({ __type: type, message }) }
}

/** The exceptions that a stream may end with, by kind of failure. */
export function exceptionOf({ failure }: ProviderError): string {
  switch (failure) {
    case 'rate_limit': return 'throttlingException'
    case 'overloaded': return 'serviceUnavailableException'
    case 'upstream':
    case 'timeout': return 'modelStreamErrorException'
    default: return 'validationException'
  }
}

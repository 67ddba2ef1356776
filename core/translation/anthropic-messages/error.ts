// Errors in Anthropic's words: https://platform.claude.com/docs/en/api/errors. Called by ../anthropic-messages.ts and its
// streams.
import type { Failure, ProviderError } from '../../../sdk/index.ts'
import { members } from '../../dialect/openai/words.ts'
import { textOf } from './payload.ts'

const BY_TYPE: Readonly<Record<string, Failure>> = {
  invalid_request_error: 'bad_request', authentication_error: 'auth', billing_error: 'billing', permission_error: 'permission',
  not_found_error: 'not_found', request_too_large: 'too_large', rate_limit_error: 'rate_limit', api_error: 'upstream',
  timeout_error: 'timeout', overloaded_error: 'overloaded',
}

const BY_STATUS: Readonly<Record<number, Failure>> = {
  401: 'auth', 402: 'billing', 403: 'permission', 404: 'not_found', 408: 'timeout', 413: 'too_large', 429: 'rate_limit',
  503: 'overloaded', 504: 'timeout', 529: 'overloaded',
}

/** What Anthropic calls an invalid request as well, by the beginning of its sentence. */
const BY_MESSAGE: readonly (readonly [RegExp, Failure])[] = [
  [/prompt is too long|exceed context limit|context window/i, 'context'],
  [/credit balance is too low/i, 'billing'],
  [/blocked by content filtering/i, 'content'],
]

/** Reads an error, of a reply or a frame. The status decides where the body does not say; 0 is that of a frame. */
export function readError(status: number, body: unknown): ProviderError {
  const { type, message } = members(members(body).error)
  const told = textOf(message)
  const byType = typeof type === 'string' && Object.hasOwn(BY_TYPE, type) ? BY_TYPE[type] : undefined
  const failure = byType ?? BY_STATUS[status] ?? (status >= 400 && status < 500 ? 'bad_request' : 'upstream')
  const closer = failure === 'bad_request' ? BY_MESSAGE.find(([pattern]) => pattern.test(told))?.[1] : undefined
  return { failure: closer ?? failure, message: told === '' ? 'The provider reported an error without a word.' : told }
}

/** Status and type for each kind of failure. A quota that is used up does not come back by trying, so it is no rate limit. */
const WRITTEN: Readonly<Record<Failure, readonly [status: number, type: string]>> = {
  bad_request: [400, 'invalid_request_error'],
  context: [400, 'invalid_request_error'],
  content: [400, 'invalid_request_error'],
  auth: [401, 'authentication_error'],
  billing: [402, 'billing_error'],
  quota: [402, 'billing_error'],
  permission: [403, 'permission_error'],
  not_found: [404, 'not_found_error'],
  too_large: [413, 'request_too_large'],
  rate_limit: [429, 'rate_limit_error'],
  upstream: [502, 'api_error'],
  timeout: [504, 'timeout_error'],
  overloaded: [529, 'overloaded_error'],
}

/** Writes an error: the body of a reply, which is also the payload of a frame. */
export function writeError({ failure, message }: ProviderError): { readonly status: number; readonly body: string } {
  const [status, type] = WRITTEN[failure]
  return { status, body: JSON.stringify({ type: 'error', error: { type, message } }) }
}

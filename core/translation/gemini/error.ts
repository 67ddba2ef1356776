// Errors of Google's APIs (AIP-193), read and written. Called by translated.ts and stream-reader.ts.
import type { Failure, ProviderError } from '../../../sdk/index.ts'
import { count } from '../../dialect/openai/words.ts'
import { fieldsOf, listOf, textOf, type Fields } from './proto.ts'

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo'

const BY_STATUS: Readonly<Record<string, Failure>> = {
  INVALID_ARGUMENT: 'bad_request',
  FAILED_PRECONDITION: 'bad_request',
  OUT_OF_RANGE: 'bad_request',
  UNAUTHENTICATED: 'auth',
  PERMISSION_DENIED: 'permission',
  NOT_FOUND: 'not_found',
  RESOURCE_EXHAUSTED: 'rate_limit',
  UNAVAILABLE: 'overloaded',
  DEADLINE_EXCEEDED: 'timeout',
}
const BY_CODE: Readonly<Record<number, Failure>> = {
  400: 'bad_request', 401: 'auth', 402: 'billing', 403: 'permission', 404: 'not_found', 408: 'timeout', 413: 'too_large',
  429: 'rate_limit', 503: 'overloaded', 504: 'timeout', 529: 'overloaded',
}

/**
 * Reads an error reply, which stands in a list where the request asked for no server-sent events. `status` 0 is one
 * inside a stream: its own code holds then.
 */
export function readError(status: number, body: unknown): ProviderError {
  const error = fieldsOf(fieldsOf(Array.isArray(body) ? body[0] : body).error)
  const details = listOf(error.details)
  const code = status === 0 ? count(error.code) ?? 0 : status
  const message = textOf(error.message)
  const retryAfter = secondsOf(details)
  return {
    failure: failureOf(code, textOf(error.status), message, details),
    message: message === '' ? `Gemini answered with an error (${code}).` : message,
    ...(retryAfter !== undefined && { retryAfter }),
  }
}

function failureOf(code: number, status: string, message: string, details: readonly Fields[]): Failure {
  const reasons = details.map(detail => textOf(detail.reason))
  const limits = details.flatMap(detail => listOf(detail.violations)).map(violation => textOf(violation.quotaId))
  if (reasons.some(reason => reason.startsWith('API_KEY_INVALID') || reason === 'API_KEY_EXPIRED')) return 'auth'
  if (reasons.includes('BILLING_DISABLED')) return 'billing'
  const other = code >= 400 && code < 500 ? 'bad_request' : 'upstream'
  const failure = (Object.hasOwn(BY_STATUS, status) ? BY_STATUS[status] : BY_CODE[code]) ?? other
  // AI Studio tells a key that it does not know under 400, and a prompt that is too long in words alone.
  if (failure === 'bad_request' && /API key not valid/i.test(message)) return 'auth'
  if (failure === 'bad_request' && /token count/i.test(message) && /exceeds/i.test(message)) return 'context'
  // What is spent for a day does not come back in a moment.
  return failure === 'rate_limit' && limits.some(limit => limit.includes('PerDay')) ? 'quota' : failure
}

/** `34.4s` in seconds. */
function secondsOf(details: readonly Fields[]): number | undefined {
  const delay = details.find(detail => detail['@type'] === RETRY_INFO)?.retryDelay
  return typeof delay === 'string' && /^\d{1,9}(?:\.\d{1,9})?s$/.test(delay) ? Number.parseFloat(delay) : undefined
}

const WRITTEN: Readonly<Record<Failure, readonly [code: number, status: string]>> = {
  bad_request: [400, 'INVALID_ARGUMENT'],
  context: [400, 'INVALID_ARGUMENT'],
  content: [400, 'INVALID_ARGUMENT'],
  too_large: [413, 'INVALID_ARGUMENT'],
  auth: [401, 'UNAUTHENTICATED'],
  billing: [403, 'PERMISSION_DENIED'],
  permission: [403, 'PERMISSION_DENIED'],
  not_found: [404, 'NOT_FOUND'],
  rate_limit: [429, 'RESOURCE_EXHAUSTED'],
  quota: [429, 'RESOURCE_EXHAUSTED'],
  overloaded: [503, 'UNAVAILABLE'],
  timeout: [504, 'DEADLINE_EXCEEDED'],
  upstream: [502, 'INTERNAL'],
}

/** An error reply, which is also the frame of an error inside a stream. */
export function writeError({ failure, message, retryAfter }: ProviderError): { readonly status: number; readonly body: string } {
  const [code, status] = WRITTEN[failure]
  const details = retryAfter === undefined ? {} : { details: [{ '@type': RETRY_INFO, retryDelay: `${retryAfter}s` }] }
  return { status: code, body: JSON.stringify({ error: { code, message, status, ...details } }) }
}

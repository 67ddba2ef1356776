// Errors of Cohere, read and written: a status and a sentence. Called by translated.ts.
import type { Failure, ProviderError } from '../../../sdk/index.ts'
import { members } from '../../dialect/openai/words.ts'
import { textOf } from './content.ts'

const BY_STATUS: Readonly<Record<number, Failure>> = {
  // 498 is Cohere's own for a token that is blocked.
  401: 'auth', 402: 'billing', 403: 'permission', 404: 'not_found', 408: 'timeout', 413: 'too_large', 429: 'rate_limit',
  498: 'auth', 503: 'overloaded', 504: 'timeout',
}

/** Reads an error reply. */
export function readError(status: number, body: unknown): ProviderError {
  const message = textOf(members(body).message)
  return { failure: failureOf(status, message), message: message === '' ? `Cohere answered with an error (${status}).` : message }
}

function failureOf(status: number, message: string): Failure {
  const failure = BY_STATUS[status] ?? (status >= 400 && status < 500 ? 'bad_request' : 'upstream')
  if (failure === 'bad_request' && /too many tokens|context length/i.test(message)) return 'context'
  // Keys for trials have calls for a month, which do not come back in a moment.
  return failure === 'rate_limit' && /per month|calls ?\/ ?month/i.test(message) ? 'quota' : failure
}

const WRITTEN: Readonly<Record<Failure, number>> = {
  bad_request: 400, context: 400, content: 400, auth: 401, billing: 402, permission: 403, not_found: 404, too_large: 413,
  rate_limit: 429, quota: 429, overloaded: 503, timeout: 504, upstream: 502,
}

/** An error reply. */
export function writeError({ failure, message }: ProviderError): { readonly status: number; readonly body: string } {
  return { status: WRITTEN[failure], body: JSON.stringify({ message }) }
}

// Errors of Ollama: one sentence, with the status or inside a stream. Used by ollama-chat.ts.
import type { Failure, ProviderError } from '../../../sdk/index.ts'
import { readError as readChatError } from '../openai-chat/error.ts'

/** A provider's error; `status` is 0 for one inside a stream. Servers of its kind answer in OpenAI's shape as well. */
export function readError(status: number, body: unknown): ProviderError {
  const error = readChatError(status, body)
  return status < 500 && /not found, try pulling/i.test(error.message.slice(0, 2000)) ? { ...error, failure: 'not_found' } : error
}

const STATUS: Readonly<Record<Failure, number>> = {
  bad_request: 400, auth: 401, billing: 402, permission: 403, not_found: 404, too_large: 413, context: 400, rate_limit: 429,
  quota: 429, overloaded: 503, timeout: 504, upstream: 502, content: 400,
}

/** The body of an error, which is also a line of a stream, and its status. */
export function writeError({ failure, message }: ProviderError): { readonly status: number; readonly body: string } {
  return { status: STATUS[failure], body: JSON.stringify({ error: message }) }
}

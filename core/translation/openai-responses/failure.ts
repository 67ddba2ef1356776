// Errors inside of an answer: a response that failed, and the event that says nothing else. Used by the streams.
import type { Failure, ProviderError } from '../../../sdk/index.ts'
import { members } from '../../dialect/openai/words.ts'
import { textOf } from '../openai-chat/content.ts'
import { readError } from '../openai-chat/error.ts'

/** Codes that Responses alone has. */
const BY_CODE: Readonly<Record<string, Failure>> = {
  invalid_prompt: 'bad_request', data_residency_mismatch: 'bad_request', bio_policy: 'content',
  image_content_policy_violation: 'content', vector_store_timeout: 'timeout', image_too_large: 'too_large',
  image_file_too_large: 'too_large',
}

/** The error of a response, or of an event, which has it in itself or under `error`. */
export function readFailure(body: unknown): ProviderError {
  const told = readError(0, body)
  const code = textOf(members(members(body).error).code) || textOf(members(body).code)
  const failure = BY_CODE[code] ?? (code.includes('image') ? 'bad_request' : undefined)
  return failure === undefined ? told : { ...told, failure }
}

/** The word that a failed response has for it; there are few, and clients check them. */
export function codeOf(failure: Failure): string {
  switch (failure) {
    case 'rate_limit': return 'rate_limit_exceeded'
    case 'bad_request':
    case 'content':
    case 'context':
    case 'too_large': return 'invalid_prompt'
    default: return 'server_error'
  }
}

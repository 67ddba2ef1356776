// Errors of the family, both ways: the shapes that OpenAI and its many followers answer with. Used by openai-chat.ts and
// mistral-chat.ts, and by the reader of streams.
import type { Failure, ProviderError } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { count, members } from '../../dialect/openai/words.ts'
import { textOf } from './content.ts'

type Raw = Readonly<Record<string, unknown>>

/** Codes and types of OpenAI, Azure, Groq, Mistral, Moonshot and OpenRouter. */
const BY_WORD: Readonly<Record<string, Failure>> = {
  context_length_exceeded: 'context',
  string_above_max_length: 'context',
  insufficient_quota: 'quota',
  exceeded_current_quota_error: 'quota',
  billing_error: 'billing',
  billing_hard_limit_reached: 'billing',
  billing_not_active: 'billing',
  rate_limit_exceeded: 'rate_limit',
  rate_limit_error: 'rate_limit',
  rate_limit_reached_error: 'rate_limit',
  invalid_api_key: 'auth',
  authentication_error: 'auth',
  invalid_authentication_error: 'auth',
  permission_error: 'permission',
  permission_denied_error: 'permission',
  model_not_found: 'not_found',
  not_found_error: 'not_found',
  request_too_large: 'too_large',
  content_filter: 'content',
  content_policy_violation: 'content',
  overloaded_error: 'overloaded',
  engine_overloaded_error: 'overloaded',
  service_unavailable: 'overloaded',
  capacity_exceeded: 'overloaded',
  service_tier_capacity_exceeded: 'overloaded',
  timeout: 'timeout',
  timeout_error: 'timeout',
  server_error: 'upstream',
  api_error: 'upstream',
}

const BY_STATUS: Readonly<Record<number, Failure>> = {
  401: 'auth', 402: 'billing', 403: 'permission', 404: 'not_found', 408: 'timeout', 413: 'too_large', 429: 'rate_limit',
  498: 'overloaded', 503: 'overloaded', 504: 'timeout', 524: 'timeout', 529: 'overloaded',
}

/** vLLM, DeepSeek, Groq and others have no code for a prompt that is too long. */
const TOO_LONG = /maximum context length|context window|context length|prompt is too long|too many tokens/i

/** A provider's error; `status` is 0 for one inside a stream. */
export function readError(status: number, body: unknown): ProviderError {
  // Google's layer puts it into a list.
  const top = members(Array.isArray(body) ? body[0] : body)
  const error = typeof top.error === 'object' && top.error !== null ? members(top.error) : top
  const message = messageOf(error) || textOf(top.error) || messageOf(top)
  const retryAfter = secondsIn(message)
  return {
    failure: failureOf(status, error, message),
    message: message || (status === 0 ? 'The provider reported an error.' : `The provider answered with status ${status}.`),
    ...(retryAfter !== undefined && { retryAfter }),
  }
}

function messageOf(error: Raw): string {
  const { message, detail } = error
  return textOf(message) || textOf(members(message).detail) || textOf(detail)
    || listOf(detail ?? members(message).detail).map(problemOf).filter(problem => problem !== '').join('; ')
}

/** One problem of a list, as FastAPI and so Mistral tell it: where, and what. */
function problemOf({ loc, msg }: Raw): string {
  const place = Array.isArray(loc) ? loc.filter(step => typeof step === 'string' || typeof step === 'number').join('.') : ''
  return [place, textOf(msg)].filter(part => part !== '').join(': ')
}

function failureOf(status: number, { code, type }: Raw, message: string): Failure {
  const word = BY_WORD[textOf(code)] ?? BY_WORD[textOf(type)]
  if (word !== undefined) return word
  const told = status >= 400 ? status : count(code) ?? 0
  if ((told === 0 || told === 400 || told === 413 || told === 422) && TOO_LONG.test(message.slice(0, 2000))) return 'context'
  return BY_STATUS[told] ?? (told >= 500 || (told === 0 && type !== 'invalid_request_error') ? 'upstream' : 'bad_request')
}

const WAIT = /(?:try again in|retry after) (?:(\d{1,4})h)?(?:(\d{1,4})m(?!s))?(?:(\d{1,9}(?:\.\d{1,9})?) ?(ms|s))?/i

/** How long to wait, as the sentence says: `Please try again in 1m6.5s`, `in 20ms`, `after 20 seconds`. */
function secondsIn(message: string): number | undefined {
  const [, hours, minutes, rest, unit] = WAIT.exec(message.slice(0, 2000)) ?? []
  if (hours === undefined && minutes === undefined && rest === undefined) return undefined
  return Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(rest ?? 0) / (unit?.toLowerCase() === 'ms' ? 1000 : 1)
}

/** Status, type and code as OpenAI's clients know them. 529 is Anthropic's alone; OpenAI says 503. */
const TOLD: Readonly<Record<Failure, readonly [status: number, type: string, code: string | null]>> = {
  bad_request: [400, 'invalid_request_error', null],
  auth: [401, 'authentication_error', 'invalid_api_key'],
  billing: [402, 'billing_error', 'billing_not_active'],
  permission: [403, 'permission_error', null],
  not_found: [404, 'not_found_error', 'model_not_found'],
  too_large: [413, 'invalid_request_error', 'request_too_large'],
  context: [400, 'invalid_request_error', 'context_length_exceeded'],
  content: [400, 'invalid_request_error', 'content_filter'],
  rate_limit: [429, 'rate_limit_error', 'rate_limit_exceeded'],
  quota: [429, 'insufficient_quota', 'insufficient_quota'],
  overloaded: [503, 'api_error', 'service_unavailable'],
  timeout: [504, 'api_error', 'timeout'],
  upstream: [502, 'api_error', 'server_error'],
}

/** What an error says, and its status. */
export function toldOf({ failure, message }: ProviderError): { readonly status: number; readonly error: object } {
  const [status, type, code] = TOLD[failure]
  return { status, error: { message, type, param: null, code } }
}

/** The body of an error, which is also the payload of an error frame, and its status. */
export function writeError(failed: ProviderError): { readonly status: number; readonly body: string } {
  const { status, error } = toldOf(failed)
  return { status, body: JSON.stringify({ error }) }
}

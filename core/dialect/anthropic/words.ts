// Words that Anthropic's formats share: how an error and the usage are told, which headers are passed on. Used by the
// anthropic-*.ts dialects.
import { ERRORS, fields, wholeText, word } from '../../../sdk/index.ts'
import type { GatehouseError, Place, Usage } from '../../../sdk/index.ts'
import { count, isOffList, members, parts, within } from '../openai/words.ts'

/** Request headers that are passed on. */
export const FORWARDS = ['anthropic-version', 'anthropic-beta'] as const

/** An error's sentence may quote what was said, so it is text. */
export const errorPlace: Place = fields({
  type: word, message: wholeText('text', 'assistant'), details: fields({ error_code: word }),
}, { mark: 'error' })

/** The types of errors that OpenAI's words do not have, by status: https://platform.claude.com/docs/en/api/errors. */
const TYPE_OF_STATUS: Readonly<Record<number, string>> = {
  402: 'billing_error', 413: 'request_too_large', 429: 'rate_limit_error', 503: 'overloaded_error', 504: 'timeout_error',
}

/** The body of an error reply, which is also the payload of an error frame. */
export function errorBody({ code, status, message }: GatehouseError): string {
  return JSON.stringify({ type: 'error', error: { type: TYPE_OF_STATUS[status] ?? ERRORS[code].type, message } })
}

/**
 * Reads a usage object; undefined where it holds no sound counts. What was cached stands beside `input_tokens`. The one at a
 * stream's end may leave out what its beginning told, and corrects the rest.
 */
export function usage(raw: unknown, earlier?: Usage): Usage | undefined {
  const told = members(raw)
  const fresh = count(told.input_tokens) ?? (earlier && earlier.input - earlier.cacheRead - earlier.cacheWrite)
  const output = count(told.output_tokens) ?? earlier?.output
  if (fresh === undefined || output === undefined) return undefined
  const cacheRead = count(told.cache_read_input_tokens) ?? earlier?.cacheRead ?? 0
  const cacheWrite = count(told.cache_creation_input_tokens) ?? earlier?.cacheWrite ?? 0
  const cacheWriteHour = within(members(told.cache_creation).ephemeral_1h_input_tokens ?? earlier?.cacheWriteHour, cacheWrite)
  const reasoning = count(members(told.output_tokens_details).thinking_tokens) ?? earlier?.reasoning ?? 0
  const input = fresh + cacheRead + cacheWrite
  return {
    input, output, cacheRead, cacheWrite, reasoning: Math.min(reasoning, output), source: 'provider', ...parts({ cacheWriteHour }),
    ...((earlier?.offList === true || isBilledOtherwise(told)) && { offList: true }),
  }
}

/** By tier, speed or place, or for each search: https://platform.claude.com/docs/en/about-claude/pricing. */
function isBilledOtherwise({ service_tier, speed, inference_geo, server_tool_use }: ReturnType<typeof members>): boolean {
  const searches = count(members(server_tool_use).web_search_requests) ?? 0
  return isOffList(service_tier) || isOffList(speed) || inference_geo === 'us' || searches > 0
}

// The object of a response, with everything that clients insist on finding in it. Used by answer.ts and stream-writer.ts.
import type { AnswerSettings, Usage } from '../../../sdk/index.ts'
import type { Item } from './output-writer.ts'
import { writeFormat, writeToolChoice, writeTools } from './tools.ts'
import { DIALECT } from './seal.ts'

/** What changes while an answer is made. */
export interface State {
  readonly id: string
  readonly created: number | undefined
  readonly status: string
  readonly incomplete_details?: object | null
  readonly error?: object
  readonly output: readonly Item[]
  /** Left out while the answer is not over. */
  readonly usage?: object
}

/**
 * The response. It says the client's settings again, except for its instructions: steps may have added to them what is
 * not the client's to read.
 */
export function responseOf(
  { id, created, status, incomplete_details = null, error, output, usage }: State, settings: AnswerSettings
): object {
  const { request, model, at } = settings
  const { fields } = request.rest
  const own = request.rest.dialect === DIALECT
  return {
    id: id || settings.id,
    object: 'response',
    created_at: created ?? at,
    status,
    background: false,
    completed_at: null,
    error: error ?? null,
    incomplete_details,
    instructions: null,
    max_output_tokens: request.maxOutput ?? null,
    max_tool_calls: null,
    model,
    output,
    parallel_tool_calls: request.parallelTools ?? true,
    previous_response_id: null,
    reasoning: { effort: request.thinking?.effort ?? null, summary: null },
    service_tier: 'default',
    store: false,
    temperature: request.temperature ?? 1,
    text: {
      format: writeFormat(request.format ?? { type: 'text' }),
      ...(own && typeof fields.verbosity === 'string' && { verbosity: fields.verbosity }),
    },
    tool_choice: writeToolChoice(request) ?? 'auto',
    tools: writeTools(request.tools),
    top_logprobs: request.logprobs ?? 0,
    top_p: request.topP ?? 1,
    truncation: 'disabled',
    ...(usage !== undefined && { usage }),
    ...(request.user !== undefined && { user: request.user }),
    metadata: own && typeof fields.metadata === 'object' ? fields.metadata : {},
  }
}

/** A usage in the format's words. Clients want one in every answer, so what nobody counted is zero. */
export function usageFields(usage: Usage | undefined): object {
  const { input, output, cacheRead, cacheWrite, reasoning } = usage ?? {
    input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0,
  }
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cacheRead, cache_write_tokens: cacheWrite },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  }
}

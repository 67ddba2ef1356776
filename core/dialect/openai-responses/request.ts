// The map of a request, and what of it an answer says again. Used by ../openai-responses.ts and response.ts.
import { each, fields, text, word } from '../../../sdk/index.ts'
import type { Place } from '../../../sdk/index.ts'
import { fromUser, opaque } from '../openai/words.ts'
import { ONCE, item, type Standing } from './items.ts'

const cacheOptions = fields({ mode: word, ttl: word })

/** The settings that a response repeats. */
export function settings({ text: said, anywhere }: Standing): Readonly<Record<string, Place>> {
  const name = said('tool_name', 'tool_def')
  const description = said('text', 'tool_def')
  const byUser = said('text', 'user')
  const userWords = anywhere('text', 'user')
  const schema = anywhere('schema', 'tool_def')
  const format = fields({ type: word, syntax: word, definition: said('schema', 'tool_def') })
  const declared: Readonly<Record<string, Place>> = {
    type: word, name, description, parameters: schema, output_schema: schema, format, allowed_callers: each(word),
    // Tools that the vendor runs.
    execution: word, search_context_size: word, vector_store_ids: each(word), ranking_options: opaque, filters: userWords,
    user_location: fields({ type: word, country: byUser, region: byUser, city: byUser, timezone: byUser }),
    container: { ...word, rest: opaque }, environment: opaque,
    server_label: word, server_url: word, connector_id: word, tunnel_id: word, authorization: word,
    headers: opaque, server_description: description,
    allowed_tools: { ...word, rest: opaque }, require_approval: { ...word, rest: opaque },
    model: word, quality: word, size: word, output_format: word, moderation: word, background: word,
    input_fidelity: word, action: word, input_image_mask: opaque,
  }
  return {
    instructions: said('text', 'system'),
    tools: each(fields({ ...declared, tools: each(fields(declared)) })),
    tool_choice: {
      ...word,
      ...fields({
        type: word, mode: word, name, server_label: word, tools: each(fields({ type: word, name, server_label: word })),
      }),
    },
    text: fields({ format: fields({ type: word, name: said('schema', 'tool_def'), description, schema }), verbosity: word }),
    reasoning: fields({ effort: word, summary: word, generate_summary: word, mode: word, context: word }),
    metadata: userWords,
    user: byUser,
    safety_identifier: byUser,
    prompt_cache_key: byUser,
    prompt_cache_retention: word,
    prompt_cache_options: cacheOptions,
    prompt: fields({
      id: word, version: word,
      variables: { rest: {
        ...byUser,
        ...fields({ type: word, text: byUser, image_url: word, file_id: word, file_data: word, filename: byUser, detail: word }),
      } },
    }),
    previous_response_id: word,
    conversation: { ...word, ...fields({ id: word }) },
    service_tier: word,
    truncation: word,
  }
}

/** The map of a request. */
export const request: Place = fields({
  ...settings(ONCE),
  model: word,
  input: { ...fromUser, ...each(item(ONCE)) },
  instructions: { ...text('text', 'system'), ...each(item(ONCE)) },
  include: each(word),
  stream_options: opaque,
  context_management: each(fields({ type: word })),
  moderation: fields({ model: word, policy: fields({ input: fields({ mode: word }), output: fields({ mode: word }) }) }),
})

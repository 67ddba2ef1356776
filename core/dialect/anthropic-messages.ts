// Anthropic Messages, as Anthropic describes it. Loaded by core/registry.ts; one file an idea in anthropic/.
import { each, fields, word } from '../../sdk/index.ts'
import type { Dialect } from '../../sdk/index.ts'
import { blockOf } from './anthropic/blocks.ts'
import { making, stopOf, streaming, told } from './anthropic/frames.ts'
import { asksForJson, check, insert, instruct, request, schemasOf } from './anthropic/requests.ts'
import { FORWARDS, errorBody, errorPlace, usage } from './anthropic/words.ts'
import { opaque } from './openai/words.ts'

const dialect: Dialect = {
  name: 'anthropic-messages',
  path: '/v1/messages',
  request,
  response: fields({
    id: word, type: word, role: word, model: word, stop_reason: word, diagnostics: opaque, ...told, ...making,
    content: each({ ...blockOf('assistant'), opens: 'call' }),
    error: errorPlace,
    request_id: word,
  }),
  forwards: FORWARDS,
  check,
  asksForJson,
  schemas: schemasOf,
  insert,
  instruct,
  length: { fields: ['max_tokens'] },
  usage,

  answer: reply => JSON.stringify({
    id: reply.id, type: 'message', role: 'assistant', model: reply.model, content: [{ type: 'text', text: reply.text }],
    stop_reason: stopOf(reply), stop_sequence: null, usage: { input_tokens: 0, output_tokens: 0 },
  }),

  error: errorBody,
  streaming,
}

export default dialect

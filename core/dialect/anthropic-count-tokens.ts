// Anthropic's count of a request's tokens before it is sent. Loaded by core/registry.ts.
import { fields, word } from '../../sdk/index.ts'
import type { Dialect } from '../../sdk/index.ts'
import { check, insert, instruct, request } from './anthropic/requests.ts'
import { FORWARDS, errorBody, errorPlace } from './anthropic/words.ts'
import { opaque } from './openai/words.ts'

const dialect: Dialect = {
  name: 'anthropic-count-tokens',
  path: '/v1/messages/count_tokens',
  request,
  response: fields({ context_management: opaque, input_transformations: opaque, type: word, error: errorPlace, request_id: word }),
  forwards: FORWARDS,
  check,
  insert,
  instruct,
  // It is a count of what another request would use.
  usage: () => undefined,
  free: true,
  error: errorBody,
}

export default dialect

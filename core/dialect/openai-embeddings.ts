// OpenAI Embeddings: texts in, vectors out. Loaded by core/registry.ts.
import { each, fields, word } from '../../sdk/index.ts'
import type { Dialect } from '../../sdk/index.ts'
import { checkBody, checkInput, checkModel } from './openai/requests.ts'
import { FORWARDS, envelope, errorBody, fromUser, fromUserMany, members, usage } from './openai/words.ts'

const dialect: Dialect = {
  name: 'openai-embeddings',
  path: '/embeddings',
  request: fields({
    model: word,
    input: fromUserMany,
    encoding_format: word,
    user: fromUser,
    // Voyage, Cohere and NVIDIA tell questions from documents.
    input_type: word,
  }),
  response: fields({
    ...envelope,
    // A vector is a string where the client asked for base64.
    data: each(fields({ object: word, embedding: word })),
  }),
  forwards: FORWARDS,

  check(request) {
    checkBody(request)
    checkModel(request)
    checkInput(request, 'input')
  },

  // Voyage tells the total only, which here is the input.
  usage: raw => usage({ prompt_tokens: members(raw).total_tokens, ...members(raw) }),
  error: errorBody,
}

export default dialect

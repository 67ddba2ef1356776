// Mistral's embeddings: OpenAI's, with a word of its own for the length of a vector, and no field that it does not know. Loaded
// by core/registry.ts.
import type { EmbeddingTranslation } from '../../sdk/index.ts'
import { readError } from '../translation/openai-chat/error.ts'
import { leftOut, textsOf } from './canonical/request.ts'
import { readAnswer } from './openai-embeddings.ts'

const embeddings: EmbeddingTranslation = {
  name: 'mistral-embeddings',
  pathOf: () => '/embeddings',

  writeRequest(request) {
    const { model, dimensions } = request
    const body = {
      model, input: textsOf(request, 'Mistral'), encoding_format: 'float',
      ...(dimensions !== undefined && { output_dimension: dimensions }),
    }
    return { body: JSON.stringify(body), warnings: leftOut(request, 'Mistral', 'task', 'user') }
  },

  readAnswer,
  readError,
}

export default embeddings

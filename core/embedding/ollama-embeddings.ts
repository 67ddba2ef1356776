// Ollama's own embeddings: its OpenAI layer gives numbers also where base64 was asked for. Loaded by core/registry.ts.
import type { EmbeddingTranslation } from '../../sdk/index.ts'
import { members } from '../dialect/openai/words.ts'
import { readError } from '../translation/ollama-chat/error.ts'
import { leftOut, textsOf, usageOf } from './canonical/request.ts'
import { vectorsOf } from './canonical/vectors.ts'

const embeddings: EmbeddingTranslation = {
  name: 'ollama-embeddings',
  pathOf: () => '/api/embed',

  writeRequest(request) {
    const { model, dimensions } = request
    const body = { model, input: textsOf(request, 'Ollama'), ...(dimensions !== undefined && { dimensions }) }
    return { body: JSON.stringify(body), warnings: leftOut(request, 'Ollama', 'task', 'user') }
  },

  readAnswer(body) {
    const { embeddings: vectors, prompt_eval_count: tokens } = members(body)
    return { vectors: vectorsOf(vectors), ...usageOf(tokens) }
  },

  readError,
}

export default embeddings

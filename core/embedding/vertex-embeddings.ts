// Google's embeddings on Google Cloud, where a model is asked to predict. Loaded by core/registry.ts.
import type { EmbeddingTranslation } from '../../sdk/index.ts'
import { members } from '../dialect/openai/words.ts'
import { readError } from '../translation/gemini/error.ts'
import { leftOut, textsOf, usageOf } from './canonical/request.ts'
import { vectorsOf } from './canonical/vectors.ts'
import { typeOf } from './gemini/task.ts'

const embeddings: EmbeddingTranslation = {
  name: 'vertex-embeddings',
  pathOf: model => `/models/${encodeURIComponent(model.replace(/^models\//, ''))}:predict`,

  writeRequest(request) {
    const { task, dimensions } = request
    const body = {
      instances: textsOf(request, 'Vertex').map(content => ({ content, ...(task !== undefined && { task_type: typeOf(task) }) })),
      ...(dimensions !== undefined && { parameters: { outputDimensionality: dimensions } }),
    }
    return { body: JSON.stringify(body), warnings: leftOut(request, 'Vertex', 'user') }
  },

  readAnswer(body) {
    const { predictions } = members(body)
    if (!Array.isArray(predictions)) throw new Error('The body is no list of predictions')
    const told = predictions.map(prediction => members(members(prediction).embeddings))
    const tokens = told.map(({ statistics }) => members(statistics).token_count)
    const all = tokens.every(count => typeof count === 'number') ? tokens.reduce((sum, count) => sum + count, 0) : undefined
    return { vectors: vectorsOf(told.map(({ values }) => values)), ...usageOf(all) }
  },

  readError,
}

export default embeddings

// Embeddings on Amazon Bedrock, which has no common form of them: Amazon's Titan takes one text a call, Cohere's models take
// what Cohere does. Loaded by core/registry.ts.
import type { EmbeddingTranslation } from '../../sdk/index.ts'
import { members } from '../dialect/openai/words.ts'
import { readError } from '../translation/bedrock-converse/error.ts'
import { leftOut, refuse, textsOf, usageOf } from './canonical/request.ts'
import { vectorOf } from './canonical/vectors.ts'
import { vectorsIn, written } from './cohere-embeddings.ts'

const COHERE = /cohere\.embed-/
/** The first of them gives vectors of one length alone. */
const COHERE_OF_ONE_LENGTH = /cohere\.embed-(?:english|multilingual)-v3/
const TITAN = /titan-embed-text-v2/
const TITAN_OF_ONE_LENGTH = /titan-embed-(?:text-v1|g1-text)/

const embeddings: EmbeddingTranslation = {
  name: 'bedrock-embeddings',
  // A model may be an ARN, with slashes: it is one segment all the same.
  pathOf: model => `/model/${encodeURIComponent(model)}/invoke`,

  writeRequest(request) {
    const { model, dimensions } = request
    if (dimensions !== undefined && (COHERE_OF_ONE_LENGTH.test(model) || TITAN_OF_ONE_LENGTH.test(model))) {
      refuse('dimensions', 'the vectors of this model have one length')
    }
    if (COHERE.test(model)) {
      const { body, warnings } = written(request)
      return { body: JSON.stringify(body), warnings }
    }
    if (!TITAN.test(model) && !TITAN_OF_ONE_LENGTH.test(model)) {
      refuse('model', 'of the models on Bedrock, those of Titan and Cohere are known here')
    }
    const [text, ...others] = textsOf(request, 'Titan')
    if (others.length > 0) refuse('input', 'Titan takes one text a call')
    const body = { inputText: text, ...(dimensions !== undefined && { dimensions }) }
    return { body: JSON.stringify(body), warnings: leftOut(request, 'Titan', 'task', 'user') }
  },

  readAnswer(body) {
    const { embedding, embeddings: several, inputTextTokenCount: tokens } = members(body)
    return { vectors: several === undefined ? [vectorOf(embedding)] : vectorsIn(several), ...usageOf(tokens) }
  },

  readError,
}

export default embeddings

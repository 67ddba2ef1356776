// Cohere's v2/embed, which wants to know what the vectors are for. Loaded by core/registry.ts; bedrock-embeddings.ts has the
// same models.
import type { EmbeddingRequest, EmbeddingTask, EmbeddingTranslation, Warning } from '../../sdk/index.ts'
import { members } from '../dialect/openai/words.ts'
import { readError } from '../translation/cohere-chat/error.ts'
import { leftOut, textsOf, usageOf } from './canonical/request.ts'
import { vectorsOf } from './canonical/vectors.ts'

const TYPES: Partial<Record<EmbeddingTask, string>> = {
  query: 'search_query', document: 'search_document', classification: 'classification', clustering: 'clustering',
}
/** What comes closest to the tasks that it does not have. */
const NEAREST: Partial<Record<EmbeddingTask, string>> = {
  question_answering: 'search_query', fact_verification: 'search_query', code_query: 'search_query', similarity: 'clustering',
}

/** The fields of a request that Bedrock has as well. */
export function written(request: EmbeddingRequest): { readonly body: object; readonly warnings: readonly Warning[] } {
  const { task = 'document', dimensions } = request
  const warnings = leftOut(request, 'Cohere', 'user')
  const type = TYPES[task] ?? NEAREST[task]!
  if (request.task === undefined || TYPES[task] === undefined) {
    const why = request.task === undefined ? `Cohere has to be told one, and was told ${type}` : `the nearest that Cohere has is ${type}`
    warnings.push({ field: 'task', action: 'approximated', why })
  }
  const body = {
    texts: textsOf(request, 'Cohere'), input_type: type, embedding_types: ['float'],
    ...(dimensions !== undefined && { output_dimension: dimensions }),
  }
  return { body, warnings }
}

/** Models before the fourth generation give one list of vectors where nobody asked for types. */
export function vectorsIn(embeddings: unknown): (readonly number[])[] {
  return vectorsOf(Array.isArray(embeddings) ? embeddings : members(embeddings).float)
}

const embeddings: EmbeddingTranslation = {
  name: 'cohere-embeddings',
  // The base URL ends in the version: https://api.cohere.com/v2.
  pathOf: () => '/embed',

  writeRequest(request) {
    const { body, warnings } = written(request)
    return { body: JSON.stringify({ model: request.model, ...body }), warnings }
  },

  readAnswer(body) {
    const { embeddings: vectors, meta } = members(body)
    return { vectors: vectorsIn(vectors), ...usageOf(members(members(meta).billed_units).input_tokens) }
  },

  readError,
}

export default embeddings

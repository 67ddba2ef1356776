// Tasks as Google's embeddings spell them. Used by ../gemini-embeddings.ts and ../vertex-embeddings.ts.
import type { EmbeddingTask } from '../../../sdk/index.ts'

const TYPES: Readonly<Record<EmbeddingTask, string>> = {
  query: 'RETRIEVAL_QUERY',
  document: 'RETRIEVAL_DOCUMENT',
  similarity: 'SEMANTIC_SIMILARITY',
  classification: 'CLASSIFICATION',
  clustering: 'CLUSTERING',
  question_answering: 'QUESTION_ANSWERING',
  fact_verification: 'FACT_VERIFICATION',
  code_query: 'CODE_RETRIEVAL_QUERY',
}

/** Google's word for a task. */
export const typeOf = (task: EmbeddingTask): string => TYPES[task]

/** The task that Google's word means; undefined for any other word. */
export function taskOf(type: unknown): EmbeddingTask | undefined {
  return (Object.keys(TYPES) as EmbeddingTask[]).find(task => TYPES[task] === type)
}

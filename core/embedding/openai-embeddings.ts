// OpenAI's embeddings, as many vendors took them over. Loaded by core/registry.ts.
import type { Asked, EmbeddingAnswer, EmbeddingRequest, EmbeddingTask, EmbeddingTranslation } from '../../sdk/index.ts'
import { members } from '../dialect/openai/words.ts'
import { readError, writeError } from '../translation/openai-chat/error.ts'
import { complain, dimensionsIn, leftOut, usageOf } from './canonical/request.ts'
import { toBase64, vectorOf } from './canonical/vectors.ts'

const NAME = 'openai-embeddings'

/** What vendors of this format call a task; OpenAI itself knows none. */
const TASKS: Readonly<Record<string, EmbeddingTask>> = {
  query: 'query', search_query: 'query', document: 'document', search_document: 'document', passage: 'document',
  classification: 'classification', clustering: 'clustering',
}

const ENCODINGS: ReadonlySet<unknown> = new Set(['float', 'base64'])

function readRequest(body: unknown, { model }: Asked): EmbeddingRequest {
  const { model: _model, input, dimensions, encoding_format: encoding, input_type: type, user, ...fields } = members(body)
  if (!ENCODINGS.has(encoding ?? 'float')) complain('encoding_format', '"float" or "base64"')
  const alone = !Array.isArray(input) || typeof input[0] === 'number'
  const inputs: unknown[] = alone ? [input] : input
  if (inputs.length === 0 || !inputs.every(isInput)) {
    complain('input', 'a text, a list of texts, a list of tokens, or a list of those')
  }
  const length = dimensionsIn(dimensions, 'dimensions')
  const task = typeof type === 'string' && Object.hasOwn(TASKS, type) ? TASKS[type] : undefined
  return {
    model, inputs, alone, encoding: encoding === 'base64' ? 'base64' : 'float',
    ...(length !== undefined && { dimensions: length }),
    ...(task !== undefined && { task }),
    ...(typeof user === 'string' && { user }),
    rest: { dialect: NAME, fields: { ...fields, ...(task === undefined && type !== undefined && { input_type: type }) } },
  }
}

function isInput(input: unknown): input is string | number[] {
  return typeof input === 'string' || (Array.isArray(input) && input.length > 0 && input.every(Number.isSafeInteger))
}

/** Reads a list of embeddings, whose own numbers say their order. Throws an Error where it is none. */
export function readAnswer(body: unknown): EmbeddingAnswer {
  const { data, usage } = members(body)
  if (!Array.isArray(data)) throw new Error('The body is no list of embeddings')
  const vectors: (readonly number[])[] = []
  for (const [place, one] of data.entries()) {
    const { index = place, embedding } = members(one)
    if (typeof index !== 'number' || !(index in data) || index in vectors) throw new Error('Expected each embedding once')
    vectors[index] = vectorOf(embedding)
  }
  const { prompt_tokens: prompt, total_tokens: total } = members(usage)
  return { vectors, ...usageOf(prompt ?? total) }
}

/** A client expects a usage; zero tokens are those of nobody knows how many. */
function writeAnswer({ vectors, usage }: EmbeddingAnswer, { model, encoding }: EmbeddingRequest): string {
  const tokens = usage?.input ?? 0
  return JSON.stringify({
    object: 'list',
    data: vectors.map((vector, index) => {
      return { object: 'embedding', index, embedding: encoding === 'base64' ? toBase64(vector) : vector }
    }),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  })
}

const embeddings: EmbeddingTranslation = {
  name: NAME,
  pathOf: () => '/embeddings',

  writeRequest(request) {
    const { model, inputs, dimensions, user } = request
    const body = {
      model, input: inputs, encoding_format: 'float',
      ...(dimensions !== undefined && { dimensions }), ...(user !== undefined && { user }),
    }
    return { body: JSON.stringify(body), warnings: leftOut(request, 'this provider', 'task') }
  },

  readAnswer,
  readError,
  client: { readRequest, writeAnswer, writeError },
}

export default embeddings

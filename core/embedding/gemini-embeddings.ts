// Google's embeddings, as AI Studio serves them: one content, or a batch. Loaded by core/registry.ts.
import { isDeepStrictEqual } from 'node:util'
import type { Asked, EmbeddingAnswer, EmbeddingRequest, EmbeddingTranslation } from '../../sdk/index.ts'
import { readError, writeError } from '../translation/gemini/error.ts'
import { fieldsOf, listOf, type Fields } from '../translation/gemini/proto.ts'
import { complain, dimensionsIn, leftOut, textsOf, usageOf } from './canonical/request.ts'
import { vectorOf, vectorsOf } from './canonical/vectors.ts'
import { taskOf, typeOf } from './gemini/task.ts'

const NAME = 'gemini-embeddings'

function readRequest(body: unknown, { model }: Asked): EmbeddingRequest {
  const top = fieldsOf(body)
  const alone = top.requests === undefined
  const requests = alone ? [top] : listOf(top.requests)
  const inputs = requests.map(({ content }, at) => textIn(content, alone ? 'content' : `requests[${at}].content`))
  const [settings = {}, ...others] = requests.map(settingsOf)
  const odd = others.findIndex(other => !isDeepStrictEqual(other, settings))
  if (odd !== -1) complain(`requests[${odd + 1}]`, 'like the first but for its content: other providers take one kind at a time')
  const { taskType, outputDimensionality, ...fields } = settings
  const task = taskOf(taskType)
  const dimensions = dimensionsIn(outputDimensionality, 'outputDimensionality')
  return {
    model, inputs, alone, encoding: 'float',
    ...(dimensions !== undefined && { dimensions }),
    ...(task !== undefined && { task }),
    rest: { dialect: NAME, fields: { ...fields, ...(task === undefined && taskType !== undefined && { taskType }) } },
  }
}

/** All but what is embedded, and by whom. */
function settingsOf({ model: _model, content: _content, embedContentConfig, ...more }: Fields): Fields {
  return { ...more, ...fieldsOf(embedContentConfig) }
}

/** Other providers make one vector of one text: what several parts have in common, nobody but Google says. */
function textIn(content: unknown, param: string): string {
  const parts = listOf(fieldsOf(content).parts)
  const text = parts[0]?.text
  if (parts.length === 1 && typeof text === 'string') return text
  return complain(`${param}.parts`, 'one text, which is all that other providers embed')
}

function writeAnswer({ vectors, usage }: EmbeddingAnswer, { alone }: EmbeddingRequest): string {
  const embeddings = vectors.map(values => ({ values }))
  return JSON.stringify({
    ...(alone ? { embedding: embeddings[0] } : { embeddings }),
    ...(usage !== undefined && { usageMetadata: { promptTokenCount: usage.input, totalTokenCount: usage.input } }),
  })
}

const embeddings: EmbeddingTranslation = {
  name: NAME,
  pathOf: model => `/models/${encodeURIComponent(model.replace(/^models\//, ''))}:batchEmbedContents`,

  writeRequest(request) {
    const { model, task, dimensions } = request
    const requests = textsOf(request, 'Gemini').map(text => ({
      model: `models/${model.replace(/^models\//, '')}`,
      content: { parts: [{ text }] },
      ...(task !== undefined && { taskType: typeOf(task) }),
      ...(dimensions !== undefined && { outputDimensionality: dimensions }),
    }))
    return { body: JSON.stringify({ requests }), warnings: leftOut(request, 'Gemini', 'user') }
  },

  readAnswer(body) {
    const { embedding, embeddings: several, usageMetadata } = fieldsOf(body)
    const valuesOf = (one: unknown): unknown => fieldsOf(one).values
    const vectors = several === undefined ? [vectorOf(valuesOf(embedding))] : vectorsOf(listOf(several).map(valuesOf))
    return { vectors, ...usageOf(fieldsOf(usageMetadata).promptTokenCount) }
  },

  readError,
  client: { readRequest, writeAnswer, writeError },
}

export default embeddings

import assert from 'node:assert/strict'
import { test } from 'node:test'
import format from '../../../core/embedding/gemini-embeddings.ts'
import { GatehouseError, type EmbeddingTask } from '../../../sdk/index.ts'
import { asking, refuses, used, written } from './asked.ts'

const client = format.client!
const read = (body: unknown) => client.readRequest(body, { model: 'm', stream: false })
const one = (text: string, more: object = {}): object => ({ model: 'models/m', content: { parts: [{ text }] }, ...more })
const settings = { taskType: 'RETRIEVAL_QUERY', outputDimensionality: 8 }

for (const [what, body, more] of [
  ['one', one('x'), { inputs: ['x'], alone: true }],
  ['a batch', { requests: [one('x'), one('y')] }, {}],
  ['a batch of one', { requests: [one('x')] }, { inputs: ['x'] }],
  ['what they are for', { requests: [one('x', settings), one('y', settings)] }, { task: 'query', dimensions: 8 }],
  ['a config', one('x', { embedContentConfig: settings }), { inputs: ['x'], alone: true, task: 'query', dimensions: 8 }],
  ['names as the .proto files spell them', { requests: [one('x', { task_type: 'CLUSTERING' }), one('y', { task_type: 'CLUSTERING' })] }, { task: 'clustering' }],
  ['what it does not know', one('x', { title: 't', taskType: 'NEW' }), { inputs: ['x'], alone: true, rest: { dialect: 'gemini-embeddings', fields: { title: 't', taskType: 'NEW' } } }],
] as const) {
  test(`reads ${what}`, () => assert.deepEqual(read(body), asking({ rest: { dialect: 'gemini-embeddings', fields: {} }, ...more })))
}

for (const [body, param] of [
  [{ content: { parts: [] } }, 'content.parts'], [{ requests: [one('x'), { content: { parts: [{ text: 'x' }, { text: 'y' }] } }] }, 'requests[1].content.parts'],
  [{ content: { parts: [{ inlineData: { mimeType: 'image/png', data: 'AA' } }] } }, 'content.parts'], [null, 'content.parts'],
  [{ requests: [one('x', settings), one('y')] }, 'requests[1]'], [one('x', { outputDimensionality: -1 }), 'outputDimensionality'],
] as const) {
  test(`is nothing for others: ${JSON.stringify(body)}`, () => {
    assert.throws(() => read(body), error => error instanceof GatehouseError && error.code === 'invalid_body' && error.param === param)
  })
}

test('a provider is asked for a batch', () => {
  const { body, warned } = written(format, asking({ model: 'models/m', task: 'document', dimensions: 8, user: 'u', rest: { dialect: 'o', fields: { truncate: 'END' } } }))
  const more = { taskType: 'RETRIEVAL_DOCUMENT', outputDimensionality: 8 }
  assert.deepEqual([body, warned], [{ requests: [one('x', more), one('y', more)] }, ['truncate dropped', 'user dropped']])
  assert.equal(format.pathOf('models/a/b'), '/models/a%2Fb:batchEmbedContents')
  refuses(format, asking({ inputs: ['x', [1, 2]] }), 'input')
})

test('every task comes back as it was', () => {
  const tasks: EmbeddingTask[] = ['query', 'document', 'similarity', 'classification', 'clustering', 'question_answering', 'fact_verification', 'code_query']
  for (const task of tasks) assert.equal(read(written(format, asking({ task })).body).task, task)
})

test('reads answers', () => {
  assert.deepEqual(format.readAnswer({ embeddings: [{ values: [1] }, { values: [2] }], usageMetadata: { promptTokenCount: 3 } }), { vectors: [[1], [2]], usage: used(3) })
  assert.deepEqual(format.readAnswer({ embedding: { values: [1] } }), { vectors: [[1]] })
  for (const body of [undefined, {}, { embeddings: [{}] }, { embedding: {} }]) assert.throws(() => format.readAnswer(body), /Expected/)
})

test('writes one for one, and a list for a batch', () => {
  const answer = { vectors: [[1, 2]], usage: { input: 3, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider' } } as const
  assert.deepEqual(JSON.parse(client.writeAnswer(answer, asking({ alone: true }))), { embedding: { values: [1, 2] }, usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 } })
  assert.deepEqual(JSON.parse(client.writeAnswer({ vectors: [[1, 2]] }, asking())), { embeddings: [{ values: [1, 2] }] })
})

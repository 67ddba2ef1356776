import assert from 'node:assert/strict'
import { test } from 'node:test'
import format from '../../../core/embedding/vertex-embeddings.ts'
import { asking, refuses, used, written } from './asked.ts'

test('asks for a prediction', () => {
  assert.deepEqual(written(format, asking({ task: 'query', dimensions: 8, user: 'u' })), {
    body: { instances: [{ content: 'x', task_type: 'RETRIEVAL_QUERY' }, { content: 'y', task_type: 'RETRIEVAL_QUERY' }], parameters: { outputDimensionality: 8 } },
    warned: ['user dropped'],
  })
  assert.deepEqual(written(format, asking()), { body: { instances: [{ content: 'x' }, { content: 'y' }] }, warned: [] })
  assert.equal(format.pathOf('text-embedding-005'), '/models/text-embedding-005:predict')
  refuses(format, asking({ inputs: [[1]] }), 'input')
})

const predicted = (values: number[], statistics?: object): object => ({ embeddings: { values, ...(statistics && { statistics }) } })

test('reads predictions, and the tokens of all where all tell theirs', () => {
  assert.deepEqual(format.readAnswer({ predictions: [predicted([1], { token_count: 2 }), predicted([2], { token_count: 3 })] }), { vectors: [[1], [2]], usage: used(5) })
  assert.deepEqual(format.readAnswer({ predictions: [predicted([1], { token_count: 2 }), predicted([2])] }), { vectors: [[1], [2]] })
  for (const body of [undefined, {}, { predictions: [{}] }]) assert.throws(() => format.readAnswer(body), /Expected|no list/)
})

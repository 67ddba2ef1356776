import assert from 'node:assert/strict'
import { test } from 'node:test'
import format from '../../../core/embedding/cohere-embeddings.ts'
import type { EmbeddingTask } from '../../../sdk/index.ts'
import { asking, refuses, used, written } from './asked.ts'

for (const [task, type, warned] of [
  ['query', 'search_query', []], ['document', 'search_document', []], ['classification', 'classification', []], ['clustering', 'clustering', []],
  [undefined, 'search_document', ['task approximated']], ['similarity', 'clustering', ['task approximated']], ['code_query', 'search_query', ['task approximated']],
] satisfies [EmbeddingTask | undefined, string, string[]][]) {
  test(`the task ${task} is ${type}`, () => {
    assert.deepEqual(written(format, asking(task && { task })), { body: { model: 'm', texts: ['x', 'y'], input_type: type, embedding_types: ['float'] }, warned })
  })
}

test('length, user and tokens', () => {
  const { body, warned } = written(format, asking({ task: 'query', dimensions: 256, user: 'u' }))
  assert.deepEqual([(body as { output_dimension: number }).output_dimension, warned], [256, ['user dropped']])
  refuses(format, asking({ inputs: [[1]] }), 'input')
  assert.equal(format.pathOf('m'), '/embed')
})

test('reads answers by type, and lists', () => {
  assert.deepEqual(format.readAnswer({ embeddings: { float: [[1], [2]] }, meta: { billed_units: { input_tokens: 3 } } }), { vectors: [[1], [2]], usage: used(3) })
  assert.deepEqual(format.readAnswer({ embeddings: [[1]] }), { vectors: [[1]] })
  for (const body of [undefined, {}, { embeddings: { int8: [[1]] } }]) assert.throws(() => format.readAnswer(body), /Expected/)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import format from '../../../core/embedding/mistral-embeddings.ts'
import { asking, refuses, used, written } from './asked.ts'

test('has its own word for the length, and no field that Mistral would refuse', () => {
  assert.deepEqual(written(format, asking({ task: 'query', dimensions: 8, user: 'u' })),
    { body: { model: 'm', input: ['x', 'y'], encoding_format: 'float', output_dimension: 8 }, warned: ['task dropped', 'user dropped'] })
  refuses(format, asking({ inputs: [[1]] }), 'input')
  assert.equal(format.pathOf('m'), '/embeddings')
})

test('reads answers as OpenAI gives them', () => {
  assert.deepEqual(format.readAnswer({ id: 'e', object: 'list', data: [{ object: 'embedding', index: 0, embedding: [1] }], usage: { prompt_tokens: 2, total_tokens: 2 } }),
    { vectors: [[1]], usage: used(2) })
})

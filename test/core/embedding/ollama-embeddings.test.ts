import assert from 'node:assert/strict'
import { test } from 'node:test'
import format from '../../../core/embedding/ollama-embeddings.ts'
import { asking, refuses, used, written } from './asked.ts'

test('asks its own API', () => {
  assert.deepEqual(written(format, asking({ task: 'query', dimensions: 8, user: 'u' })),
    { body: { model: 'm', input: ['x', 'y'], dimensions: 8 }, warned: ['task dropped', 'user dropped'] })
  refuses(format, asking({ inputs: [[1]] }), 'input')
  assert.equal(format.pathOf('m'), '/api/embed')
})

test('reads answers', () => {
  assert.deepEqual(format.readAnswer({ model: 'm', embeddings: [[1], [2]], prompt_eval_count: 3 }), { vectors: [[1], [2]], usage: used(3) })
  for (const body of [undefined, {}, { embedding: [1] }]) assert.throws(() => format.readAnswer(body), /Expected/)
})

test('a model that is not there is told as that', () => {
  assert.equal(format.readError(404, { error: 'model "m" not found, try pulling it first' }).failure, 'not_found')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import format from '../../../core/embedding/bedrock-embeddings.ts'
import { asking, refuses, used, written } from './asked.ts'

const TITAN = 'amazon.titan-embed-text-v2:0'
const COHERE = 'eu.cohere.embed-v4:0'

test('Titan takes one text', () => {
  assert.deepEqual(written(format, asking({ model: TITAN, inputs: ['x'], dimensions: 256, task: 'query', user: 'u' })),
    { body: { inputText: 'x', dimensions: 256 }, warned: ['task dropped', 'user dropped'] })
  refuses(format, asking({ model: TITAN }), 'input')
  refuses(format, asking({ model: TITAN, inputs: [[1]] }), 'input')
})

test('models of Cohere take what Cohere takes', () => {
  assert.deepEqual(written(format, asking({ model: COHERE, dimensions: 256, task: 'query' })),
    { body: { texts: ['x', 'y'], input_type: 'search_query', embedding_types: ['float'], output_dimension: 256 }, warned: [] })
})

for (const model of ['amazon.titan-embed-text-v1', 'amazon.titan-embed-g1-text-02', 'cohere.embed-english-v3', 'cohere.embed-multilingual-v3']) {
  test(`${model} has vectors of one length`, () => {
    refuses(format, asking({ model, inputs: ['x'], dimensions: 256 }), 'dimensions')
    assert.doesNotThrow(() => format.writeRequest(asking({ model, inputs: ['x'] })))
  })
}

test('other models have forms that nobody knows here', () => refuses(format, asking({ model: 'amazon.nova-2-multimodal-embeddings-v1:0' }), 'model'))

test('a model is one segment of the path', () => {
  assert.equal(format.pathOf('arn:aws:bedrock:eu-west-1::foundation-model/x'), '/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A%3Afoundation-model%2Fx/invoke')
})

test('reads the answers of both', () => {
  assert.deepEqual(format.readAnswer({ embedding: [1, 2], inputTextTokenCount: 3, embeddingsByType: { float: [1, 2] } }), { vectors: [[1, 2]], usage: used(3) })
  assert.deepEqual(format.readAnswer({ embeddings: { float: [[1]] }, id: 'i' }), { vectors: [[1]] })
  assert.deepEqual(format.readAnswer({ embeddings: [[1]], id: 'i' }), { vectors: [[1]] })
  for (const body of [undefined, {}, { embedding: 'x' }]) assert.throws(() => format.readAnswer(body), /Expected/)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../../law.ts'
import format from '../../../core/embedding/openai-embeddings.ts'
import { GatehouseError } from '../../../sdk/index.ts'
import { asking, used, written } from './asked.ts'

const client = format.client!
const read = (body: unknown) => client.readRequest(body, { model: 'm', stream: false })

for (const [what, body, more] of [
  ['a text', { input: 'x' }, { inputs: ['x'], alone: true }],
  ['a list of texts', { input: ['x', 'y'] }, {}],
  ['tokens', { input: [1, 2] }, { inputs: [[1, 2]], alone: true }],
  ['a list of tokens', { input: [[1, 2], [3]] }, { inputs: [[1, 2], [3]] }],
  ['all that it may say', { input: ['x', 'y'], dimensions: 8, encoding_format: 'base64', user: 'u', input_type: 'passage' },
    { dimensions: 8, encoding: 'base64', user: 'u', task: 'document' }],
  ['nothing where null stands', { input: ['x', 'y'], dimensions: null, encoding_format: null, user: null }, {}],
  ['fields of others', { input: ['x', 'y'], truncate: 'END', input_type: 'image' }, { rest: { dialect: 'openai-embeddings', fields: { truncate: 'END', input_type: 'image' } } }],
] as const) {
  test(`reads ${what}`, () => {
    assert.deepEqual(read({ model: 'theirs', ...body }), asking({ rest: { dialect: 'openai-embeddings', fields: {} }, ...more }))
  })
}

for (const [body, param] of [
  [{}, 'input'], [{ input: [] }, 'input'], [{ input: [[]] }, 'input'], [{ input: ['x', 1] }, 'input'], [{ input: [1, 'x'] }, 'input'],
  [{ input: [0.5] }, 'input'], [{ input: { text: 'x' } }, 'input'], [{ input: 'x', encoding_format: 'int8' }, 'encoding_format'],
  [{ input: 'x', dimensions: 0 }, 'dimensions'], [{ input: 'x', dimensions: '8' }, 'dimensions'], [null, 'input'],
] as const) {
  test(`is no request: ${JSON.stringify(body)}`, () => {
    assert.throws(() => read(body), error => error instanceof GatehouseError && error.code === 'invalid_body' && error.param === param)
  })
}

test('a provider is asked for numbers, whatever the client wants, and told no task', () => {
  assert.deepEqual(written(format, asking({ inputs: ['x', [1, 2]], dimensions: 8, encoding: 'base64', user: 'u', task: 'query' })),
    { body: { model: 'm', input: ['x', [1, 2]], encoding_format: 'float', dimensions: 8, user: 'u' }, warned: ['task dropped'] })
  assert.equal(format.pathOf('m'), '/embeddings')
})

const list = (...data: object[]): object => ({ object: 'list', data, usage: { prompt_tokens: 3, total_tokens: 3 } })

test('vectors stand in the order of their numbers, in either form', () => {
  assert.deepEqual(format.readAnswer(list({ index: 1, embedding: 'AAAAPwAAgL8=' }, { index: 0, embedding: [1, 2] })),
    { vectors: [[1, 2], [0.5, -1]], usage: used(3) })
  assert.deepEqual(format.readAnswer({ data: [{ embedding: [1] }, { embedding: [2] }], usage: { total_tokens: 4 } }), { vectors: [[1], [2]], usage: used(4) })
})

for (const body of [
  undefined, {}, { data: {} }, list({ index: 0, embedding: [] }), list({ index: 0, embedding: ['x'] }), list({ index: 0, embedding: 'AAA=' }),
  list({ index: 0, embedding: [1] }, { index: 0, embedding: [1] }), list({ index: 7, embedding: [1] }), list({ index: -1, embedding: [1] }), list({ index: 'length', embedding: [1] }),
]) {
  test(`is no answer: ${JSON.stringify(body)}`, () => assert.throws(() => format.readAnswer(body), (error: Error) => !(error instanceof TypeError)))
}

test('P52: what is written reads as what it was, in numbers to the last bit, in base64 as floats of the lowest byte first', () => {
  const vectors = fc.array(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }).map(number => number + 0), { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 })
  fc.assert(fc.property(vectors, fc.constantFrom('float' as const, 'base64' as const), (all, encoding) => {
    const told = JSON.parse(client.writeAnswer({ vectors: all }, asking({ encoding }))) as { data: { embedding: unknown }[] }
    assert.equal(typeof told.data[0]!.embedding, encoding === 'float' ? 'object' : 'string')
    assert.deepEqual(format.readAnswer(told).vectors, all)
  }))
  assert.deepEqual(JSON.parse(client.writeAnswer({ vectors: [[1, -2]] }, asking({ encoding: 'base64' }))),
    { object: 'list', data: [{ object: 'embedding', index: 0, embedding: 'AACAPwAAAMA=' }], model: 'm', usage: { prompt_tokens: 0, total_tokens: 0 } })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import dialect from '../../../core/dialect/openai-embeddings.ts'
import { read } from '../../../core/reading.ts'
import { GatehouseError } from '../../../sdk/index.ts'
import { tapeOf } from './walk.ts'

const inputs: [unknown, string[]][] = [
  ['x', ['/input', '/user']],
  [['x', 'y'], ['/input/0', '/input/1', '/user']],
  [[[1, 2]], ['/user']],
]

for (const [input, paths] of inputs) {
  test(`map of requests: ${JSON.stringify(input)}`, () => {
    const body = { model: 'm', input, encoding_format: 'base64', input_type: 'query', dimensions: 8, user: 'x' }
    const { spots, uncovered } = read(tapeOf(JSON.stringify(body)), dialect.request)
    assert.deepEqual(spots.map(spot => spot.path), paths)
    assert.ok(spots.every(({ origin, channel }) => origin === 'user' && channel === 'text'))
    assert.deepEqual(uncovered, [])
  })
}

test('map of answers: a vector is no text, in either encoding', () => {
  const data = [{ object: 'embedding', index: 0, embedding: 'AACAPw==' }, { object: 'embedding', index: 1, embedding: [0.5] }]
  const body = { object: 'list', data, model: 'm', usage: {} }
  const { spots, uncovered, usage } = read(tapeOf(JSON.stringify(body)), dialect.response)
  assert.deepEqual([spots, uncovered], [[], []])
  assert.notEqual(usage, -1)
})

for (const [json, param] of [
  ['7', null], ['{"input":"x"}', 'model'], ['{"model":"m"}', 'input'], ['{"model":"m","input":null}', 'input'],
] as const) {
  test(`refused: ${json}`, () => {
    assert.throws(() => dialect.check(tapeOf(json)), error => error instanceof GatehouseError && error.param === param)
  })
}

test('usage is all input, also where only the total is told', () => {
  const usage = { input: 12, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider' }
  assert.deepEqual(dialect.usage({ prompt_tokens: 12, total_tokens: 12 }), usage)
  assert.deepEqual(dialect.usage({ total_tokens: 12 }), usage)
  assert.equal(dialect.usage('12'), undefined)
})

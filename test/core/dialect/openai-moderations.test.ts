import assert from 'node:assert/strict'
import { test } from 'node:test'
import dialect from '../../../core/dialect/openai-moderations.ts'
import { read } from '../../../core/reading.ts'
import { GatehouseError } from '../../../sdk/index.ts'
import { tapeOf } from './walk.ts'

const inputs: [unknown, string[]][] = [
  ['x', ['/input']],
  [['x', 'y'], ['/input/0', '/input/1']],
  [[{ type: 'text', text: 'x' }, { type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } }], ['/input/0/text']],
]

for (const [input, paths] of inputs) {
  test(`map of requests: ${JSON.stringify(input)}`, () => {
    const { spots, uncovered } = read(tapeOf(JSON.stringify({ model: 'm', input })), dialect.request)
    assert.deepEqual(spots.map(({ path, origin, channel }) => [path, origin, channel]), paths.map(path => [path, 'user', 'text']))
    assert.deepEqual(uncovered, [])
  })
}

test('map of answers: verdicts are words of the format', () => {
  const verdict = { flagged: true, categories: { hate: true }, category_applied_input_types: { hate: ['text'] } }
  const { spots, uncovered } = read(tapeOf(JSON.stringify({ id: 'modr-1', model: 'm', results: [verdict] })), dialect.response)
  assert.deepEqual([spots, uncovered], [[], []])
})

for (const [json, param] of [['[]', null], ['{"model":"","input":"x"}', 'model'], ['{"model":"m"}', 'input']] as const) {
  test(`refused: ${json}`, () => {
    assert.throws(() => dialect.check(tapeOf(json)), error => error instanceof GatehouseError && error.param === param)
  })
}

test('the model may be left out', () => assert.doesNotThrow(() => dialect.check(tapeOf('{"input":["x"]}'))))

import assert from 'node:assert/strict'
import { test } from 'node:test'
import dialect from '../../../core/dialect/openai-completions.ts'
import { read } from '../../../core/reading.ts'
import { GatehouseError } from '../../../sdk/index.ts'
import { tapeOf } from './walk.ts'

const streaming = dialect.streaming!

test('map of requests', () => {
  const body = { model: 'm', prompt: ['x', 'y'], suffix: 'x', stop: 'x', user: 'x', best_of: 1, other: 'z' }
  const { spots, uncovered } = read(tapeOf(JSON.stringify(body)), dialect.request)
  assert.deepEqual(spots.map(spot => `${spot.path} ${spot.origin}/${spot.channel}`), [
    '/prompt/0 user/text', '/prompt/1 user/text', '/suffix user/text', '/stop user/text', '/user user/text',
  ])
  assert.equal(uncovered.length, 1)
})

for (const map of [dialect.response, streaming.frame]) {
  test('map of answers and of frames', () => {
    const logprobs = { tokens: ['x'], token_logprobs: [-1], top_logprobs: [{ x: -1 }], text_offset: [0] }
    const choices = [{ index: 1, text: 'x', logprobs, finish_reason: 'stop' }]
    const body = { id: 'c', object: 'o', model: 'm', choices, usage: {} }
    const { spots, uncovered, finished, usage } = read(tapeOf(JSON.stringify(body)), map)
    assert.deepEqual(spots.map(spot => `${spot.path} ${spot.origin}/${spot.channel} ${spot.choice}`), [
      '/choices/1/text assistant/text 1',
    ])
    assert.deepEqual([uncovered, finished], [[], [1]])
    assert.notEqual(usage, -1)
  })
}

for (const [json, param] of [
  ['[]', null], ['{"prompt":"x"}', 'model'], ['{"model":"m","prompt":7}', 'prompt'], ['{"model":"m","prompt":{}}', 'prompt'],
  ['{"model":"m","prompt":"x","stream":0}', 'stream'],
] as const) {
  test(`refused: ${json}`, () => {
    assert.throws(() => dialect.check(tapeOf(json)), error => error instanceof GatehouseError && error.param === param)
  })
}

for (const prompt of ['', ',"prompt":null', ',"prompt":""', ',"prompt":[1,2]']) {
  test(`passed: a model${prompt}`, () => assert.doesNotThrow(() => dialect.check(tapeOf(`{"model":"m"${prompt}}`))))
}

const like = '{"id":"c","object":"text_completion","created":3,"model":"m","choices":[]}'
const head = { id: 'c', object: 'text_completion', created: 3, model: 'm' }
const choice = (index: number, text: string, finish_reason: string | null) => [{ index, text, logprobs: null, finish_reason }]

test('a frame says a piece of text', () => {
  const frame = streaming.say({ choice: 2, channel: 'text', call: -1 }, 'x', like, 0)
  assert.deepEqual(JSON.parse(frame), { ...head, choices: choice(2, 'x', null) })
})

test('a refusal ends each of the choices with content_filter', () => {
  const frames = streaming.refuse([0, 1], { first: '{}', latest: like, begun: new Set(), open: [], sequence: 0 }, 'content_filter')
  assert.deepEqual(frames.map(frame => JSON.parse(frame)), [
    { ...head, choices: choice(0, '', 'content_filter') }, { ...head, choices: choice(1, '', 'content_filter') },
  ])
})

test('an answer of the gateway\'s own, whole and as frames', () => {
  const reply = { id: 'c', model: 'm', text: 'Hi.', finish: 'stop', at: 3 } as const
  const usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }
  assert.deepEqual(JSON.parse(dialect.answer!(reply)), { ...head, choices: choice(0, 'Hi.', 'stop'), usage })
  assert.deepEqual(streaming.answer(reply).map(frame => JSON.parse(frame)), [
    { ...head, choices: choice(0, 'Hi.', null) }, { ...head, choices: choice(0, '', 'stop') },
  ])
})

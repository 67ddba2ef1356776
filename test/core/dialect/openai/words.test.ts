import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../../../law.ts'
import { GatehouseError, type Usage } from '../../../../sdk/index.ts'
import { errorBody, usage } from '../../../../core/dialect/openai/words.ts'

const none = { cacheRead: 0, cacheWrite: 0, reasoning: 0 }

const told: [string, unknown, Omit<Usage, 'source'>][] = [
  ['the bare counts', { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 }, { ...none, input: 9, output: 5 }],
  ['no completion at all', { prompt_tokens: 9, total_tokens: 9 }, { ...none, input: 9, output: 0 }],
  ['OpenAI, with every detail', {
    prompt_tokens: 100, completion_tokens: 50, total_tokens: 150,
    prompt_tokens_details: { cached_tokens: 64, cache_write_tokens: 20, audio_tokens: 1 },
    completion_tokens_details: { reasoning_tokens: 30, audio_tokens: 0 },
  }, { input: 100, output: 50, cacheRead: 64, cacheWrite: 20, reasoning: 30, inputAudio: 1 }],
  ['details that are null', {
    prompt_tokens: 7, completion_tokens: null, prompt_tokens_details: null, completion_tokens_details: null,
  }, { ...none, input: 7, output: 0 }],
  ['DeepSeek without details', {
    prompt_tokens: 339, completion_tokens: 83, prompt_cache_hit_tokens: 320, prompt_cache_miss_tokens: 19,
  }, { ...none, input: 339, output: 83, cacheRead: 320 }],
  ['Moonshot', {
    prompt_tokens: 20, completion_tokens: 30, cached_tokens: 10,
  }, { ...none, input: 20, output: 30, cacheRead: 10 }],
  ['Mistral', { prompt_tokens: 20, completion_tokens: 30, num_cached_tokens: 10 }, { ...none, input: 20, output: 30, cacheRead: 10 }],
  ['xAI, where reasoning is counted beside the completion', {
    prompt_tokens: 307, completion_tokens: 26, total_tokens: 560, completion_tokens_details: { reasoning_tokens: 227 },
  }, { ...none, input: 307, output: 253, reasoning: 227 }],
  ['parts larger than their total', {
    prompt_tokens: 10, completion_tokens: 5, total_tokens: 15,
    prompt_tokens_details: { cached_tokens: 8, cache_write_tokens: 8 }, completion_tokens_details: { reasoning_tokens: 6 },
  }, { input: 10, output: 5, cacheRead: 8, cacheWrite: 2, reasoning: 5 }],
  ['parts that are no counts', {
    prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: { cached_tokens: -3, cache_write_tokens: 'x' },
    completion_tokens_details: [1],
  }, { ...none, input: 10, output: 5 }],
]

for (const [name, raw, expected] of told) {
  test(`usage: ${name}`, () => assert.deepEqual(usage(raw), { ...expected, source: 'provider' }))
}

for (const raw of [
  undefined, null, 5, 'usage', [], {}, { total_tokens: 5 }, { completion_tokens: 5 },
  { prompt_tokens: -1 }, { prompt_tokens: 1.5 }, { prompt_tokens: '7' }, { prompt_tokens: 1e300 },
  { prompt_tokens: 7, completion_tokens: -1 }, { prompt_tokens: 7, completion_tokens: {} },
]) {
  test(`usage without sound counts is none: ${JSON.stringify(raw)}`, () => assert.equal(usage(raw), undefined))
}

test('usage: whatever a provider sends, parts never exceed their totals', () => {
  const garbage = fc.oneof(fc.integer(), fc.double(), fc.string(), fc.constant(null))
  const value = fc.oneof({ weight: 9, arbitrary: fc.nat(1000) }, { weight: 1, arbitrary: garbage })
  const shape = fc.record({
    prompt_tokens: value,
    completion_tokens: value,
    total_tokens: value,
    cached_tokens: value,
    prompt_tokens_details: fc.oneof(value, fc.record({
      cached_tokens: value, cache_write_tokens: value, audio_tokens: value, image_tokens: value,
      cached_tokens_details: fc.oneof(value, fc.record({ audio_tokens: value, image_tokens: value })),
    })),
    completion_tokens_details: fc.oneof(value, fc.record({ reasoning_tokens: value, audio_tokens: value, image_tokens: value })),
  }, { requiredKeys: [] })
  fc.assert(fc.property(shape, raw => {
    const read = usage(raw)
    if (read === undefined) return
    const { input, output, cacheRead, cacheWrite, reasoning, source, offList, ...kinds } = read
    const counts = [input, output, cacheRead, cacheWrite, reasoning, ...Object.values(kinds)]
    assert.ok(counts.every(count => Number.isInteger(count) && count >= 0) && source === 'provider' && offList === undefined)
    assert.ok(cacheRead + cacheWrite <= input && reasoning <= output)
    const { inputAudio = 0, inputImage = 0, cacheReadAudio = 0, cacheReadImage = 0, outputAudio = 0, outputImage = 0 } = kinds
    assert.ok(Math.max(inputAudio, inputImage) <= input && Math.max(cacheReadAudio, cacheReadImage) <= cacheRead)
    assert.ok(Math.max(outputAudio, outputImage) <= output)
  }))
})

const errors: [GatehouseError, object][] = [
  [new GatehouseError('model_not_found', 'No such "model".', { param: 'model' }),
    { message: 'No such "model".', type: 'not_found_error', param: 'model', code: 'model_not_found' }],
  [new GatehouseError('invalid_key', 'No.'),
    { message: 'No.', type: 'authentication_error', param: null, code: 'invalid_api_key' }],
  [new GatehouseError('blocked', 'No.'), { message: 'No.', type: 'invalid_request_error', param: null, code: 'content_filter' }],
  [new GatehouseError('upstream_timeout', 'Late.'),
    { message: 'Late.', type: 'api_error', param: null, code: 'upstream_timeout' }],
]

for (const [error, body] of errors) {
  test(`an error in OpenAI's shape: ${error.code}`, () => assert.deepEqual(JSON.parse(errorBody(error)), { error: body }))
}

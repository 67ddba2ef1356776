import assert from 'node:assert/strict'
import { test } from 'node:test'
import translation from '../../../../core/translation/openai-chat.ts'
import type { CanonicalAnswer, CanonicalEvent, Block } from '../../../../sdk/index.ts'
import { unfold } from '../../../../core/fold.ts'
import { REQUEST, SETTINGS, writeStream } from '../law.ts'

const USAGE = { input: 10, output: 5, cacheRead: 3, cacheWrite: 0, reasoning: 2, source: 'provider' } as const
const answer = (...blocks: Block[]): CanonicalAnswer => ({
  id: 'a1', model: 'real', created: 5, choices: [{ index: 0, blocks, finish: { stop: 'end', raw: '' } }], usage: USAGE,
})
const payloads = (events: readonly CanonicalEvent[], settings = SETTINGS) =>
  writeStream(translation, events, settings).map(({ payload }) => payload.startsWith('{') ? JSON.parse(payload) : payload)
const deltas = (events: readonly CanonicalEvent[]) =>
  payloads(events).flatMap(frame => frame.choices?.map((choice: { delta: unknown }) => choice.delta) ?? [])

const text = { kind: 'text', text: 'Hi' } as const
const call = (id: string, args: string) => ({ kind: 'tool_call', id, name: 'f', args } as const)

test('the frames of an answer', () => {
  const head = { id: 'a1', object: 'chat.completion.chunk', created: 5, model: 'm' }
  assert.deepEqual(payloads(unfold(answer(text))), [
    {
      ...head, choices: [{ index: 0, delta: { role: 'assistant', content: 'Hi' }, logprobs: null, finish_reason: null }],
      usage: null,
    },
    { ...head, choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }], usage: null },
    {
      ...head, choices: [], usage: {
        prompt_tokens: 10, completion_tokens: 5, total_tokens: 15,
        prompt_tokens_details: { cached_tokens: 3, cache_write_tokens: 0 }, completion_tokens_details: { reasoning_tokens: 2 },
      },
    },
    '[DONE]',
  ])
})

test('P10: nobody hears of a usage that was not asked for', () => {
  const frames = payloads(unfold(answer(text)), { ...SETTINGS, request: { ...REQUEST, streamUsage: false } })
  assert.deepEqual(frames.map(frame => typeof frame === 'string' ? frame : 'usage' in frame), [false, false, '[DONE]'])
})

test('P13: calls are counted by themselves, whatever stands between them', () => {
  assert.deepEqual(deltas(unfold(answer({ kind: 'reasoning', text: 'hm' }, call('c1', '{}'), text, call('c2', '{"a":1}')))), [
    { role: 'assistant', reasoning_content: 'hm' },
    { tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { name: 'f', arguments: '' } }] },
    { tool_calls: [{ index: 0, function: { arguments: '{}' } }] },
    { content: 'Hi' },
    { tool_calls: [{ index: 1, id: 'c2', type: 'function', function: { name: 'f', arguments: '' } }] },
    { tool_calls: [{ index: 1, function: { arguments: '{"a":1}' } }] },
    {},
  ])
})

test('P5: an answer that called ends as one, whatever its provider said', () => {
  assert.equal(payloads(unfold(answer(text, call('c1', '{}')))).at(-3).choices[0].finish_reason, 'tool_calls')
})

test('P21: a call without arguments has an empty object of them', () => {
  assert.deepEqual(deltas(unfold(answer(call('c1', '')))).at(1), { tool_calls: [{ index: 0, function: { arguments: '{}' } }] })
})

test('P4: a proof of Gemini reaches the client with its call; those of others do not', () => {
  const signed = (dialect: string) => deltas(unfold(answer({ ...call('c1', '{}'), signature: { dialect, value: 'sig' } })))
  assert.deepEqual(
    signed('gemini').at(2), { tool_calls: [{ index: 0, extra_content: { google: { thought_signature: 'sig' } } }] },
  )
  assert.doesNotMatch(JSON.stringify(signed('anthropic-messages')), /sig/)
})

test('what this format has no word for is left out, a picture is not', () => {
  assert.deepEqual(deltas(unfold(answer(
    { kind: 'reasoning', text: '', redacted: { dialect: 'anthropic-messages', value: 'zzz' } },
    { kind: 'opaque', dialect: 'gemini', type: 'executableCode', raw: {} },
    { kind: 'image', media: { at: 'data', base64: 'AAAA', mediaType: 'image/png' } },
  ))), [{ role: 'assistant', images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] }, {}])
})

test('an answer that its model broke off ends as an error', () => {
  for (const stop of ['error', 'malformed'] as const) {
    const events = unfold({ ...answer(text), choices: [{ index: 0, blocks: [text], finish: { stop, raw: '' } }] })
    assert.deepEqual(payloads(events).map(frame => frame.error?.type ?? 'frame'), ['frame', 'api_error'])
  }
})

test('an id and a time of its own where the provider has none', () => {
  assert.deepEqual(payloads(unfold({
    id: '', model: '', choices: [{ index: 0, blocks: [text], finish: { stop: 'end', raw: '' } }],
  })).map(({ id, created }) => [id, created])[0],
    [SETTINGS.id, SETTINGS.at])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import translation from '../../../../core/translation/openai-chat.ts'
import type { CanonicalAnswer, Finish } from '../../../../sdk/index.ts'
import { SETTINGS } from '../law.ts'

const read = (message: unknown, finish_reason: unknown = 'stop', more: object = {}) =>
  translation.readAnswer({ id: 'a1', created: 5, model: 'm', choices: [{ index: 0, message, finish_reason }], ...more })
const write = (answer: Partial<CanonicalAnswer>) => JSON.parse(translation.writeAnswer(
  { id: 'a1', model: 'real', choices: [], ...answer }, SETTINGS,
))

test('an answer, whole', () => {
  assert.deepEqual(read(
    { role: 'assistant', content: 'Hi', reasoning: 'hm' }, 'stop',
    { usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } },
  ), {
    id: 'a1', model: 'm', created: 5,
    choices: [{
      index: 0, blocks: [{ kind: 'reasoning', text: 'hm' }, { kind: 'text', text: 'Hi' }], finish: { stop: 'end', raw: 'stop' },
    }],
    usage: { input: 10, output: 5, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider' },
  })
})

test('P9: stop with calls is a call, and arguments may be an object', () => {
  const tool_calls = [{ id: 'c1', function: { name: 'f', arguments: { a: 1 } } }, { function: { name: 'g', arguments: '' } }]
  const [choice] = read({ content: '', tool_calls }).choices
  assert.equal(choice!.finish.stop, 'tool')
  assert.deepEqual(
    choice!.blocks.map(block => block.kind === 'tool_call' && [block.name, block.args]), [['f', '{"a":1}'], ['g', '']],
  )
  assert.match(JSON.stringify(choice!.blocks[1]), /call_[\da-f]{24}/)
})

test('what is missing does not harm', () => {
  assert.deepEqual(
    translation.readAnswer({ choices: [{}] }),
    { id: '', model: '', choices: [{ index: 0, blocks: [], finish: { stop: 'end', raw: '' } }] },
  )
})

test('what is no answer is refused', () => {
  for (const body of [null, 'x', [], {}, { error: { message: 'no' } }, { choices: {} }]) {
    assert.throws(() => translation.readAnswer(body), (problem: Error) => !(problem instanceof TypeError))
  }
})

test('an answer for a client: every key that its schema requires, under the name that the client used', () => {
  assert.deepEqual(write({ choices: [{ index: 0, blocks: [{ kind: 'text', text: 'Hi' }], finish: { stop: 'end', raw: '' } }] }), {
    id: 'a1', object: 'chat.completion', created: SETTINGS.at, model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hi', refusal: null }, logprobs: null, finish_reason: 'stop' }],
  })
})

for (const [stop, reason] of [
  ['end', 'stop'], ['length', 'length'], ['context', 'length'], ['stop_sequence', 'stop'], ['tool', 'tool_calls'], [
    'filter', 'content_filter',
  ],
  ['refusal', 'content_filter'], ['pause', 'stop'], ['malformed', 'error'], ['error', 'error'],
] as const satisfies readonly (readonly [Finish['stop'], string])[]) {
  test(`the end of an answer: ${stop}`, () => {
    assert.equal(write({ choices: [{ index: 0, blocks: [], finish: { stop, raw: 'x' } }] }).choices[0].finish_reason, reason)
  })
}

test('P4: a proof of Gemini stands with its call', () => {
  const block = { kind: 'tool_call', id: 'c1', name: 'f', args: '', signature: { dialect: 'gemini', value: 'sig' } } as const
  assert.deepEqual(write({ choices: [{
    index: 0, blocks: [block], finish: { stop: 'tool', raw: '' },
  }] }).choices[0].message.tool_calls,
    [{
      id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' },
      extra_content: { google: { thought_signature: 'sig' } },
    }])
})

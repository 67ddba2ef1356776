import assert from 'node:assert/strict'
import { test } from 'node:test'
import translation from '../../../../core/translation/openai-chat.ts'
import { fold } from '../../../../core/fold.ts'
import type { CanonicalEvent } from '../../../../sdk/index.ts'
import { readStream } from '../law.ts'

const HEAD = { id: 'a1', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'm' }
const USAGE = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }
const COUNTED = { input: 10, output: 5, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider' }

const chunk = (...choices: object[]) => ({ ...HEAD, choices })
const delta = (fields: object, more: object = {}) => chunk({ index: 0, delta: fields, finish_reason: null, ...more })
const ending = (reason: string, more: object = {}) => chunk({ index: 0, delta: {}, finish_reason: reason, ...more })
const calls = (...tool_calls: object[]) => delta({ tool_calls })
const begun = (
  index: number | undefined, id: string, name = 'f', args: unknown = '',
) => ({ index, id, type: 'function', function: { name, arguments: args } })
const args = (index: number, text: string, more: object = {}) => ({ index, ...more, function: { arguments: text } })

const frames = (...payloads: (object | string)[]) =>
  payloads.map(one => ({ payload: typeof one === 'string' ? one : JSON.stringify(one) }))
const events = (...payloads: (object | string)[]): CanonicalEvent[] => readStream(translation, frames(...payloads))
/** What a stream adds up to, in few words. */
function heard(...payloads: (object | string)[]) {
  const { answer, error, ended } = fold(events(...payloads))
  return {
    ended, error, usage: answer.usage,
    choices: answer.choices.map(({ blocks, finish }) => [finish.stop, ...blocks.map(block => {
      if (block.kind === 'tool_call') return `${block.id} ${block.name}(${block.args})`
      return 'text' in block ? `${block.kind}: ${block.text}` : block.kind
    })]),
  }
}
const choiceOf = (...payloads: (object | string)[]) => heard(...payloads, '[DONE]').choices[0]

test('the events of a stream', () => {
  assert.deepEqual(events(
    delta({ role: 'assistant', content: '' }), delta({ content: 'Hel' }), delta({ content: 'lo' }), ending('stop'),
    { ...chunk(), usage: USAGE }, '[DONE]',
  ), [
    { event: 'start', id: 'a1', model: 'm', created: 1_700_000_000 },
    { event: 'block', choice: 0, block: 0, kind: 'text' },
    { event: 'delta', choice: 0, block: 0, text: 'Hel' },
    { event: 'delta', choice: 0, block: 0, text: 'lo' },
    { event: 'usage', usage: COUNTED },
    { event: 'stop', choice: 0, block: 0 },
    { event: 'finish', choice: 0, finish: { stop: 'end', raw: 'stop' } },
    { event: 'end' },
  ])
})

for (const [name, payloads, expected] of [
  [
    'P5: text before a call does not hide it',
    [delta({ content: 'Let me see.' }), calls(begun(0, 'c1', 'f', '{}')), ending('tool_calls')],
    ['tool', 'text: Let me see.', 'c1 f({})'],
  ],
  [
    'P6: nor does a vendor that says stop', [delta({ content: 'x' }), calls(begun(0, 'c1', 'f', '{}')), ending('stop')],
    ['tool', 'text: x', 'c1 f({})'],
  ],
  ['P7: in whichever frame', [calls(begun(0, 'c1', 'f', '{}')), ending('stop'), ending('stop')], ['tool', 'c1 f({})']],
  ['truncation wins over a call', [calls(begun(0, 'c1', 'f', '{"a')), ending('length')], ['length', 'c1 f({"a)']],
  [
    'P9: calls that are all number 0', [calls(begun(0, 'c1', 'f', '{}')), calls(begun(0, 'c2', 'g', '{"a":1}')), ending('stop')],
    ['tool', 'c1 f({})', 'c2 g({"a":1})'],
  ],
  [
    'P9: a new id in every fragment', [calls(begun(0, 'c1', 'f', '{"a"')), calls(args(0, ':1}', { id: 'c2' })), ending('stop')],
    ['tool', 'c1 f({"a":1})'],
  ],
  [
    'P9: name and new id in every fragment',
    [calls(begun(0, 'c1', 'f', '{"a"')), calls(begun(0, 'c2', 'f', ':1}')), ending('stop')], ['tool', 'c1 f({"a":1})'],
  ],
  [
    'P9: arguments as an object', [calls(begun(0, 'c1', 'f', { city: 'Bern' })), ending('tool_calls')],
    ['tool', 'c1 f({"city":"Bern"})'],
  ],
  [
    'P13: a call whose number counts other blocks',
    [delta({ content: 'x' }), calls(begun(1, 'c1')), calls(args(1, '{}')), ending('tool_calls')], ['tool', 'text: x', 'c1 f({})'],
  ],
  ['P21: a call without arguments', [calls(begun(0, 'c1')), ending('tool_calls')], ['tool', 'c1 f()']],
  [
    'calls side by side, in pieces by turns',
    [
      calls(begun(0, 'c1'), begun(1, 'c2')), calls(args(1, '{"b"'), args(0, '{"a"')), calls(args(0, ':1}'), args(1, ':2}')),
      ending('tool_calls'),
    ],
    ['tool', 'c1 f({"a":1})', 'c2 f({"b":2})'],
  ],
  [
    'Mistral: calls without a number',
    [calls(begun(undefined, 'c1', 'f', '{}'), begun(undefined, 'c2', 'g', '{}')), ending('tool_calls')],
    ['tool', 'c1 f({})', 'c2 g({})'],
  ],
  [
    'Alibaba: an empty id in later fragments',
    [calls(begun(0, 'c1')), calls(args(0, '{}', { id: '' })), calls(args(0, '', { id: '' })), ending('tool_calls')],
    ['tool', 'c1 f({})'],
  ],
  [
    'a name that comes late',
    [
      calls({ index: 0, id: 'c1' }), calls(args(0, '{')), calls({ index: 0, function: { name: 'f', arguments: '}' } }),
      ending('tool_calls'),
    ],
    ['tool', 'c1 f({})'],
  ],
  [
    'P22: what was thought, under the older name',
    [delta({ reasoning_content: 'hm' }), delta({ content: 'x', reasoning_content: null }), ending('stop')],
    ['end', 'reasoning: hm', 'text: x'],
  ],
  [
    'P22: and the newer', [delta({ reasoning: 'hm' }), delta({ content: 'x' }), ending('stop')],
    ['end', 'reasoning: hm', 'text: x'],
  ],
  [
    'OpenRouter: told twice, heard once',
    [delta({ reasoning: 'hm', reasoning_details: [{ type: 'reasoning.text', text: 'hm' }] }), ending('stop')],
    ['end', 'reasoning: hm'],
  ],
  [
    'OpenRouter: in the details alone',
    [delta({ reasoning_details: [{ type: 'reasoning.summary', summary: 'hm' }] }), ending('stop')], ['end', 'reasoning: hm'],
  ],
  [
    'Mistral: thoughts among the parts',
    [
      delta({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'h' }] }] }),
      delta({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'm' }] }, { type: 'text', text: 'x' }] }),
      ending('stop'),
    ],
    ['end', 'reasoning: hm', 'text: x'],
  ],
  ['a refusal', [delta({ refusal: 'I will ' }), delta({ refusal: 'not' }), ending('stop')], ['refusal', 'refusal: I will not']],
  [
    'OpenRouter: a picture',
    [
      delta({ content: 'see' }), delta({ images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] }),
      ending('stop'),
    ],
    ['end', 'text: see', 'image'],
  ],
  [
    'a part that nobody knows', [delta({ content: [{ type: 'reference', reference_ids: [1] }] }), ending('stop')],
    ['end', 'opaque'],
  ],
  [
    'text behind a call', [calls(begun(0, 'c1', 'f', '{}')), delta({ content: 'x' }), ending('tool_calls')],
    ['tool', 'c1 f({})', 'text: x'],
  ],
  ['Mistral: too long for the model', [delta({ content: 'x' }), ending('model_length')], ['context', 'text: x']],
  ['content filter', [delta({ content: 'x' }), ending('content_filter')], ['filter', 'text: x']],
  ['vLLM: the stop sequence', [delta({ content: 'x' }), ending('stop', { stop_reason: '###' })], ['stop_sequence', 'text: x']],
  ['a word that nobody knows', [delta({ content: 'x' }), ending('eos')], ['end', 'text: x']],
  ['P37: Azure: a first frame without choices, a later one without a delta',
    [
      { id: '', object: '', created: 0, model: '', choices: [], prompt_filter_results: [{ prompt_index: 0 }] },
      delta({ content: 'x' }), chunk({ index: 0, finish_reason: null, content_filter_offsets: {} }), ending('stop'),
    ],
    ['end', 'text: x']],
  [
    'fields of other types',
    [
      delta({ content: 5, tool_calls: 'x', reasoning: [], refusal: {}, images: [null] }),
      delta({ content: 'x', tool_calls: null }), ending('stop'),
    ],
    ['end', 'text: x'],
  ],
] as const) {
  test(name, () => assert.deepEqual(choiceOf(...payloads), expected))
}

test('P37: the head of a stream of Azure is that of the first frame that says something', () => {
  const { answer } = fold(events(
    { id: '', model: '', created: 0, choices: [], prompt_filter_results: [] }, delta({ content: 'x' }), ending('stop'), '[DONE]',
  ))
  assert.deepEqual([answer.id, answer.model, answer.created], ['a1', 'm', 1_700_000_000])
})

for (const [name, payloads] of [
  ['in a frame of its own', [{ ...chunk(), usage: USAGE }]],
  ['P10: twice, as Groq tells it', [{ ...chunk(), x_groq: { id: 'r', usage: USAGE } }, { ...chunk(), usage: USAGE }]],
  ['in x_groq alone', [{ ...ending('stop'), x_groq: { usage: USAGE } }]],
  ['Moonshot: in the choice', [ending('stop', { usage: USAGE })]],
  ['in every frame, counting up', [{ ...delta({}), usage: { ...USAGE, completion_tokens: 1 } }, { ...delta({}), usage: USAGE }]],
] as const) {
  test(
    `usage: ${name}`,
    () => assert.deepEqual(heard(delta({ content: 'x' }), ...payloads, ending('stop'), '[DONE]').usage, COUNTED),
  )
}

test('Mistral: usage with what was read from the cache', () => {
  assert.equal(heard({ ...ending('stop'), usage: { ...USAGE, num_cached_tokens: 4 } }, '[DONE]').usage?.cacheRead, 4)
})

test('a call without an id gets one, another in every answer', () => {
  const idOf = (id: string) => events(
    { ...calls(begun(0, '')), id }, '[DONE]',
  ).flatMap(event => event.event === 'block' && event.kind === 'tool_call' ? [event.id] : [])
  const [[a], [b], [again]] = [idOf('a1'), idOf('a2'), idOf('a1')]
  assert.match(a!, /^call_[\da-f]{24}$/)
  assert.notEqual(a, b)
  assert.equal(a, again)
})

test('a call that is whole stops where the next begins, so that nobody waits for it', () => {
  const at = (
    list: CanonicalEvent[], event: string, block: number,
  ) => list.findIndex(one => one.event === event && 'block' in one && one.block === block)
  const list = events(
    calls(begun(0, 'c1', 'f', '{"a":"}"}')), calls(begun(1, 'c2')), calls(args(1, '{}')), ending('tool_calls'), '[DONE]',
  )
  assert.ok(at(list, 'stop', 0) !== -1 && at(list, 'stop', 0) < at(list, 'delta', 1))
})

test('P4: a proof of Gemini comes with its call', () => {
  const { answer } = fold(events(
    calls({ ...begun(0, 'c1', 'f', '{}'), extra_content: { google: { thought_signature: 'sig' } } }), ending('tool_calls'),
    '[DONE]',
  ))
  assert.deepEqual(
    answer.choices[0]!.blocks,
    [{ kind: 'tool_call', id: 'c1', name: 'f', args: '{}', signature: { dialect: 'gemini', value: 'sig' } }],
  )
})

test('OpenRouter: proofs of thought', () => {
  const { answer } = fold(events(
    delta({ reasoning: 'hm', reasoning_details: [{ type: 'reasoning.text', text: 'hm' }] }),
    delta({ reasoning_details: [{ type: 'reasoning.text', text: '', signature: 's' }] }),
    delta({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'zzz' }] }), ending('stop'), '[DONE]',
  ))
  assert.deepEqual(answer.choices[0]!.blocks, [
    { kind: 'reasoning', text: 'hm', signature: { dialect: 'openai-chat', value: 's' } },
    { kind: 'reasoning', text: '', redacted: { dialect: 'openai-chat', value: 'zzz' } },
  ])
})

test('choices by turns', () => {
  assert.deepEqual(heard(
    chunk(
      { index: 1, delta: { content: 'b' } }, { index: 0, delta: { content: 'a' } },
    ), chunk({ index: 1, delta: {}, finish_reason: 'length' }),
    chunk({ index: 0, delta: {}, finish_reason: 'stop' }), '[DONE]',
  ).choices, [['end', 'text: a'], ['length', 'text: b']])
})

for (const [name, frame, failure, message] of [
  ['OpenAI', { error: { message: 'Too much', type: 'server_error', code: 'rate_limit_exceeded' } }, 'rate_limit', 'Too much'],
  ['a sentence alone', { error: 'overloaded' }, 'upstream', 'overloaded'],
  [
    'OpenRouter, with a code that is a status', { ...ending('error'), error: { code: 503, message: 'No provider' } },
    'overloaded', 'No provider',
  ],
  [
    'Mistral',
    { object: 'error', message: 'Service tier capacity exceeded', type: 'service_tier_capacity_exceeded', code: '3505' },
    'overloaded', 'Service tier capacity exceeded',
  ],
] as const) {
  test(`an error inside a stream is its one end: ${name}`, () => {
    const { error, ended } = heard(delta({ content: 'x' }), frame, delta({ content: 'y' }), '[DONE]')
    assert.deepEqual([error, ended], [{ failure, message }, true])
  })
}

test('an error before anything else, and one by the name of its event', () => {
  assert.equal(heard({ error: { message: 'no' } }).error?.message, 'no')
  assert.deepEqual(readStream(translation, [{ event: 'error', payload: '{"message":"gone"}' }]),
    [{ event: 'error', error: { failure: 'upstream', message: 'gone' } }])
})

test('a model that broke off, or said nothing at all, has no clean end', () => {
  assert.equal(heard(delta({ content: 'x' }), ending('error'), '[DONE]').error?.failure, 'upstream')
  assert.equal(heard('[DONE]').error?.failure, 'upstream')
})

test('without [DONE], a stream is complete where every choice said why it ended, and broken off where one did not', () => {
  assert.deepEqual([
    heard(delta({ content: 'x' }), ending('stop')).ended,
    heard(delta({ content: 'x' })).ended,
    heard(delta({ content: 'x' }), chunk({ index: 1, delta: { content: 'y' } }), ending('stop')).ended,
    heard().ended,
  ], [true, false, false, false])
})

test('frames that are none are refused, and not repeated', () => {
  for (const payload of ['{"choices":[{"delta":{"content":"secret', 'null', '[]', '"text"']) {
    assert.throws(
      () => events(payload), (problem: Error) => !(problem instanceof TypeError) && !problem.message.includes('secret'),
    )
  }
  assert.deepEqual(events(''), [])
})

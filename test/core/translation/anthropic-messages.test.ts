import assert from 'node:assert/strict'
import { test } from 'node:test'
import anthropic from '../../../core/translation/anthropic-messages.ts'
import { fold, unfold } from '../../../core/fold.ts'
import type { CanonicalAnswer, CanonicalEvent, Stop, WireFrame } from '../../../sdk/index.ts'
import { answerLaws, readStream, SETTINGS, writeStream } from './law.ts'

const NO_USAGE = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider' } as const

answerLaws(anthropic, ({ choices, usage = NO_USAGE, ...answer }) => ({
  ...answer,
  usage,
  choices: choices.map(({ index, blocks, finish }) => {
    const called = blocks.some(({ kind }) => kind === 'tool_call')
    const refused = blocks.some(({ kind }) => kind === 'refusal')
    const clean: Stop = called ? 'tool' : refused ? 'refusal' : 'end'
    const stop: Stop = finish.stop === 'filter' ? 'refusal' : finish.stop === 'end' ? clean : finish.stop
    return { index, blocks: blocks.map(one => one.kind === 'refusal' ? { kind: 'text', text: one.text } : one),
      finish: { stop, raw: '' } }
  }),
}))

const SIGNATURE = { dialect: 'anthropic-messages', value: 'c2ln' } as const

const message = {
  id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-x',
  content: [
    { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
    { type: 'redacted_thinking', data: 'aGlk' },
    { type: 'text', text: 'Looking.' },
    { type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: { q: 'x' } },
    { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Rome' } },
    { type: 'tool_use', id: 'toolu_2', name: 'now', input: {} },
  ],
  stop_reason: 'tool_use', stop_sequence: null,
  usage: { input_tokens: 500, cache_creation_input_tokens: 200, cache_read_input_tokens: 300, output_tokens: 40,
    output_tokens_details: { thinking_tokens: 9 } },
}

const answer: CanonicalAnswer = {
  id: 'msg_1', model: 'claude-x',
  choices: [{
    index: 0,
    blocks: [
      { kind: 'reasoning', text: 'Hm.', signature: SIGNATURE },
      { kind: 'reasoning', text: '', redacted: { ...SIGNATURE, value: 'aGlk' } },
      { kind: 'text', text: 'Looking.' },
      { kind: 'opaque', dialect: 'anthropic-messages', type: 'server_tool_use', raw: message.content[3] },
      { kind: 'tool_call', id: 'toolu_1', name: 'weather', args: '{"city":"Rome"}' },
      { kind: 'tool_call', id: 'toolu_2', name: 'now', args: '{}' },
    ],
    finish: { stop: 'tool', raw: 'tool_use' },
  }],
  usage: { input: 1000, output: 40, cacheRead: 300, cacheWrite: 200, reasoning: 9, source: 'provider' },
}

const stream = [
  { type: 'message_start', message: { ...message, content: [], stop_reason: null,
    usage: { input_tokens: 3, output_tokens: 1 } } },
  { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
  { type: 'ping' },
  { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'Hm.' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'c2ln' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'content_block_start', index: 1, content_block: { type: 'redacted_thinking', data: 'aGlk' } },
  { type: 'content_block_stop', index: 1 },
  { type: 'content_block_start', index: 2, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 2, delta: { type: 'text_delta', text: 'Look' } },
  { type: 'content_block_delta', index: 2, delta: { type: 'citations_delta', citation: {} } },
  { type: 'content_block_delta', index: 2, delta: { type: 'text_delta', text: 'ing.' } },
  { type: 'content_block_stop', index: 2 },
  { type: 'content_block_start', index: 3, content_block: { type: 'server_tool_use', id: 'srv_1', name: 'web_search',
    input: {} } },
  { type: 'content_block_delta', index: 3, delta: { type: 'input_json_delta', partial_json: '{"q":' } },
  { type: 'content_block_delta', index: 3, delta: { type: 'input_json_delta', partial_json: '"x"}' } },
  { type: 'content_block_stop', index: 3 },
  { type: 'content_block_start', index: 4, content_block: { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} } },
  { type: 'content_block_delta', index: 4, delta: { type: 'input_json_delta', partial_json: '' } },
  { type: 'content_block_delta', index: 4, delta: { type: 'input_json_delta', partial_json: '{"city":"Rome"}' } },
  { type: 'content_block_stop', index: 4 },
  { type: 'content_block_start', index: 5, content_block: { type: 'tool_use', id: 'toolu_2', name: 'now', input: {} } },
  { type: 'content_block_stop', index: 5 },
  { type: 'message_delta', delta: { stop_reason: 'tool_use', stop_sequence: null },
    usage: { ...message.usage, cache_read_input_tokens: 300 } },
  { type: 'message_stop' },
]

const framed = (events: readonly object[]): WireFrame[] => events.map(one => ({ payload: JSON.stringify(one) }))
const read = (events: readonly object[]): CanonicalEvent[] => readStream(anthropic, framed(events))

test('a whole answer is read, and a stream of it adds up to the same', () => {
  assert.deepEqual(anthropic.readAnswer(message), answer)
  assert.deepEqual(fold(read(stream)), { answer, error: undefined, ended: true })
})

test('a whole answer is written as it came', () => {
  assert.deepEqual(JSON.parse(anthropic.writeAnswer(answer, { ...SETTINGS, model: 'claude-x' })), message)
})

const payloads = (events: readonly CanonicalEvent[]): Record<string, unknown>[] =>
  writeStream(anthropic, events).map(({ event, payload }) => {
    const parsed = JSON.parse(payload) as Record<string, unknown>
    assert.equal(event, parsed.type)
    return parsed
  })

const start: CanonicalEvent = { event: 'start', id: 'a', model: 'm' }
const ends: CanonicalEvent[] = [{ event: 'finish', choice: 0, finish: { stop: 'end', raw: 'stop' } }, { event: 'end' }]
const text = (block: number): CanonicalEvent => ({ event: 'block', choice: 0, block, kind: 'text' })
const call = (block: number, name: string): CanonicalEvent => ({ event: 'block', choice: 0, block, kind: 'tool_call',
  id: `call_${name}`, name })
const delta = (block: number, piece: string): CanonicalEvent => ({ event: 'delta', choice: 0, block, text: piece })
const stop = (block: number): CanonicalEvent => ({ event: 'stop', choice: 0, block })

test('a stream is written in the order of the format', () => {
  assert.deepEqual(payloads([
    start, text(0), delta(0, 'Hi'), stop(0), { event: 'usage', usage: answer.usage! }, ...ends,
  ]), [
    { type: 'message_start', message: {
      id: 'a', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null, stop_sequence: null,
      usage: { input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 0 },
    } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: message.usage },
    { type: 'message_stop' },
  ])
})

test('blocks that are open at once are written one after the other, whole', () => {
  const shapes = payloads([
    start, call(0, 'a'), call(1, 'b'), delta(1, '{"b":'), delta(0, '{"a":'), delta(1, '1}'), call(2, 'c'), delta(2, '{}'),
      delta(0, '1}'),
    stop(1), stop(0), delta(2, ' '), stop(2), ...ends,
  ]).slice(1, -2).map(({ type, index, content_block: block, delta: piece }) => (
    [type, index, (block as { name?: string } | undefined)?.name
      ?? (piece as { partial_json?: string } | undefined)?.partial_json]))
  assert.deepEqual(shapes, [
    ['content_block_start', 0, 'a'], ['content_block_delta', 0, '{"a":'], ['content_block_delta', 0, '1}'],
      ['content_block_stop', 0, undefined],
    ['content_block_start', 1, 'b'], ['content_block_delta', 1, '{"b":'], ['content_block_delta', 1, '1}'],
      ['content_block_stop', 1, undefined],
    ['content_block_start', 2, 'c'], ['content_block_delta', 2, '{}'], ['content_block_delta', 2, ' '],
      ['content_block_stop', 2, undefined],
  ])
})

test('what waits for its turn is bounded', () => {
  const writer = anthropic.streamWriter(SETTINGS)
  for (const event of [start, call(0, 'a'), call(1, 'b')]) writer.write(event)
  const much = 'x'.repeat(17 << 20)
  writer.write(delta(1, much))
  assert.throws(() => writer.write(delta(1, much)), /Expected less/)
})

test('P1: a streamed thought is signed before it stops', () => {
  const frames = payloads([start, { event: 'block', choice: 0, block: 0, kind: 'reasoning' }, delta(0, 'Hm.'),
    { event: 'signature', choice: 0, block: 0, signature: SIGNATURE }, stop(0), ...ends])
  assert.deepEqual(frames.slice(3, 5), [
    { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'c2ln' } },
    { type: 'content_block_stop', index: 0 },
  ])
})

test('P2: a whole answer that is told as a stream keeps its signatures', () => {
  const again = fold(readStream(anthropic, writeStream(anthropic, unfold(answer), { ...SETTINGS, model: 'claude-x' })))
  assert.deepEqual(again.answer, answer)
})

test('P3: what another has signed is left out', () => {
  const foreign = { dialect: 'gemini', value: 'x' }
  const frames = payloads(unfold({ ...answer, choices: [{
    index: 0, finish: { stop: 'end', raw: '' },
    blocks: [{ kind: 'reasoning', text: '', redacted: foreign }, { kind: 'reasoning', text: 'Hm.', signature: foreign }],
  }] }))
  assert.deepEqual(frames.slice(1, -2), [
    { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'Hm.' } },
    { type: 'content_block_stop', index: 0 },
  ])
})

test('P5: a turn that called a tool after some text ends as one', () => {
  const events = [start, text(0), delta(0, 'Hi'), stop(0), call(1, 'a'), stop(1), ...ends]
  assert.deepEqual((payloads(events).at(-2)!.delta as { stop_reason: string }).stop_reason, 'tool_use')
})

test('P11: no block is open that has nothing in it', () => {
  assert.deepEqual(payloads([start, call(0, 'a'), stop(0), ...ends])[1],
    { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 'call_a', name: 'a', input: {} } })
})

test('P12: the piece that comes with a new block is kept', () => {
  const events = [start, text(0), delta(0, 'Hi'), call(1, 'a'), delta(1, '{"x":1}'), stop(1), stop(0), ...ends]
  assert.equal(fold(readStream(anthropic, writeStream(anthropic, events))).answer.choices[0]!.blocks.length, 2)
  assert.deepEqual(payloads(events)[5], { type: 'content_block_delta', index: 1,
    delta: { type: 'input_json_delta', partial_json: '{"x":1}' } })
})

test('P13: blocks are counted anew, without those that have no place', () => {
  const whole: CanonicalEvent = { event: 'block', choice: 0, block: 0, kind: 'whole',
    whole: { kind: 'opaque', dialect: 'other', type: 'x', raw: {} } }
  const frames = payloads([start, whole, stop(0), text(1), delta(1, 'Hi'), stop(1), ...ends])
  assert.deepEqual(frames.slice(1, 4).map(({ index }) => index), [0, 0, 0])
  const gapped = [stream[0]!, ...[3, 7].flatMap(index => [
    { type: 'content_block_start', index, content_block: { type: 'text', text: `${index}` } },
      { type: 'content_block_stop', index },
  ]), ...stream.slice(-2)]
  assert.deepEqual(fold(read(gapped)).answer.choices[0]!.blocks, [{ kind: 'text', text: '3' }, { kind: 'text', text: '7' }])
})

test('P21: a call without arguments has an empty object, streamed or whole', () => {
  for (const args of ['', '{}']) {
    const blocks = [{ kind: 'tool_call', id: 'a', name: 'now', args }] as const
    const bare: CanonicalAnswer = { ...answer, choices: [{ index: 0, blocks, finish: { stop: 'tool', raw: '' } }] }
    const expected = [{ ...blocks[0], args: '{}' }]
    assert.deepEqual(anthropic.readAnswer(JSON.parse(anthropic.writeAnswer(bare, SETTINGS))).choices[0]!.blocks, expected)
    assert.deepEqual(fold(readStream(anthropic, writeStream(anthropic, unfold(bare)))).answer.choices[0]!.blocks, expected)
  }
})

test('P30: the counts at the end correct those at the start, field by field', () => {
  const begin = { ...stream[0], message: { ...message, content: [],
    usage: { input_tokens: 10, cache_read_input_tokens: 5, output_tokens: 1 } } }
  const usageOf = (usage: object): unknown => fold(read([begin,
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage }, { type: 'message_stop' }])).answer.usage
  const common = { cacheWrite: 0, reasoning: 0, source: 'provider' }
  assert.deepEqual(usageOf({ output_tokens: 7 }), { ...common, input: 15, cacheRead: 5, output: 7 })
  assert.deepEqual(usageOf({ input_tokens: 20, cache_read_input_tokens: null, output_tokens: 7 }),
    { ...common, input: 25, cacheRead: 5, output: 7 })
})

test('P31: an error in a stream is one, whatever the status was', () => {
  const events = read([stream[0]!, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    { type: 'message_stop' }])
  assert.deepEqual(events.slice(1), [{ event: 'error', error: { failure: 'overloaded', message: 'Overloaded' } }])
})

test('P50: what was cached is counted once', () => {
  assert.deepEqual(anthropic.readAnswer(message).usage, answer.usage)
  assert.deepEqual((JSON.parse(anthropic.writeAnswer(answer, SETTINGS)) as { usage: object }).usage, message.usage)
})

test('P58: a second start of the same message is passed over, another message is not', () => {
  const [first, ...others] = stream
  assert.deepEqual(fold(read([first!, first!, ...others])).answer, answer)
  assert.deepEqual(fold(read([...stream.slice(0, 4), first!, ...stream.slice(4)])).answer, answer)
  assert.equal(fold(read([{ ...first, message: { ...message, content: [], id: 'msg_0' } }, first!, ...others])).answer.id, 'msg_0')
  assert.throws(() => read([...stream.slice(0, 4), { ...first, message: { ...message, id: 'msg_2' } }]), /one message/)
})

test('P8: an answer that failed is no end', () => {
  for (const reason of ['malformed', 'error'] as const) {
    const failed = { ...answer, choices: [{ ...answer.choices[0]!, finish: { stop: reason, raw: '' } }] }
    assert.throws(() => anthropic.writeAnswer(failed, SETTINGS), /failure/)
    assert.equal(payloads(unfold(failed)).at(-1)!.type, 'error')
  }
})

test('a call by code that the provider runs is none that the client has to answer', () => {
  const caller = { type: 'code_execution_20260120', tool_id: 'srv_1' }
  const called = { type: 'tool_use', id: 'a', name: 'f', input: {}, caller }
  const whole = anthropic.readAnswer({ ...message, content: [called], stop_reason: 'end_turn' })
  assert.equal(whole.choices[0]!.finish.stop, 'end')
})

test('what code has called and was told before it ended is no call any more', () => {
  const code = { type: 'server_tool_use', id: 'srv_1', name: 'code_execution', input: {} }
  const called = { type: 'tool_use', id: 'a', name: 'f', input: {}, caller: { type: 'code_execution_20260120', tool_id: 'srv_1' } }
  const result = { type: 'code_execution_tool_result', tool_use_id: 'srv_1', content: {} }
  const kinds = (...content: object[]) => anthropic.readAnswer({ ...message, content }).choices[0]!.blocks.map(({ kind }) => kind)
  assert.deepEqual(kinds(code, called, result), ['opaque', 'opaque', 'opaque'])
  assert.deepEqual(kinds(code, called), ['opaque', 'tool_call'])
})

test('a stream may begin with all that it says', () => {
  const { choices, usage } = fold(read([{ type: 'message_start', message }, { type: 'message_stop' }])).answer
  assert.deepEqual([choices, usage], [answer.choices, answer.usage])
})

test('a block of its own kind whose content comes in pieces', () => {
  const events = [stream[0]!, { type: 'content_block_start', index: 0, content_block: { type: 'compaction', content: null } },
    ...['a', 'b'].map(content => ({ type: 'content_block_delta', index: 0, delta: { type: 'compaction_delta', content } })),
    ...stream.slice(-2)]
  assert.deepEqual(fold(read(events)).answer.choices[0]!.blocks,
    [{ kind: 'opaque', dialect: 'anthropic-messages', type: 'compaction', raw: { type: 'compaction', content: 'ab' } }])
})

test('the input of a call may come with its start', () => {
  const block = { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } }
  const events = [stream[0]!, { type: 'content_block_start', index: 0, content_block: block }, ...stream.slice(-2)]
  assert.deepEqual(fold(read(events)).answer.choices[0]!.blocks, [{ kind: 'tool_call', id: 'a', name: 'f', args: '{"x":1}' }])
})

for (const [name, frames] of [
  ['no JSON', [{ payload: '{"secret' }]],
  ['a block before the message', framed([stream[1]!])],
  ['a piece before its block', framed([stream[0]!, stream[3]!])],
  ['an end before the message', framed([stream.at(-1)!])],
] as const) {
  test(`no stream may have: ${name}`, () => {
    assert.throws(() => readStream(anthropic, frames),
      error => error instanceof Error && /Expected/.test(error.message) && !/secret/.test(error.message))
  })
}

test('shapes that nobody promised do no harm', () => {
  for (const payload of ['null', '[]', '1', '{"type":7}', '{"type":"later"}', '{"type":"content_block_stop","index":9}',
    '{"type":"message_delta"}']) {
    assert.deepEqual(readStream(anthropic, [{ payload }]), [])
  }
  for (const body of [null, 'x', [], {}, { content: 'x' }]) assert.throws(() => anthropic.readAnswer(body), /Expected a message/)
  const odd = anthropic.readAnswer({ content: [null, 7, { type: 'text' }, { type: 'tool_use', input: 'x' }, { type: 'image' }] })
  assert.deepEqual(odd.choices[0]!.blocks.map(({ kind }) => kind), ['opaque', 'opaque', 'text', 'tool_call', 'opaque'])
  assert.deepEqual(odd.choices[0]!.finish, { stop: 'error', raw: '' })
})

test('calls go to one path', () => {
  assert.equal(anthropic.pathOf('claude-x', true), '/v1/messages')
})

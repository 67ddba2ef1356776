import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fold, unfold } from '../../../core/fold.ts'
import bedrock from '../../../core/translation/bedrock-converse.ts'
import type { CanonicalAnswer, CanonicalEvent, Stop, WireFrame } from '../../../sdk/index.ts'
import { answerLaws, readStream, SETTINGS, writeStream } from './law.ts'

const NO_USAGE = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, source: 'provider' } as const

answerLaws(bedrock, ({ choices, usage = NO_USAGE, ...answer }) => ({
  ...answer,
  usage: { ...usage, reasoning: 0 },
  choices: choices.map(({ index, blocks, finish }) => {
    const called = blocks.some(({ kind }) => kind === 'tool_call')
    const stop: Stop = finish.stop === 'refusal' ? 'filter' : finish.stop === 'end' && called ? 'tool' : finish.stop
    return { index, blocks: blocks.map(one => one.kind === 'refusal' ? { kind: 'text', text: one.text } : one),
      finish: { stop, raw: '' } }
  }),
}))

const SIGNATURE = { dialect: 'anthropic-messages', value: 'c2ln' } as const

const body = {
  output: { message: { role: 'assistant', content: [
    { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'c2ln' } } },
    { reasoningContent: { redactedContent: 'aGlk' } },
    { text: 'Looking.' },
    { toolUse: { toolUseId: 'tooluse_1', name: 'weather', input: { city: 'Rome' } } },
    { toolUse: { toolUseId: 'tooluse_2', name: 'now', input: {} } },
    { toolUse: { toolUseId: 'srv_1', name: 'nova_grounding', type: 'server_tool_use', input: { q: 'x' } } },
    { toolResult: { toolUseId: 'srv_1', type: 'nova_grounding_result', content: [{ text: 'found' }] } },
  ] } },
  stopReason: 'tool_use',
  usage: { inputTokens: 500, outputTokens: 40, totalTokens: 1040, cacheReadInputTokens: 300, cacheWriteInputTokens: 200 },
  metrics: { latencyMs: 0 },
}
const { content } = body.output.message

const answer: CanonicalAnswer = {
  id: '', model: '',
  choices: [{
    index: 0,
    blocks: [
      { kind: 'reasoning', text: 'Hm.', signature: SIGNATURE },
      { kind: 'reasoning', text: '', redacted: { ...SIGNATURE, value: 'aGlk' } },
      { kind: 'text', text: 'Looking.' },
      { kind: 'tool_call', id: 'tooluse_1', name: 'weather', args: '{"city":"Rome"}' },
      { kind: 'tool_call', id: 'tooluse_2', name: 'now', args: '{}' },
      { kind: 'opaque', dialect: 'bedrock-converse', type: 'toolUse', raw: content[5] },
      { kind: 'opaque', dialect: 'bedrock-converse', type: 'toolResult', raw: content[6] },
    ],
    finish: { stop: 'tool', raw: 'tool_use' },
  }],
  usage: { input: 1000, output: 40, cacheRead: 300, cacheWrite: 200, reasoning: 0, source: 'provider' },
}

const frame = (event: string, payload: object): WireFrame => ({ event, payload: JSON.stringify({ ...payload, p: 'abcd' }) })
const piece = (contentBlockIndex: number, delta: object): WireFrame => frame('contentBlockDelta', { contentBlockIndex, delta })
const halt = (contentBlockIndex: number): WireFrame => frame('contentBlockStop', { contentBlockIndex })
const begin = (contentBlockIndex: number, start: object): WireFrame => frame('contentBlockStart', { contentBlockIndex, start })

const stream = [
  frame('messageStart', { role: 'assistant' }),
  piece(0, { reasoningContent: { text: 'H' } }), piece(0, { reasoningContent: { text: 'm.' } }),
  piece(0, { reasoningContent: { signature: 'c2ln' } }), halt(0),
  piece(1, { reasoningContent: { redactedContent: 'aGlk' } }), halt(1),
  begin(2, {}), piece(2, { text: 'Look' }), piece(2, { text: 'ing.' }), piece(2, { citation: {} }), halt(2),
  begin(3, { toolUse: { toolUseId: 'tooluse_1', name: 'weather' } }), piece(3, { toolUse: { input: '{"city":' } }),
  piece(3, { toolUse: { input: '"Rome"}' } }), halt(3),
  begin(4, { toolUse: { toolUseId: 'tooluse_2', name: 'now' } }), piece(4, { toolUse: { input: '' } }), halt(4),
  begin(5, { toolUse: { toolUseId: 'srv_1', name: 'nova_grounding', type: 'server_tool_use' } }),
  piece(5, { toolUse: { input: '{"q":"x"}' } }), halt(5),
  begin(6, { toolResult: { toolUseId: 'srv_1', type: 'nova_grounding_result' } }), piece(6, { toolResult: [{ text: 'found' }] }),
    halt(6),
  frame('messageStop', { stopReason: 'tool_use' }),
  frame('metadata', { usage: body.usage, metrics: { latencyMs: 9 } }),
]

const read = (frames: readonly WireFrame[]): CanonicalEvent[] => readStream(bedrock, frames)

test('a whole answer is read, and a stream of it adds up to the same', () => {
  assert.deepEqual(bedrock.readAnswer(body), answer)
  assert.deepEqual(fold(read(stream)), { answer, error: undefined, ended: true })
})

test('a whole answer is written as it came', () => {
  assert.deepEqual(JSON.parse(bedrock.writeAnswer(answer, SETTINGS)), body)
})

test('P2: a whole answer that is told as a stream keeps its signatures', () => {
  const some: CanonicalAnswer = { ...answer, choices: [{ ...answer.choices[0]!, blocks: answer.choices[0]!.blocks.slice(0, 5) }] }
  assert.deepEqual(fold(read(writeStream(bedrock, unfold(some)))).answer, some)
})

test('the usage comes after the stop, and is the end', () => {
  const reader = bedrock.streamReader()
  for (const one of stream.slice(0, -2)) reader.read(one)
  assert.deepEqual(reader.read(stream.at(-2)!), [])
  assert.deepEqual(reader.read(stream.at(-1)!).map(({ event }) => event), ['finish', 'usage', 'end'])
  assert.deepEqual([reader.close(), reader.read(stream.at(-1)!)], [[], []])
})

test('P34: a stream without its first frame, or with the last two swapped, is whole; one without the stop is not', () => {
  assert.deepEqual(fold(read(stream.slice(1))).answer, answer)
  assert.deepEqual(fold(read([...stream.slice(0, -2), stream.at(-1)!, stream.at(-2)!])).answer, answer)
  const { usage: _, ...uncounted } = answer
  assert.deepEqual(fold(read(stream.slice(0, -1))), { answer: uncounted, error: undefined, ended: true })
  assert.equal(fold(read(stream.slice(0, -2))).ended, false)
})

test('P12: a block that another kind follows without a stop keeps all of its pieces', () => {
  const frames = [stream[0]!, piece(0, { reasoningContent: { text: 'a' } }), piece(0, { text: 'b' }), piece(1, { text: 'c' }),
    ...stream.slice(-2)]
  assert.deepEqual(fold(read(frames)).answer.choices[0]!.blocks,
    [{ kind: 'reasoning', text: 'a' }, { kind: 'text', text: 'b' }, { kind: 'text', text: 'c' }])
})

for (const [event, failure] of [
  ['throttlingException', 'rate_limit'], ['serviceUnavailableException', 'overloaded'], ['internalServerException', 'upstream'],
  ['modelStreamErrorException', 'upstream'], ['validationException', 'bad_request'], ['InternalError', 'upstream'],
] as const) {
  test(`P31: ${event} in a stream is an error`, () => {
    const events = read([stream[0]!, frame(event, { message: 'No more.' }), ...stream.slice(-2)])
    assert.deepEqual(events.slice(1), [{ event: 'error', error: { failure, message: 'No more.' } }])
  })
}

test('P50: what was cached is counted once', () => {
  assert.deepEqual((JSON.parse(bedrock.writeAnswer(answer, SETTINGS)) as { usage: object }).usage, body.usage)
})

test('P8: an answer that failed is no end', () => {
  const failed = { ...answer, choices: [{ ...answer.choices[0]!, finish: { stop: 'error', raw: '' } as const }] }
  assert.throws(() => bedrock.writeAnswer(failed, SETTINGS), /failure/)
  assert.equal(fold(read(writeStream(bedrock, unfold(failed)))).error?.failure, 'upstream')
  const malformed = fold(read([stream[0]!, frame('messageStop', { stopReason: 'malformed_tool_use' }), stream.at(-1)!])).answer
  assert.equal(malformed.choices[0]!.finish.stop, 'malformed')
})

test('the stop sequence that was met is told, whole and streamed', () => {
  for (const more of [{ stop_sequence: 'END' }, { delta: { stop_sequence: 'END' } }]) {
    const frames = [stream[0]!, frame('messageStop', { stopReason: 'stop_sequence', additionalModelResponseFields: more }),
      stream.at(-1)!]
    assert.equal(fold(read(frames)).answer.choices[0]!.finish.sequence, 'END')
  }
})

test('shapes that nobody promised do no harm', () => {
  for (const [event, payload] of [['later', '{}'], ['contentBlockStop', '{"contentBlockIndex":9}'], ['messageStop', '7'],
    ['metadata', '[]']] as const) {
    assert.equal(read([{ event, payload }]).some(one => one.event === 'error'), false)
  }
  assert.throws(() => read([{ event: 'contentBlockDelta', payload: '{"secret' }]),
    error => error instanceof Error && !/secret/.test(error.message))
  assert.throws(() => read([piece(0, { toolUse: { input: '{}' } })]), /a call before its input/)
  for (const raw of [null, 'x', [], {}, { output: { message: { content: 'x' } } }]) assert.throws(() => bedrock.readAnswer(raw),
    /Expected a message/)
  const odd = bedrock.readAnswer({ output: { message: { content: [null, 7, {}, { toolUse: 'x' }, { image: 1 },
    { reasoningContent: 1 }] } } })
  assert.deepEqual(odd.choices[0]!.blocks.map(({ kind }) => kind),
    ['opaque', 'opaque', 'opaque', 'tool_call', 'opaque', 'reasoning'])
})

test('P33: a model is one segment of the path, whatever is in its name', () => {
  assert.equal(bedrock.pathOf('us.anthropic.claude-x-v1:0', false), '/model/us.anthropic.claude-x-v1%3A0/converse')
  assert.equal(bedrock.pathOf('arn:aws:bedrock:eu-1:1:p/x', true),
    '/model/arn%3Aaws%3Abedrock%3Aeu-1%3A1%3Ap%2Fx/converse-stream')
})

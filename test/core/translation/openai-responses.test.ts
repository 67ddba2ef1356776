import assert from 'node:assert/strict'
import { test } from 'node:test'
import translation from '../../../core/translation/openai-responses.ts'
import type { CanonicalAnswer } from '../../../sdk/index.ts'
import { SETTINGS, answerLaws, inPieces, writeStream } from './law.ts'

const NOTHING = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider' } as const

/** One status for all good ends, told apart by what was said; and a usage in every answer. */
answerLaws(translation, answer => ({
  ...answer,
  usage: answer.usage ?? NOTHING,
  choices: answer.choices.map(choice => {
    const kinds = new Set(choice.blocks.map(block => block.kind))
    const { stop } = choice.finish
    const completed = kinds.has('tool_call') ? 'tool' : kinds.has('refusal') ? 'refusal' : 'end'
    const told = stop === 'length' || stop === 'filter' ? stop : stop === 'refusal' && !kinds.has('refusal') ? 'filter' : completed
    return { ...choice, finish: { stop: told, raw: '' } }
  }),
}))

const answer = (...blocks: CanonicalAnswer['choices'][number]['blocks']): CanonicalAnswer =>
  ({ id: 'r', model: 'p', choices: [{ index: 0, blocks, finish: { stop: 'end', raw: '' } }] })
const frames = (told: CanonicalAnswer, settings = SETTINGS) => writeStream(translation, inPieces(told, 4), settings)
const asking = (body: object) => ({
  ...SETTINGS, request: translation.readRequest({ model: 'm', input: 'x', ...body }, { model: 'm', stream: true }),
})
const payloads = (told: CanonicalAnswer, settings = SETTINGS) => frames(told, settings).map(frame => JSON.parse(frame.payload))
const EVERYTHING = answer(
  { kind: 'reasoning', text: 'Hm, well.', signature: { dialect: 'anthropic-messages', value: 's' } }, {
    kind: 'text', text: 'Hello there',
  },
  { kind: 'refusal', text: 'No more' }, {
    kind: 'tool_call', id: 'call_1', name: 'f', args: '{"a":1}', signature: { dialect: 'gemini', value: 'g' },
  },
)

test('P27: frames are numbered from 0 without a gap, and are called as their type says, which comes first', () => {
  for (const [at, { event, payload }] of frames(EVERYTHING).entries()) {
    assert.ok(payload.startsWith(`{"type":"${event}","sequence_number":${at},`), payload)
  }
})

test('the whole order of events', () => {
  const grown = (name: string) => [`${name}.delta`, `${name}.delta`, `${name}.delta`, `${name}.done`]
  const item = (...events: string[]) => ['output_item.added', ...events, 'output_item.done']
  assert.deepEqual(payloads(EVERYTHING).map(({ type }) => type.replace('response.', '')), [
    'created', 'in_progress',
    ...item('reasoning_summary_part.added', ...grown('reasoning_summary_text'), 'reasoning_summary_part.done'),
    ...item('content_part.added', ...grown('output_text'), 'content_part.done'),
    ...item('content_part.added', ...grown('refusal').slice(1), 'content_part.done'),
    ...item(...grown('function_call_arguments').slice(1)),
    ...item(),
    'completed',
  ])
})

test('P27: the last response holds every item as it was told, and everything that clients insist on', () => {
  const settings = asking({
    temperature: 0.5, metadata: { a: 'b' }, tool_choice: 'required', parallel_tool_calls: false, user: 'u',
    instructions: 'Be kind.',
    tools: [{ type: 'function', name: 'f', parameters: { type: 'object' }, strict: true }], text: {
      format: { type: 'json_object' }, verbosity: 'low',
    },
  })
  const told = payloads(EVERYTHING, settings)
  const { response } = told.at(-1)
  assert.deepEqual(response.output, told.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item))
  assert.deepEqual(response, JSON.parse(translation.writeAnswer(EVERYTHING, settings)), 'whole and streamed are one')
  const { output: _, ...rest } = response
  assert.deepEqual(rest, {
    id: 'r', object: 'response', created_at: SETTINGS.at, status: 'completed', background: false, completed_at: null, error: null,
    incomplete_details: null, instructions: null, max_output_tokens: null, max_tool_calls: null, model: 'm',
    parallel_tool_calls: false,
    previous_response_id: null, reasoning: {
      effort: null, summary: null,
    }, service_tier: 'default', store: false, temperature: 0.5,
    text: { format: { type: 'json_object' }, verbosity: 'low' }, tool_choice: 'required',
    tools: [{
      type: 'function', name: 'f', parameters: { type: 'object' }, strict: true,
    }], top_logprobs: 0, top_p: 1, truncation: 'disabled',
    usage: {
      input_tokens: 0, input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 }, output_tokens: 0,
      output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 0,
    },
    user: 'u', metadata: { a: 'b' },
  })
})

test('P2, P4: what others signed comes back from the client as theirs, whole and streamed', () => {
  const { output } = payloads(EVERYTHING).at(-1).response
  const [turn] = translation.readRequest({ model: 'm', input: output }, { model: 'm', stream: false }).turns
  assert.deepEqual(turn?.blocks, EVERYTHING.choices[0]!.blocks)
})

test('P21: a call without arguments has an empty object, in its pieces and whole', () => {
  const told = payloads(answer({ kind: 'tool_call', id: 'c', name: 'f', args: '' }))
  assert.deepEqual(
    told.flatMap(({ delta, arguments: args, item }) => [delta, args, item?.arguments].filter(one => one !== undefined)),
    ['', '{}', '{}', '{}']
  )
})

test('P29: the call of a custom tool is one again', () => {
  const settings = asking({ tools: [{ type: 'custom', name: 'f', format: { type: 'text' } }] })
  for (const [args, input] of [['{"input":"x \\"y\\""}', 'x "y"'], ['plain', 'plain']] as const) {
    const told = payloads(answer({ kind: 'tool_call', id: 'c', name: 'f', args }), settings)
    assert.deepEqual(told.map(({ type }) => type.replace('response.', '')).slice(2), [
      'output_item.added', 'custom_tool_call_input.delta', 'custom_tool_call_input.done', 'output_item.done', 'completed',
    ])
    const { id: _, ...item } = told.at(-1).response.output[0]
    assert.deepEqual(item, { type: 'custom_tool_call', status: 'completed', call_id: 'c', name: 'f', input })
    assert.deepEqual(told.at(-1).response.tools, [{ type: 'custom', name: 'f', format: { type: 'text' } }])
  }
})

test('blocks that are open at once are items of their own', () => {
  const told = writeStream(translation, [
    { event: 'start', id: 'r', model: 'p' },
    { event: 'block', choice: 0, block: 0, kind: 'tool_call', id: 'a', name: 'f' }, {
      event: 'block', choice: 0, block: 1, kind: 'tool_call', id: 'b', name: 'g',
    },
    { event: 'delta', choice: 0, block: 1, text: '{"b":1}' }, { event: 'delta', choice: 0, block: 0, text: '{"a":1}' },
    { event: 'stop', choice: 0, block: 1 }, { event: 'stop', choice: 0, block: 0 },
    { event: 'finish', choice: 0, finish: { stop: 'tool', raw: '' } }, { event: 'end' },
  ]).map(frame => JSON.parse(frame.payload))
  assert.deepEqual(
    told.at(-1).response.output.map(({ call_id, arguments: args }: Record<string, string>) => [call_id, args]),
    [['a', '{"a":1}'], ['b', '{"b":1}']]
  )
})

test('an answer that failed, before its first word and after it', () => {
  const failed = { event: 'error', error: { failure: 'rate_limit', message: 'slow down' } } as const
  const [early] = writeStream(translation, [failed])
  assert.deepEqual(JSON.parse(early!.payload), {
    type: 'error', sequence_number: 0, code: 'rate_limit_exceeded', message: 'slow down', param: null,
  })
  const late = JSON.parse(writeStream(translation, [...inPieces(EVERYTHING, 4).slice(0, 9), failed]).at(-1)!.payload)
  assert.deepEqual([late.type, late.response.status, late.response.error], [
    'response.failed', 'failed', { code: 'rate_limit_exceeded', message: 'slow down' },
  ])
  assert.deepEqual(late.response.output.map(({ type }: { type: string }) => type), ['reasoning'])
  const broken = writeStream(translation, [
    { event: 'start', id: '', model: '' }, { event: 'finish', choice: 0, finish: { stop: 'malformed', raw: 'X' } },
    { event: 'end' },
  ])
  assert.equal(broken.at(-1)?.event, 'response.failed')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fold } from '../../../../core/fold.ts'
import translation from '../../../../core/translation/openai-responses.ts'
import { readStream } from '../law.ts'

const response = (more: object) => ({ id: 'resp_1', created_at: 7, model: 'm', ...more })
const USAGE = {
  input_tokens: 9, input_tokens_details: { cached_tokens: 4 }, output_tokens: 5, output_tokens_details: { reasoning_tokens: 2 },
  total_tokens: 14,
}
const begin = { type: 'response.created', response: response({ status: 'in_progress', output: [] }) }
const completed = (output: readonly object[] = [], more: object = {}) =>
  ({ type: 'response.completed', response: response({ status: 'completed', output, usage: USAGE, ...more }) })
const about = (type: string, output_index: number, more: object) => ({ type: `response.${type}`, output_index, ...more })
const read = (...payloads: readonly object[]) => fold(readStream(
  translation, payloads.map(payload => ({ payload: JSON.stringify(payload) }))
))

const message = {
  type: 'message', id: 'msg', role: 'assistant',
  content: [{ type: 'output_text', text: 'Hello', annotations: [] }, { type: 'refusal', refusal: 'No' }],
}
const thought = {
  type: 'reasoning', id: 'rs', summary: [{ type: 'summary_text', text: 'a' }, { type: 'summary_text', text: 'b' }],
  encrypted_content: 'enc',
}
const call = { type: 'function_call', id: 'fc', call_id: 'c', name: 'f', arguments: '{"a":1}' }
const search = { type: 'web_search_call', id: 'ws', status: 'completed' }
const BLOCKS = [
  { kind: 'reasoning', text: 'a\n\nb', signature: { dialect: 'openai-responses', value: '["rs","enc"]' } },
  { kind: 'text', text: 'Hello' }, { kind: 'refusal', text: 'No' }, { kind: 'tool_call', id: 'c', name: 'f', args: '{"a":1}' },
  { kind: 'opaque', dialect: 'openai-responses', type: 'web_search_call', raw: search },
]
const EXPECTED = {
  id: 'resp_1', model: 'm', created: 7, choices: [{ index: 0, blocks: BLOCKS, finish: { stop: 'tool', raw: 'completed' } }],
  usage: { input: 9, output: 5, cacheRead: 4, cacheWrite: 0, reasoning: 2, source: 'provider' },
}

const streams: [string, readonly object[]][] = [
  ['in pieces', [
    begin, about('output_item.added', 0, { item: { ...thought, summary: [], encrypted_content: 'early' } }),
    about('reasoning_summary_text.delta', 0, { summary_index: 0, delta: 'a' }), about('reasoning_summary_text.delta', 0, {
      summary_index: 1, delta: 'b',
    }),
    about('output_item.done', 0, { item: thought }),
    about('output_item.added', 1, { item: { ...message, content: [] } }),
    about('output_text.delta', 1, { content_index: 0, delta: 'Hel' }), about('output_text.delta', 1, {
      content_index: 0, delta: 'lo',
    }),
    about('refusal.delta', 1, { content_index: 1, delta: 'No' }), about('output_item.done', 1, { item: message }),
    about('output_item.added', 2, { item: { ...call, arguments: '' } }), about(
      'function_call_arguments.delta', 2, { delta: '{"a"' }
    ),
    about('function_call_arguments.delta', 2, { delta: ':1}' }), about('output_item.done', 2, { item: call }),
    about('output_item.added', 3, { item: search }), about('web_search_call.searching', 3, {}), about(
      'output_item.done', 3, { item: search }
    ),
    completed([thought, message, call, search]),
  ]],
  ['with pieces left out', [
    begin, about('output_item.done', 0, { item: thought }), about('output_text.delta', 1, { content_index: 0, delta: 'He' }),
    about('output_item.done', 1, { item: message }), about('output_item.added', 2, { item: { ...call, arguments: '' } }),
    about('function_call_arguments.done', 2, { arguments: '{"a":1}' }), about('output_item.done', 2, { item: call }),
    about('output_item.done', 3, { item: search }), completed(),
  ]],
  ['with nothing but the end', [completed([thought, message, call, search])]],
  ['with places that the whole counts otherwise', [
    begin, ...[thought, message, call, search].map((item, at) => about('output_item.done', 2 * at, { item })), completed([
      thought, message, call, search,
    ]),
  ]],
]

for (const [name, payloads] of streams) {
  test(`a stream ${name}`, () => assert.deepEqual(read(...payloads), { answer: EXPECTED, error: undefined, ended: true }))
}

test('the same, whole', () => {
  const { response: body } = completed([thought, message, call, search])
  assert.deepEqual(translation.readAnswer(body), EXPECTED)
})

const ends: [string, object, string][] = [
  ['completed', {}, 'end'],
  ['incomplete', { incomplete_details: { reason: 'max_output_tokens' } }, 'length'],
  ['incomplete', { incomplete_details: { reason: 'content_filter' } }, 'filter'],
  ['failed', { error: { code: 'server_error', message: 'x' } }, 'error'],
  ['in_progress', {}, 'error'],
]

for (const [status, more, stop] of ends) {
  test(`a whole answer ends as told: ${status} ${JSON.stringify(more)}`, () => {
    assert.equal(translation.readAnswer(response({ status, output: [], ...more })).choices[0]?.finish.stop, stop)
  })
}

test('truncation wins over a call that was begun', () => {
  const cut = {
    type: 'response.incomplete',
    response: response({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, output: [call] }),
  }
  assert.equal(read(cut).answer.choices[0]?.finish.stop, 'length')
})

const failures: [object, string, string][] = [
  [
    {
      type: 'response.failed',
      response: response({ status: 'failed', error: { code: 'rate_limit_exceeded', message: 'Try again in 2s' } }),
    },
    'rate_limit', 'Try again in 2s',
  ],
  [
    { type: 'response.failed', response: response({ status: 'failed', error: { code: 'image_parse_error', message: 'x' } }) },
    'bad_request', 'x',
  ],
  [
    { type: 'response.failed', response: response({ status: 'failed', error: null }) }, 'upstream',
    'The provider reported an error.',
  ],
  [{ type: 'error', code: 'bio_policy', message: 'x', param: null, sequence_number: 3 }, 'content', 'x'],
  [{ type: 'error', error: { type: 'invalid_request_error', code: 'context_length_exceeded', message: 'x' } }, 'context', 'x'],
]

for (const [payload, failure, sentence] of failures) {
  test(`P31: an error in a stream is the last word: ${JSON.stringify(payload)}`, () => {
    const { error, ended } = read(begin, payload, completed())
    assert.deepEqual([error?.failure, error?.message, ended], [failure, sentence, true])
  })
}

test('a stream that breaks off has no end', () => {
  assert.equal(read(begin, about('output_text.delta', 0, { content_index: 0, delta: 'a' })).ended, false)
})

test('what is nothing that the format knows is passed over, and what is no JSON is not', () => {
  const payloads = [
    '', '[DONE]', '{}', '{"type":7}', '{"type":"response.output_text.delta","delta":7}',
    '{"type":"response.function_call_arguments.delta","delta":"x"}', '{"type":"response.new.thing"}',
  ]
  assert.deepEqual(readStream(translation, payloads.map(payload => ({ payload }))), [])
  for (const payload of ['x', 'null', '[]', '"a"']) assert.throws(
    () => readStream(translation, [{ payload }]), /Expected a frame/
  )
  assert.throws(() => translation.readAnswer({}), /list of output items/)
})

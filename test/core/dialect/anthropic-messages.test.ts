import assert from 'node:assert/strict'
import { test } from 'node:test'
import dialect from '../../../core/dialect/anthropic-messages.ts'
import { read } from '../../../core/reading.ts'
import { splice } from '../../../core/splice.ts'
import { GatehouseError, type Channel, type ErrorCode, type Place } from '../../../sdk/index.ts'
import { findsSegments, tapeOf } from './walk.ts'

const streaming = dialect.streaming!

/** What a walk along the map finds: `path origin/channel` of each segment, and the uncovered strings. */
function walk(body: object, map: Place) {
  const tape = tapeOf(JSON.stringify(body))
  const { spots, uncovered, finished, stopped, calls, usage, error } = read(tape, map)
  return {
    segments: spots.map(spot => `${spot.path} ${spot.origin}/${spot.channel}`),
    uncovered: uncovered.map(node => tape.text(node)),
    finished, stopped, calls,
    marks: { usage: usage !== -1, error: error !== -1 },
  }
}

const text = { type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } }
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA' } }
const cited = { type: 'char_location', cited_text: 'x', document_title: 'x', document_index: 0 }

const inRequests: [string, object, string[]][] = [
  ['roles give their origin', {
    system: 'x',
    messages: ['user', 'assistant', 'system', 'ghost'].map(role => ({ role, content: 'x' })),
  }, [
    '/system system/text', '/messages/0/content user/text', '/messages/1/content assistant/text',
    '/messages/2/content system/text', '/messages/3/content user/text',
  ]],
  ['blocks', {
    system: [text],
    messages: [{
      role: 'user',
      content: [
        text, image, { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
        { type: 'document', title: 't', context: 'c', citations: { enabled: true }, source: { type: 'text', media_type: 'text/plain', data: 'x' } },
        { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'AA' } },
        { type: 'document', source: { type: 'content', content: [text] } },
        { type: 'document', source: { type: 'file', file_id: 'file_1' } },
        { type: 'search_result', source: 's', title: 't', content: [{ type: 'text', text: 'x' }] },
        { type: 'container_upload', file_id: 'file_1' },
      ],
    }],
  }, [
    '/system/0/text system/text', '/messages/0/content/0/text user/text',
    '/messages/0/content/3/title file/text', '/messages/0/content/3/context file/text', '/messages/0/content/3/source/data file/text',
    '/messages/0/content/5/source/content/0/text user/text', '/messages/0/content/7/source tool_result/text',
    '/messages/0/content/7/title tool_result/text', '/messages/0/content/7/content/0/text tool_result/text',
  ]],
  ['tools and their results', {
    messages: [
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'x', signature: 's' }, { type: 'redacted_thinking', data: 'AA' },
          { type: 'text', text: 'x', citations: [cited] },
          { type: 'tool_use', id: 'toolu_1', name: 'f', input: { to: 'x', deep: ['y'] }, caller: { type: 'direct' } },
          { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } },
          {
            type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1',
            content: [{ type: 'web_search_result', title: 't', url: 'u', encrypted_content: 'e', page_age: 'p' }],
          },
          {
            type: 'bash_code_execution_tool_result', tool_use_id: 's',
            content: { type: 'bash_code_execution_result', stdout: 'o', stderr: 'e', return_code: 0, content: [{ type: 'o', file_id: 'f' }] },
          },
          { type: 'web_fetch_tool_result', tool_use_id: 's', content: { type: 'web_fetch_tool_result_error', error_code: 'url_not_allowed' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: 'x' },
          { type: 'tool_result', tool_use_id: 'toolu_2', is_error: true, content: [text, image, { type: 'tool_reference', tool_name: 'f' }] },
        ],
      },
    ],
  }, [
    '/messages/0/content/0/thinking assistant/reasoning', '/messages/0/content/2/text assistant/text',
    '/messages/0/content/2/citations/0/cited_text assistant/text', '/messages/0/content/2/citations/0/document_title file/text',
    '/messages/0/content/3/name assistant/tool_name', '/messages/0/content/3/input assistant/tool_args',
    '/messages/0/content/4/name assistant/tool_name', '/messages/0/content/4/input assistant/tool_args',
    '/messages/0/content/5/content/0/title tool_result/text', '/messages/0/content/5/content/0/url tool_result/text',
    '/messages/0/content/6/content/stdout tool_result/text', '/messages/0/content/6/content/stderr tool_result/text',
    '/messages/1/content/0/content tool_result/text', '/messages/1/content/1/content/0/text tool_result/text',
    '/messages/1/content/1/content/2/tool_name tool_def/tool_name',
  ]],
  ['declared tools and formats', {
    tools: [
      { name: 'f', description: 'd', input_schema: { type: 'object', enum: [{ a: 'e' }] }, cache_control: { type: 'ephemeral' } },
      { type: 'web_search_20250305', name: 'web_search', allowed_domains: ['a.b'], user_location: { type: 'approximate', city: 'x' } },
    ],
    tool_choice: { type: 'tool', name: 'f' },
    output_config: { effort: 'low', format: { type: 'json_schema', schema: { title: 't' } } },
  }, [
    '/tools/0/name tool_def/tool_name', '/tools/0/description tool_def/text', '/tools/0/input_schema/type tool_def/schema',
    '/tools/0/input_schema/enum/0/a tool_def/schema', '/tools/1/name tool_def/tool_name', '/tools/1/user_location/city user/text',
    '/tool_choice/name tool_def/tool_name', '/output_config/format/schema/title tool_def/schema',
  ]],
  ['what stands beside the conversation', {
    metadata: { user_id: 'x' }, stop_sequences: ['x'],
    context_management: { edits: [{ type: 'compact_20260112', instructions: 'x', trigger: { type: 'input_tokens', value: 1 } }] },
  }, ['/metadata/user_id user/text', '/stop_sequences/0 user/text', '/context_management/edits/0/instructions system/text']],
  ['words of the format', {
    model: 'm', service_tier: 'auto', speed: 'fast', inference_geo: 'us', container: 'c', betas: ['b'], cache_control: { type: 'ephemeral' },
    thinking: { type: 'adaptive', display: 'omitted' }, fallbacks: [{ model: 'm' }], mcp_servers: [{ type: 'url', name: 'n', url: 'u', authorization_token: 't' }],
  }, []],
]

findsSegments(dialect, inRequests)

test('map of requests: what it does not know is uncovered', () => {
  const body = { messages: [{ role: 'user', content: [{ type: 'hologram', blob: 'a' }], mood: 'b' }], brand_new: ['c'] }
  assert.deepEqual(walk(body, dialect.request).uncovered, ['a', 'b', 'c'])
})

const head = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', stop_sequence: null }

test('map of answers: everything in it is the assistant\'s, or what its tools found', () => {
  const content = [
    { type: 'thinking', thinking: 'x', signature: 's' }, { type: 'text', text: 'x' },
    { type: 'tool_use', id: 't', name: 'f', input: {} },
    { type: 'mcp_tool_result', tool_use_id: 't', is_error: false, content: [{ type: 'text', text: 'x' }] },
    { type: 'compaction', content: 'x', encrypted_content: 'e' },
  ]
  const stop = { stop_reason: 'refusal', stop_details: { type: 'refusal', category: 'bio', explanation: 'x' } }
  const usage = { input_tokens: 1, service_tier: 'standard', iterations: [{ type: 'message' }] }
  assert.deepEqual(walk({ ...head, content, ...stop, usage }, dialect.response), {
    segments: [
      '/content/0/thinking assistant/reasoning', '/content/1/text assistant/text', '/content/2/name assistant/tool_name',
      '/content/2/input assistant/tool_args', '/content/3/content/0/text tool_result/text', '/content/4/content assistant/text',
      '/stop_details/explanation assistant/text',
    ],
    uncovered: [], finished: [], stopped: [], calls: [], marks: { usage: true, error: false },
  })
})

const frames: [string, object, { segments?: string[]; finished?: number[]; stopped?: number[]; calls?: number[]; usage?: boolean; error?: boolean }][] = [
  ['a message starts', { type: 'message_start', message: { ...head, content: [], usage: { input_tokens: 1 } } }, { usage: true }],
  ['a message goes on', { type: 'message_start', message: { ...head, content: [{ type: 'text', text: 'x' }] } }, { segments: ['/content/0/text assistant/text'] }],
  ['a ping', { type: 'ping' }, {}],
  ['a block starts', { type: 'content_block_start', index: 3, content_block: { type: 'text', text: '' } }, { segments: ['/content/3/text assistant/text'], calls: [3] }],
  ['a call starts', { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', id: 't', name: 'f', input: {} } },
    { segments: ['/content/1/name assistant/tool_name', '/content/1/input assistant/tool_args'], calls: [1] }],
  ['text', { type: 'content_block_delta', index: 3, delta: { type: 'text_delta', text: 'x' } }, { segments: ['/content/3/text assistant/text'], calls: [3] }],
  ['a thought', { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'x' } }, { segments: ['/content/0/thinking assistant/reasoning'], calls: [0] }],
  ['a signature', { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'x' } }, { calls: [0] }],
  ['arguments', { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{' } }, { segments: ['/content/1/input assistant/tool_args'], calls: [1] }],
  ['a citation', { type: 'content_block_delta', index: 3, delta: { type: 'citations_delta', citation: cited } },
    { segments: ['/content/3/citations/cited_text assistant/text', '/content/3/citations/document_title file/text'], calls: [3] }],
  ['a summary', { type: 'content_block_delta', index: 3, delta: { type: 'compaction_delta', content: 'x' } }, { segments: ['/content/3/content assistant/text'], calls: [3] }],
  ['a block stops', { type: 'content_block_stop', index: 3 }, { calls: [3], stopped: [3] }],
  ['a message is about to stop', { type: 'message_delta', delta: { stop_reason: 'stop_sequence', stop_sequence: 'x' }, usage: { output_tokens: 1 } },
    { segments: ['/delta/stop_sequence assistant/text'], usage: true }],
  ['a message stops', { type: 'message_stop' }, { finished: [0] }],
  ['an error', { type: 'error', error: { type: 'overloaded_error', message: 'x' }, request_id: 'r' }, { segments: ['/error/message assistant/text'], error: true }],
]

for (const [name, frame, { segments = [], finished = [], stopped = [], calls = [], usage = false, error = false }] of frames) {
  test(`map of frames: ${name}`, () => {
    assert.deepEqual(walk(frame, streaming.frame), { segments, uncovered: [], finished, stopped, calls, marks: { usage, error } })
  })
}

const refused: [string, string, RegExp][] = [
  ['{"model":"m"}', 'messages', /got nothing/],
  ['{"model":"m","messages":[]}', 'messages', /got an empty array/],
  ['{"model":"m","messages":[{},"hi"]}', 'messages[1]', /an object; got a string/],
  ['{"messages":[{}]}', 'model', /got nothing/],
  ['{"model":"m","messages":[{}],"stream":"yes"}', 'stream', /got a string/],
]

for (const [json, param, sentence] of refused) {
  test(`a request without what the gateway reads is refused: ${json}`, () => {
    assert.throws(() => dialect.check(tapeOf(json)), error =>
      error instanceof GatehouseError && error.code === 'invalid_body' && error.param === param && sentence.test(error.message))
  })
}

const A = '{"type":"text","text":"a"}'
const B = '{"type":"text","text":"b"}'
const C = '{"type":"text","text":"c"}'
const said: [string, string][] = [
  ['{"model":"m"}', `{"model":"m","system":[${A},${B},${C}]}`],
  ['{"system": "h\\u00e9" }', `{"system": [${A},${B},{"type":"text","text":"h\\u00e9"},${C}] }`],
  ['{"system":""}', `{"system":[${A},${B},${C}]}`],
  ['{"system":null}', `{"system":[${A},${B},${C}]}`],
  ['{"system":[]}', `{"system":[${A},${B},${C}]}`],
  ['{"system":[ {"x":1} ]}', `{"system":[${A},${B}, {"x":1} ,${C}]}`],
]

for (const [json, expected] of said) {
  test(`words of the house around those of the system in ${json}`, () => {
    assert.equal(splice(Buffer.from(json), dialect.instruct!(tapeOf(json), ['a', 'b'], ['c'])).toString(), expected)
  })
}

for (const [at, expected] of [['start', '{"messages":[{"role":"user","content":"x"},{"a":1}]}'], ['end', '{"messages":[{"a":1},{"role":"user","content":"x"}]}']] as const) {
  test(`a message is put at the ${at}`, () => {
    const json = '{"messages":[{"a":1}]}'
    assert.equal(splice(Buffer.from(json), [dialect.insert!(tapeOf(json), { role: 'user', text: 'x' }, at)]).toString(), expected)
  })
}

test('schemas of tools and of the answer', () => {
  const tape = tapeOf('{"tools":[{"name":"f","input_schema":{"a":1}},{"type":"bash_20250124","name":"bash"}],"output_config":{"format":{"type":"json_schema","schema":{"b":2}}}}')
  const { tools, text: answer } = dialect.schemas!(tape)
  const jsonAt = (node: number | undefined): string => tape.bytes.toString('utf8', tape.start(node!), tape.end(node!))
  assert.deepEqual([[...tools.keys()], jsonAt(tools.get('f')), jsonAt(answer), dialect.asksForJson!(tape)], [['f'], '{"a":1}', '{"b":2}', true])
  const older = tapeOf('{"output_format":{"type":"json_schema","schema":{"b":2}}}')
  assert.deepEqual([dialect.asksForJson!(older), dialect.schemas!(older).text !== -1], [true, true])
  const neither = tapeOf('{"tools":7}')
  assert.deepEqual([dialect.asksForJson!(neither), dialect.schemas!(neither).text, dialect.schemas!(neither).tools.size], [false, -1, 0])
})

const pieces: [Channel, object, object][] = [
  ['text', { type: 'text_delta' }, { type: 'text_delta', text: 'x' }],
  ['text', { type: 'compaction_delta' }, { type: 'compaction_delta', content: 'x' }],
  ['reasoning', { type: 'thinking_delta' }, { type: 'thinking_delta', thinking: 'x' }],
  ['tool_args', { type: 'input_json_delta' }, { type: 'input_json_delta', partial_json: 'x' }],
]

for (const [channel, upstream, delta] of pieces) {
  test(`a frame says a piece of ${channel} after ${JSON.stringify(upstream)}, and its map finds it on the same lane`, () => {
    const payload = streaming.say({ choice: 0, channel, call: 4 }, 'x', JSON.stringify({ delta: upstream }), 0)
    assert.deepEqual(JSON.parse(payload), { type: 'content_block_delta', index: 4, delta })
    const [spot] = read(tapeOf(payload), streaming.frame).spots
    assert.deepEqual([spot?.channel, spot?.call, spot?.origin], [channel, 4, 'assistant'])
  })
}

test('a refusal closes what is open, and ends with the counts that were told; begun or not', () => {
  const start = JSON.stringify({ type: 'message_start', message: { id: 'msg_1', model: 'm', usage: { output_tokens: 3 } } })
  const refuse = (begun: number[], open: number[], latest = start) =>
    streaming.refuse([0], { first: start, latest, begun: new Set(begun), open, sequence: 0 }, 'content_filter').map(frame => JSON.parse(frame))
  const end = (output: number) => [
    { type: 'message_delta', delta: { stop_reason: 'refusal', stop_sequence: null }, usage: { output_tokens: output } }, { type: 'message_stop' },
  ]
  assert.deepEqual(refuse([0], [2]), [{ type: 'content_block_stop', index: 2 }, ...end(3)])
  const [first, ...others] = refuse([], [])
  assert.deepEqual([first.type, first.message.id, first.message.model, first.message.content, others], ['message_start', 'msg_1', 'm', [], end(3)])
  assert.deepEqual(refuse([], [], '{}').map(frame => frame.type), ['message_start', 'message_delta', 'message_stop'])
})

for (const [finish, reason] of [['stop', 'end_turn'], ['content_filter', 'refusal']] as const) {
  test(`an answer of the gateway's own, whole and as frames: ${finish}`, () => {
    const reply = { id: 'r1', model: 'm', text: 'No.\n', finish, at: 7 }
    const whole = JSON.parse(dialect.answer!(reply))
    assert.deepEqual([whole.content, whole.stop_reason], [[{ type: 'text', text: 'No.\n' }], reason])
    const told = streaming.answer(reply)
    assert.ok(told.every(frame => frame.startsWith('{"type":"')), 'the type names the event, and comes first')
    assert.deepEqual(told.map(frame => JSON.parse(frame).type),
      ['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop', 'message_delta', 'message_stop'])
  })
}

for (const [code, type] of [
  ['invalid_body', 'invalid_request_error'], ['blocked', 'invalid_request_error'], ['invalid_key', 'authentication_error'],
  ['forbidden', 'permission_error'], ['model_not_found', 'not_found_error'], ['body_too_large', 'request_too_large'],
  ['internal', 'api_error'], ['draining', 'overloaded_error'], ['upstream_timeout', 'timeout_error'],
] satisfies [ErrorCode, string][]) {
  test(`an error in Anthropic's words: ${code}`, () => {
    const error = new GatehouseError(code, 'Why.')
    assert.deepEqual(JSON.parse(dialect.error(error)), { type: 'error', error: { type, message: 'Why.' } })
    assert.equal(streaming.error(error, 0), dialect.error(error))
  })
}

const counts: [string, unknown, unknown, (number | undefined)[]][] = [
  ['P50: what was cached stands beside the input', { input_tokens: 3, cache_read_input_tokens: 40, cache_creation_input_tokens: 5, output_tokens: 2 }, undefined, [48, 2, 40, 5, 0]],
  ['thinking is part of the output', { input_tokens: 3, output_tokens: 20, output_tokens_details: { thinking_tokens: 12 } }, undefined, [3, 20, 0, 0, 12]],
  ['P30: the end completes the beginning', { output_tokens: 20 }, { input_tokens: 3, cache_read_input_tokens: 40, output_tokens: 1 }, [43, 20, 40, 0, 0]],
  ['P30: the end corrects the beginning', { input_tokens: 9, cache_read_input_tokens: 0, output_tokens: 20 }, { input_tokens: 3, cache_read_input_tokens: 40, output_tokens: 1 }, [9, 20, 0, 0, 0]],
  ['no counts', { input_tokens: 'many' }, undefined, [undefined, undefined, undefined, undefined, undefined]],
]

for (const [name, raw, earlier, expected] of counts) {
  test(`usage: ${name}`, () => {
    const found = dialect.usage(raw, dialect.usage(earlier))
    assert.deepEqual([found?.input, found?.output, found?.cacheRead, found?.cacheWrite, found?.reasoning], expected)
  })
}

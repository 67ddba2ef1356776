import assert from 'node:assert/strict'
import { test } from 'node:test'
import dialect from '../../../core/dialect/openai-chat.ts'
import { read } from '../../../core/reading.ts'
import { GatehouseError, type Channel } from '../../../sdk/index.ts'
import { findsSegments, tapeOf, walk } from './walk.ts'

const streaming = dialect.streaming!

const named = { name: 'f' }
const grammar = { syntax: 'lark', definition: 'x' }

const inRequests: [string, object, string[]][] = [
  ['roles give their origin', {
    messages: ['system', 'developer', 'user', 'assistant', 'tool', 'function', 'ghost'].map(role => ({ role, content: 'x' })),
  }, [
    '/messages/0/content system/text', '/messages/1/content developer/text', '/messages/2/content user/text',
    '/messages/3/content assistant/text', '/messages/4/content tool_result/text', '/messages/5/content tool_result/text',
    '/messages/6/content user/text',
  ]],
  ['parts', {
    messages: [{
      role: 'user',
      name: 'Ann',
      content: [
        { type: 'text', text: 'x', prompt_cache_breakpoint: { mode: 'explicit' } },
        { type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AA', detail: 'low' } },
        { type: 'image_url', image_url: 'https://example.com/a.png' },
        { type: 'input_audio', input_audio: { data: 'AA', format: 'wav' } },
        { type: 'file', file: { filename: 'ann.pdf', file_data: 'AA', file_id: 'file-1' } },
        { type: 'document_url', document_url: 'https://example.com/b.pdf', document_name: 'b.pdf' },
      ],
    }],
  }, [
    '/messages/0/name user/text', '/messages/0/content/0/text user/text', '/messages/0/content/1/text user/text',
    '/messages/0/content/5/file/filename file/text', '/messages/0/content/6/document_name file/text',
  ]],
  ['an assistant\'s turn', {
    messages: [{
      role: 'assistant',
      content: [{ type: 'refusal', refusal: 'x' }, { type: 'thinking', thinking: [{ type: 'text', text: 'x' }] }],
      refusal: 'x',
      reasoning_content: 'x',
      reasoning: 'x',
      reasoning_details: [
        { type: 'reasoning.text', id: 'r', format: 'f', text: 'x', signature: 's' }, { type: 'reasoning.encrypted', data: 'x' },
      ],
      audio: { id: 'audio_1' },
      prefix: true,
      tool_calls: [
        { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } },
        { id: 'c', type: 'custom', custom: { name: 'f', input: 'x' }, extra_content: { google: { thought_signature: 's' } } },
      ],
      function_call: { name: 'f', arguments: '{}' },
    }],
  }, [
    '/messages/0/content/0/refusal assistant/refusal', '/messages/0/content/1/thinking/0/text assistant/reasoning',
    '/messages/0/refusal assistant/refusal', '/messages/0/reasoning_content assistant/reasoning',
    '/messages/0/reasoning assistant/reasoning', '/messages/0/reasoning_details/0/text assistant/reasoning',
    '/messages/0/tool_calls/0/function/name assistant/tool_name',
    '/messages/0/tool_calls/0/function/arguments assistant/tool_args', '/messages/0/tool_calls/1/custom/name assistant/tool_name',
    '/messages/0/tool_calls/1/custom/input assistant/tool_args', '/messages/0/function_call/name assistant/tool_name',
    '/messages/0/function_call/arguments assistant/tool_args',
  ]],
  ['tools and schemas', {
    tools: [
      { type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object', enum: [{ a: 'e' }] } } },
      { type: 'custom', custom: { name: 'g', description: 'd', format: { type: 'grammar', grammar } } },
    ],
    functions: [{ name: 'f', description: 'd', parameters: { title: 't' } }],
    tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: named }] } },
    function_call: named,
    response_format: { type: 'json_schema', json_schema: { name: 'n', description: 'd', schema: { title: 't' } } },
  }, [
    '/tools/0/function/name tool_def/tool_name', '/tools/0/function/description tool_def/text',
    '/tools/0/function/parameters/type tool_def/schema', '/tools/0/function/parameters/enum/0/a tool_def/schema',
    '/tools/1/custom/name tool_def/tool_name', '/tools/1/custom/description tool_def/text',
    '/tools/1/custom/format/grammar/definition tool_def/schema', '/functions/0/name tool_def/tool_name',
    '/functions/0/description tool_def/text', '/functions/0/parameters/title tool_def/schema',
    '/tool_choice/allowed_tools/tools/0/function/name tool_def/tool_name', '/function_call/name tool_def/tool_name',
    '/response_format/json_schema/name tool_def/schema', '/response_format/json_schema/description tool_def/text',
    '/response_format/json_schema/schema/title tool_def/schema',
  ]],
  ['what stands beside the conversation', {
    user: 'x',
    safety_identifier: 'x',
    prompt_cache_key: 'x',
    metadata: { ticket: 'x' },
    stop: ['x'],
    prediction: { type: 'content', content: [{ type: 'text', text: 'x' }] },
    web_search_options: { search_context_size: 'low', user_location: { type: 'approximate', approximate: { city: 'x' } } },
  }, [
    '/user user/text', '/safety_identifier user/text', '/prompt_cache_key user/text', '/metadata/ticket user/text',
    '/stop/0 user/text', '/prediction/content/0/text user/text', '/web_search_options/user_location/approximate/city user/text',
  ]],
  ['words of the format', {
    model: 'm',
    tool_choice: 'auto',
    function_call: 'none',
    modalities: ['text', 'audio'],
    audio: { voice: { id: 'v' }, format: 'wav' },
    reasoning_effort: 'low',
    verbosity: 'low',
    service_tier: 'flex',
    moderation: { model: 'm', policy: { input: { mode: 'block' } } },
    prompt_cache_options: { mode: 'implicit', ttl: '30m' },
    prompt_cache_retention: '24h',
    stream_options: { include_usage: true },
    logit_bias: { 50256: -100 },
    thinking: { type: 'enabled' },
    reasoning: { effort: 'low' },
  }, []],
]

findsSegments(dialect, inRequests)

test('map of requests: what it does not know is uncovered', () => {
  const messages = [{ role: 'user', content: [{ type: 'x', blob: 'a' }] }]
  const body = { messages, data_sources: ['b'], stop: { c: 'c' }, user: ['d'] }
  assert.deepEqual(walk(body, dialect.request).uncovered, ['a', 'b', 'c', 'd'])
})

const said = {
  role: 'assistant',
  content: 'x',
  refusal: 'x',
  reasoning_content: 'x',
  tool_calls: [{ index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
  audio: { id: 'a', data: 'AA', transcript: 'x' },
  annotations: [{ type: 'url_citation', url_citation: { url: 'u', title: 't', start_index: 0 } }],
}
const saidSegments = (at: string): string[] => [
  `${at}/content assistant/text`, `${at}/refusal assistant/refusal`, `${at}/reasoning_content assistant/reasoning`,
  `${at}/tool_calls/0/function/name assistant/tool_name`, `${at}/tool_calls/0/function/arguments assistant/tool_args`,
  `${at}/audio/transcript assistant/transcript`, `${at}/annotations/0/url_citation/url assistant/text`,
  `${at}/annotations/0/url_citation/title assistant/text`,
]
const token = { token: 'x', bytes: [120], top_logprobs: [{ token: 'x' }] }
const head = { id: 'c', object: 'o', created: 1, model: 'm', system_fingerprint: 'fp', service_tier: 'default' }

for (const [holder, map] of [['message', dialect.response], ['delta', streaming.frame]] as const) {
  test(`map of answers: everything in a ${holder} is the assistant's`, () => {
    const logprobs = { content: [token], refusal: [token] }
    const choice = { index: 0, [holder]: said, logprobs, finish_reason: 'stop' }
    const body = { ...head, choices: [choice], usage: { prompt_tokens: 1 }, obfuscation: 'z' }
    assert.deepEqual(walk(body, map), {
      segments: saidSegments(`/choices/0/${holder}`), uncovered: [], finished: [0], marks: { usage: true, error: false },
    })
  })
}

test('map of answers: what vendors add', () => {
  const filter = { hate: { filtered: false, severity: 'safe' } }
  const results = [{ type: 'r', model: 'm', category_applied_input_types: { hate: ['text'] } }]
  const body = {
    provider: 'p',
    x_groq: { id: 'r' },
    citations: ['u'],
    metadata: { ticket: 'x' },
    prompt_filter_results: [{ content_filter_results: filter }],
    moderation: { input: { type: 'moderation_results', model: 'm', results }, output: { code: 'c', message: 'x' } },
    choices: [{ index: 2, finish_reason: 'stop', native_finish_reason: 'end', content_filter_results: filter, message: {} }],
  }
  assert.deepEqual(walk(body, dialect.response), {
    segments: ['/citations/0 assistant/text', '/metadata/ticket user/text', '/moderation/output/message assistant/text'],
    uncovered: [],
    finished: [2],
    marks: { usage: false, error: false },
  })
})

test('map of answers: an error is marked, and its sentence is text', () => {
  const found = walk({ error: { message: 'x', type: 't', param: 'p', code: 'c' } }, streaming.frame)
  assert.deepEqual(found.segments, ['/error/message assistant/text'])
  assert.deepEqual([found.uncovered, found.marks.error], [[], true])
})

const refused: [string, string, RegExp][] = [
  ['{"model":"m"}', 'messages', /got nothing/],
  ['{"model":"m","messages":"hi"}', 'messages', /got a string/],
  ['{"model":"m","messages":[]}', 'messages', /got an empty array/],
  ['{"model":"m","messages":[{},"hi"]}', 'messages[1]', /an object; got a string/],
  ['{"messages":[{}]}', 'model', /got nothing/],
  ['{"model":"m","messages":[{}],"stream":"yes"}', 'stream', /got a string/],
  ['{"model":"m","messages":[{}],"n":1000}', 'n', /got 1000/],
]

for (const [json, param, sentence] of refused) {
  test(`a request without what the gateway reads is refused: ${json}`, () => {
    assert.throws(() => dialect.check(tapeOf(json)), error =>
      error instanceof GatehouseError && error.code === 'invalid_body' && error.param === param && sentence.test(error.message))
  })
}

test('a request passes with fields that nobody knows', () => {
  dialect.check(tapeOf('{"model":"m","messages":[{"role":"x","y":1}],"stream":true,"n":2,"brand_new":{"a":[]}}'))
})

const insertions: [string, 'start' | 'end', string][] = [
  ['{"messages":[{"a":1}],"b":2}', 'start', '{"messages":[{"role":"system","content":"\\"é\\""},{"a":1}],"b":2}'],
  ['{"messages":[{"a":1}],"b":2}', 'end', '{"messages":[{"a":1},{"role":"system","content":"\\"é\\""}],"b":2}'],
  ['{"messages": [ ]}', 'start', '{"messages": [{"role":"system","content":"\\"é\\""} ]}'],
  ['{"messages": [ ]}', 'end', '{"messages": [ {"role":"system","content":"\\"é\\""}]}'],
]

for (const [json, at, expected] of insertions) {
  test(`a message is put at the ${at} of ${json}`, () => {
    const { start, end, text } = dialect.insert!(tapeOf(json), { role: 'system', text: '"é"' }, at)
    assert.equal(json.slice(0, start) + String(text) + json.slice(end), expected)
  })
}

const like = (delta: object): string =>
  JSON.stringify({ ...head, choices: [{ index: 0, delta: { content: 'no' } }, { index: 1, delta }] })

const pieces: [string, Channel, number, object, object][] = [
  ['text', 'text', -1, {}, { content: 'x' }],
  ['a refusal', 'refusal', -1, {}, { refusal: 'x' }],
  ['speech', 'transcript', -1, {}, { audio: { transcript: 'x' } }],
  ['reasoning', 'reasoning', -1, {}, { reasoning_content: 'x' }],
  ['reasoning as OpenRouter and Groq write it', 'reasoning', -1, { reasoning: 'y' }, { reasoning: 'x' }],
  ['reasoning where both are written', 'reasoning', -1, { reasoning: 'y', reasoning_content: 'y' }, { reasoning_content: 'x' }],
  ['reasoning as Mistral writes it', 'reasoning', -1, { content: [{ type: 'thinking' }] },
    { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'x' }] }] }],
  ['arguments', 'tool_args', 3, {}, { tool_calls: [{ index: 3, function: { arguments: 'x' } }] }],
  ['the input of a custom tool', 'tool_args', 3, { tool_calls: [{ index: 3, custom: { input: 'y' } }] },
    { tool_calls: [{ index: 3, custom: { input: 'x' } }] }],
  ['arguments beside a custom tool', 'tool_args', 3, { tool_calls: [{ index: 2, custom: { input: 'y' } }] },
    { tool_calls: [{ index: 3, function: { arguments: 'x' } }] }],
  ['arguments of an old call', 'tool_args', -1, {}, { function_call: { arguments: 'x' } }],
  ['a name', 'tool_name', 3, {}, { tool_calls: [{ index: 3, function: { name: 'x' } }] }],
]

for (const [name, channel, call, upstream, delta] of pieces) {
  test(`a frame says ${name}, and its map finds it on the same lane`, () => {
    const payload = streaming.say({ choice: 1, channel, call }, 'x', like(upstream), 0)
    const { id, created, model, system_fingerprint } = head
    assert.deepEqual(JSON.parse(payload), {
      id, object: 'chat.completion.chunk', created, model, system_fingerprint,
      choices: [{ index: 1, delta, finish_reason: null }],
    })
    const [spot, ...more] = read(tapeOf(payload), streaming.frame).spots
    assert.deepEqual(more, [])
    assert.deepEqual([spot?.choice, spot?.channel, spot?.call, spot?.origin], [1, channel, call, 'assistant'])
  })
}

for (const payload of ['', '[DONE]', 'null', '{"choices":7}', '{"choices":[null,{"index":1,"delta":5}]}']) {
  test(`a frame is said even after ${payload}`, () => {
    const { choices } = JSON.parse(streaming.say({ choice: 1, channel: 'reasoning', call: -1 }, 'x', payload, 0))
    assert.deepEqual(choices, [{ index: 1, delta: { reasoning_content: 'x' }, finish_reason: null }])
  })
}

test('a refusal ends each of the choices with content_filter', () => {
  const frames = streaming.refuse([0, 2], { first: '{}', latest: like({}), begun: new Set([0]), open: [], sequence: 0 }, 'content_filter').map(frame => JSON.parse(frame))
  assert.deepEqual(frames.map(frame => frame.choices), [
    [{ index: 0, delta: {}, finish_reason: 'content_filter' }], [{ index: 2, delta: { role: 'assistant' }, finish_reason: 'content_filter' }],
  ])
  assert.deepEqual(frames.map(frame => frame.id), ['c', 'c'])
})

const reply = { id: 'r1', model: 'm', text: 'No.\n', finish: 'content_filter', at: 7 } as const

test('an answer of the gateway\'s own, whole', () => {
  assert.deepEqual(JSON.parse(dialect.answer!(reply)), {
    id: 'r1', object: 'chat.completion', created: 7, model: 'm',
    choices: [{
      index: 0, message: { role: 'assistant', content: 'No.\n', refusal: null }, logprobs: null, finish_reason: 'content_filter',
    }],
    usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
  })
})

test('an answer of the gateway\'s own, as frames', () => {
  const frames = streaming.answer(reply).map(frame => JSON.parse(frame))
  assert.deepEqual(frames.map(frame => frame.choices[0]), [
    { index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null },
    { index: 0, delta: { content: 'No.\n' }, finish_reason: null },
    { index: 0, delta: {}, finish_reason: 'content_filter' },
  ])
})

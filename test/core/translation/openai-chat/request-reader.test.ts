import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRequest } from '../../../../core/translation/openai-chat/request-reader.ts'
import type { CanonicalRequest } from '../../../../sdk/index.ts'

const read = (body: object): CanonicalRequest =>
  readRequest({ messages: [{ role: 'user', content: 'Hi' }], ...body }, { model: 'm', stream: false }, 'openai-chat')
const turnsOf = (...messages: object[]) => read({ messages }).turns
const blocksOf = (content: unknown) => turnsOf({ role: 'user', content })[0]!.blocks

test('the least request', () => {
  assert.deepEqual(read({}), {
    model: 'm', turns: [{ role: 'user', blocks: [{ kind: 'text', text: 'Hi' }] }], tools: [], stream: false, streamUsage: false,
    rest: { dialect: 'openai-chat', fields: {} },
  })
})

for (const [name, body, expected] of [
  ['the newer length wins', { max_completion_tokens: 5, max_tokens: 9 }, { maxOutput: 5 }],
  ['the older length', { max_tokens: 9 }, { maxOutput: 9 }],
  ['sampling', { temperature: 0.2, top_p: 0.9, top_k: 4, seed: 7, frequency_penalty: 1, presence_penalty: -1, n: 2 },
    { temperature: 0.2, topP: 0.9, topK: 4, seed: 7, frequencyPenalty: 1, presencePenalty: -1, choices: 2 }],
  ['one stop sequence', { stop: '###' }, { stop: ['###'] }],
  ['several', { stop: ['a', 'b'] }, { stop: ['a', 'b'] }],
  ['an effort', { reasoning_effort: 'high' }, { thinking: { effort: 'high' } }],
  [
    'OpenRouter: tokens to think with, unseen', { reasoning: { max_tokens: 900, exclude: true } },
    { thinking: { budget: 900, shown: false } },
  ],
  ['OpenRouter: thinking at all', { reasoning: { enabled: true } }, { thinking: { adaptive: true } }],
  ['OpenRouter: no thinking', { reasoning: { enabled: false } }, { thinking: { effort: 'none' } }],
  ['any JSON', { response_format: { type: 'json_object' } }, { format: { type: 'json' } }],
  ['a schema', { response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' }, strict: true } } },
    { format: { type: 'schema', name: 'n', schema: { type: 'object' }, strict: true } }],
  [
    'Together: a schema', { response_format: { type: 'json_object', schema: { type: 'object' } } },
    { format: { type: 'schema', schema: { type: 'object' } } },
  ],
  ['usage asked for', { stream_options: { include_usage: true } }, { streamUsage: true }],
  ['the end user', { safety_identifier: 'u1' }, { user: 'u1' }],
  ['a tool', { tools: [{
    type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' }, strict: true },
    cache_control: { type: 'ephemeral', ttl: '1h' },
  }] },
    { tools: [{ name: 'f', description: 'd', schema: { type: 'object' }, strict: true, cache: '1h' }] }],
  [
    'some tool', { tool_choice: 'required', parallel_tool_calls: false },
    { toolChoice: { mode: 'required' }, parallelTools: false },
  ],
  [
    'this tool', { tool_choice: { type: 'function', function: { name: 'f' } } },
    { toolChoice: { mode: 'required', names: ['f'] } },
  ],
  ['one of these', { tool_choice: {
    type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'f' } }] },
  } },
    { toolChoice: { mode: 'auto', names: ['f'] } }],
  ['what has no place is kept', { logit_bias: { 5: 1 }, store: true, metadata: null },
    { rest: { dialect: 'openai-chat', fields: { logit_bias: { 5: 1 }, store: true } } }],
  [
    'what is of another type was not said',
    { temperature: 'hot', n: 'two', stop: 5, max_tokens: -1, tools: 'none', tool_choice: null, response_format: [] }, {},
  ],
] as const) {
  test(`settings: ${name}`, () => assert.deepEqual(read(body), { ...read({}), ...expected }))
}

for (const [name, content, expected] of [
  ['a text', 'x', [{ kind: 'text', text: 'x' }]],
  ['nothing', null, []],
  ['texts, one to be cached', [
    { type: 'text', text: 'a', prompt_cache_breakpoint: { mode: 'explicit' } }, { type: 'text', text: 'b' },
  ],
    [{ kind: 'text', text: 'a', cache: '5m' }, { kind: 'text', text: 'b' }]],
  [
    'a mark as of Anthropic', [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } }],
    [{ kind: 'text', text: 'a', cache: '1h' }],
  ],
  ['a picture in the URL', [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } }],
    [{ kind: 'image', media: { at: 'data', base64: 'AAAA', mediaType: 'image/png' }, detail: 'low' }]],
  [
    'a picture behind a URL', [{ type: 'image_url', image_url: 'https://example.com/a.png' }],
    [{ kind: 'image', media: { at: 'url', url: 'https://example.com/a.png' } }],
  ],
  [
    'a URL of text', [{ type: 'image_url', image_url: { url: 'data:image/svg+xml,<svg/>' } }],
    [{ kind: 'image', media: { at: 'url', url: 'data:image/svg+xml,<svg/>' } }],
  ],
  [
    'a sound', [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } }],
    [{ kind: 'audio', media: { at: 'data', base64: 'AAAA', mediaType: 'audio/mpeg' } }],
  ],
  ['a file', [{ type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' } }],
    [{ kind: 'file', media: { at: 'data', base64: 'AAAA', mediaType: 'application/pdf' }, name: 'a.pdf' }]],
  [
    'an upload', [{ type: 'file', file: { file_id: 'file-1' } }],
    [{ kind: 'file', media: { at: 'id', id: 'file-1', dialect: 'openai-chat' } }],
  ],
  ['a document of Mistral', [{ type: 'document_url', document_url: 'https://example.com/a.pdf', document_name: 'a' }],
    [{ kind: 'file', media: { at: 'url', url: 'https://example.com/a.pdf' }, name: 'a' }]],
  [
    'something new', [{ type: 'hologram', depth: 3 }],
    [{ kind: 'opaque', dialect: 'openai-chat', type: 'hologram', raw: { type: 'hologram', depth: 3 } }],
  ],
  [
    'a picture of nothing', [{ type: 'image_url' }],
    [{ kind: 'opaque', dialect: 'openai-chat', type: 'image_url', raw: { type: 'image_url' } }],
  ],
  ['no part at all', [7], [{ kind: 'opaque', dialect: 'openai-chat', type: '', raw: {} }]],
] as const) {
  test(`content: ${name}`, () => assert.deepEqual(blocksOf(content), expected))
}

test('system turns stay where they are, and users are told apart', () => {
  assert.deepEqual(turnsOf(
    { role: 'developer', content: 'a' }, {
      role: 'user', name: 'eva', content: 'b',
    }, { role: 'system', content: 'c' }, { role: 'user', content: 'd' },
  ).map(({ role, name }) => [role, name]), [
    ['developer', undefined], ['user', 'eva'], ['system', undefined], ['user', undefined],
  ])
})

test('a turn of the assistant: thought, text, refusal, calls', () => {
  assert.deepEqual(turnsOf({
    role: 'assistant', content: 'said', reasoning_content: 'thought', refusal: 'no',
    tool_calls: [{
      id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a": 1.0}' },
      extra_content: { google: { thought_signature: 'sig' } },
    }],
  })[0]!.blocks, [
    { kind: 'reasoning', text: 'thought' }, { kind: 'text', text: 'said' }, { kind: 'refusal', text: 'no' },
    { kind: 'tool_call', id: 'c1', name: 'f', args: '{"a": 1.0}', signature: { dialect: 'gemini', value: 'sig' } },
  ])
})

test('OpenRouter: proofs of thought keep their maker, and its text is told once', () => {
  assert.deepEqual(turnsOf({
    role: 'assistant', content: 'x', reasoning: 'because',
    reasoning_details: [
      { type: 'reasoning.text', text: 'because', signature: 's' }, { type: 'reasoning.encrypted', data: 'zzz' },
    ],
  })[0]!.blocks, [
    { kind: 'reasoning', text: 'because', signature: { dialect: 'openai-chat', value: 's' } },
    { kind: 'reasoning', text: '', redacted: { dialect: 'openai-chat', value: 'zzz' } },
    { kind: 'text', text: 'x' },
  ])
})

test('P20: results of tools that follow one another are one turn, with their pictures', () => {
  const image = { kind: 'image', media: { at: 'data', base64: 'AAAA', mediaType: 'image/png' } }
  assert.deepEqual(turnsOf(
    { role: 'tool', tool_call_id: 'c1', content: 'sunny' },
    {
      role: 'tool', tool_call_id: 'c2',
      content: [{ type: 'text', text: 'seen' }, { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }],
    },
    { role: 'user', content: 'so?' },
  ), [
    {
      role: 'user', blocks: [
        { kind: 'tool_result', id: 'c1', name: '', blocks: [{ kind: 'text', text: 'sunny' }], failed: false },
        { kind: 'tool_result', id: 'c2', name: '', blocks: [{ kind: 'text', text: 'seen' }, image], failed: false },
      ],
    },
    { role: 'user', blocks: [{ kind: 'text', text: 'so?' }] },
  ])
})

for (const [param, body] of [
  ['messages', { messages: [] }],
  ['messages', { messages: 'Hi' }],
  ['messages[0].role', { messages: [{ role: 'function', content: 'x' }] }],
  ['messages[0].role', { messages: [null] }],
  [
    'messages[0].tool_calls[0]',
    { messages: [{ role: 'assistant', tool_calls: [{ type: 'custom', custom: { name: 'f', input: 'x' } }] }] },
  ],
  ['messages[0].function_call', { messages: [{ role: 'assistant', function_call: { name: 'f', arguments: '{}' } }] }],
  ['functions', { functions: [{ name: 'f' }] }],
  ['function_call', { function_call: 'auto' }],
  ['tools[0]', { tools: [{ type: 'custom', custom: { name: 'f' } }] }],
  ['tool_choice', { tool_choice: { type: 'custom', custom: { name: 'f' } } }],
] as const) {
  test(`refused by name: ${param} as ${JSON.stringify(body).slice(0, 60)}`, () => {
    assert.throws(() => read(body), { code: 'invalid_body', param })
  })
}

test('a body that is none is refused as such', () => {
  for (const body of [null, 7, 'x', []]) {
    assert.throws(
      () => readRequest(body, { model: 'm', stream: false }, 'openai-chat'), { code: 'invalid_body', param: 'messages' },
    )
  }
})

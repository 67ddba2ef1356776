import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CustomInput } from '../../../../core/translation/openai-responses/custom-tool.ts'
import { readRequest } from '../../../../core/translation/openai-responses/request-reader.ts'
import { sealed } from '../../../../core/translation/openai-responses/seal.ts'
import { GatehouseError, type Turn } from '../../../../sdk/index.ts'

const asked = { model: 'm', stream: false }
const read = (body: object) => readRequest({ model: 'm', input: 'Hi', ...body }, asked)
const turns = (...input: object[]): readonly Turn[] => read({ input }).turns
const text = (said: string) => ({ kind: 'text', text: said })

const inputs: [string, object[], unknown[]][] = [
  ['a message by its role, with or without a type', [
    { role: 'developer', content: 'a' }, { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'b' }] },
  ], [{ role: 'developer', blocks: [text('a')] }, { role: 'user', blocks: [text('b')] }]],
  ['pictures and files, by URL, by data and by id', [{
    role: 'user', content: [
      { type: 'input_image', image_url: 'https://example.com/a.png', detail: 'low' },
      { type: 'input_image', image_url: 'data:image/png;base64,AA' },
      { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,AA' },
      { type: 'input_file', file_url: 'https://example.com/b.pdf' },
      { type: 'input_file', file_id: 'file-1' },
      { type: 'input_audio', input_audio: { data: 'AA', format: 'mp3' } },
      { type: 'hologram', beam: 1 },
    ],
  }], [{
    role: 'user', blocks: [
      { kind: 'image', media: { at: 'url', url: 'https://example.com/a.png' }, detail: 'low' },
      { kind: 'image', media: { at: 'data', base64: 'AA', mediaType: 'image/png' } },
      { kind: 'file', media: { at: 'data', base64: 'AA', mediaType: 'application/pdf' }, name: 'a.pdf' },
      { kind: 'file', media: { at: 'url', url: 'https://example.com/b.pdf' } },
      { kind: 'file', media: { at: 'id', id: 'file-1', dialect: 'openai-responses' } },
      { kind: 'audio', media: { at: 'data', base64: 'AA', mediaType: 'audio/mpeg' } },
      { kind: 'opaque', dialect: 'openai-responses', type: 'hologram', raw: { type: 'hologram', beam: 1 } },
    ],
  }]],
  ['parallel calls are one turn, and so are their results', [
    { type: 'function_call', call_id: 'a', name: 'f', arguments: '{"x":1}' }, {
      type: 'function_call', call_id: 'b', name: 'f', arguments: '',
    },
    { type: 'function_call_output', call_id: 'a', output: '1' },
    { type: 'function_call_output', call_id: 'b', output: [{ type: 'input_image', image_url: 'data:image/png;base64,AA' }] },
    { role: 'user', content: 'And?' },
  ], [
    {
      role: 'assistant',
      blocks: [{ kind: 'tool_call', id: 'a', name: 'f', args: '{"x":1}' }, { kind: 'tool_call', id: 'b', name: 'f', args: '' }],
    },
    { role: 'user', blocks: [
      { kind: 'tool_result', id: 'a', name: '', blocks: [text('1')], failed: false },
      {
        kind: 'tool_result', id: 'b', name: '',
        blocks: [{ kind: 'image', media: { at: 'data', base64: 'AA', mediaType: 'image/png' } }], failed: false,
      },
    ] },
    { role: 'user', blocks: [text('And?')] },
  ]],
  ['what the vendor ran itself', [{ type: 'web_search_call', id: 'ws', status: 'completed' }], [{
    role: 'assistant',
    blocks: [{
      kind: 'opaque', dialect: 'openai-responses', type: 'web_search_call',
      raw: { type: 'web_search_call', id: 'ws', status: 'completed' },
    }],
  }]],
]

for (const [name, input, expected] of inputs) test(`items: ${name}`, () => assert.deepEqual(turns(...input), expected))

test('P29: what the assistant says between a call and its result stays in its turn, behind the call', () => {
  const [said, results] = turns(
    { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' }, { role: 'assistant', content: 'One moment.' },
    { type: 'function_call_output', call_id: 'a', output: 'done' },
  )
  assert.deepEqual(said?.blocks.map(block => block.kind), ['tool_call', 'text'])
  assert.deepEqual(results?.blocks.map(block => block.kind), ['tool_result'])
})

test('P29: a custom tool is a function of one text, with its grammar told, and so are its calls', () => {
  const tool = {
    type: 'custom', name: 'patch', description: 'Edits.', format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
  }
  const { tools: [read1], turns: [said] } = read({
    tools: [tool], input: [{ type: 'custom_tool_call', call_id: 'a', name: 'patch', input: 'x "y"' }],
  })
  assert.ok(read1?.schema instanceof CustomInput)
  assert.deepEqual(JSON.parse(JSON.stringify(read1.schema)), {
    type: 'object', required: ['input'], additionalProperties: false,
    properties: { input: { type: 'string', description: 'Text of this lark grammar:\nstart: "x"' } },
  })
  assert.deepEqual(said?.blocks, [{ kind: 'tool_call', id: 'a', name: 'patch', args: '{"input":"x \\"y\\""}' }])
})

test('P28: a thought that OpenAI sealed keeps its seal and its id; one of another vendor is that vendor\'s again', () => {
  const thought = {
    type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'a' }, { type: 'summary_text', text: 'b' }],
  }
  const claude = { dialect: 'anthropic-messages', value: 'sig' }
  const [turn] = turns(
    { ...thought, encrypted_content: 'enc' }, { ...thought, encrypted_content: sealed({ of: 'thought', signature: claude }) },
    { ...thought, summary: [], encrypted_content: sealed({ of: 'hidden', signature: claude }) }, {
      ...thought, summary: [], encrypted_content: 'enc',
    }, thought,
  )
  const own = { dialect: 'openai-responses', value: '["rs_1","enc"]' }
  assert.deepEqual(turn?.blocks, [
    { kind: 'reasoning', text: 'a\n\nb', signature: own }, { kind: 'reasoning', text: 'a\n\nb', signature: claude },
    { kind: 'reasoning', text: '', redacted: claude }, { kind: 'reasoning', text: '', redacted: own }, {
      kind: 'reasoning', text: 'a\n\nb',
    },
  ])
})

test('P4: the proof of a call comes back to it', () => {
  const signature = { dialect: 'gemini', value: 'g' }
  const [turn] = turns(
    { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' }, {
      type: 'function_call', call_id: 'b', name: 'f', arguments: '{}',
    },
    { type: 'reasoning', id: 'rs', summary: [], encrypted_content: sealed({ of: { call: 'a' }, signature }) },
    { type: 'reasoning', id: 'rs', summary: [], encrypted_content: sealed({ of: { call: 'unknown' }, signature }) },
  )
  assert.deepEqual(turn?.blocks, [
    { kind: 'tool_call', id: 'a', name: 'f', args: '{}', signature }, { kind: 'tool_call', id: 'b', name: 'f', args: '{}' },
  ])
})

const refused: [object, string][] = [
  [{ previous_response_id: 'resp_1' }, 'previous_response_id'],
  [{ conversation: { id: 'conv_1' } }, 'conversation'],
  [{ prompt: { id: 'pmpt_1' } }, 'prompt'],
  [{ background: true }, 'background'],
  [{ store: true }, 'store'],
  [{ input: [] }, 'input'],
  [{ input: undefined }, 'input'],
  [{ input: [{ type: 'item_reference', id: 'msg_1' }] }, 'input[0]'],
  [{ input: [{ role: 'user', content: 'a' }, { type: 'compaction', encrypted_content: 'x' }] }, 'input[1]'],
  [{ input: [{ role: 'critic', content: 'a' }] }, 'input[0].role'],
  [{ input: [{ type: 'function_call', call_id: 'a', name: 'f', namespace: 'n', arguments: '{}' }] }, 'input[0].namespace'],
  [{ tools: [{ type: 'function', name: 'f' }, { type: 'namespace', name: 'n', tools: [] }] }, 'tools[1]'],
  [{ tools: [{ type: 'tool_search' }] }, 'tools[0]'],
  [{ tools: [{ type: 'web_search' }] }, 'tools[0]'],
  [{ tools: [{ type: 'function' }] }, 'tools[0]'],
  [{ tool_choice: { type: 'file_search' } }, 'tool_choice'],
  [{ tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'mcp', server_label: 's' }] } }, 'tool_choice.tools[0]'],
]

for (const [body, param] of refused) {
  test(`what needs this vendor is refused by name: ${param}, ${JSON.stringify(body)}`, () => {
    assert.throws(
      () => read(body), error => error instanceof GatehouseError && error.code === 'invalid_body' && error.param === param
    )
  })
}

test('settings', () => {
  const { turns: _, tools: [tool], ...request } = read({
    instructions: 'Be kind.', max_output_tokens: 9, temperature: 0.5, top_p: 0.9, parallel_tool_calls: false, store: false,
    background: false,
    tools: [{ type: 'function', name: 'f', description: 'd', parameters: { type: 'object' }, strict: true }],
    tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'f' }] },
    text: { format: { type: 'json_schema', name: 'n', schema: {}, strict: true }, verbosity: 'low' },
    reasoning: { effort: 'high', summary: 'auto' }, safety_identifier: 'u', truncation: 'disabled', service_tier: 'auto',
    include: ['reasoning.encrypted_content'], metadata: { a: 'b' }, stream_options: { include_obfuscation: false },
  })
  assert.deepEqual(tool, { name: 'f', description: 'd', schema: { type: 'object' }, strict: true })
  assert.deepEqual(request, {
    model: 'm', toolChoice: { mode: 'required', names: ['f'] }, parallelTools: false, maxOutput: 9, temperature: 0.5, topP: 0.9,
    format: { type: 'schema', schema: {}, name: 'n', strict: true }, thinking: {
      effort: 'high', shown: true,
    }, stream: false, streamUsage: true,
    user: 'u', rest: { dialect: 'openai-responses', fields: { metadata: { a: 'b' }, verbosity: 'low' } },
  })
})

test('instructions come first, before the input', () => {
  assert.deepEqual(read({ instructions: 'a' }).turns, [
    { role: 'system', blocks: [text('a')] }, { role: 'user', blocks: [text('Hi')] },
  ])
})

test('what stays behind is kept by name', () => {
  const { rest } = read({ truncation: 'auto', include: ['file_search_call.results'], max_tool_calls: 3, future: { a: 1 } })
  assert.deepEqual(rest.fields, {
    truncation: 'auto', include: ['file_search_call.results'], max_tool_calls: 3, future: { a: 1 },
  })
})

test('no shape of a body is worse than a refusal', () => {
  for (const body of [
    null, 7, [], { input: [null, 7] }, { input: 'a', tools: [null] },
    { input: 'a', text: 7, reasoning: [], include: 'x', tool_choice: 7 },
    { input: [{ type: 'reasoning', summary: 7, encrypted_content: 'gatehouse:%%' }] },
  ]) {
    try {
      readRequest(body, asked)
    } catch (error) {
      assert.ok(error instanceof GatehouseError, String(error))
    }
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeRequest } from '../../../../core/translation/openai-chat/request-writer.ts'
import type { CanonicalRequest, ModelFacts, Turn } from '../../../../sdk/index.ts'
import { REQUEST } from '../law.ts'
import { assistant, call, text, user } from '../turn.ts'

const LEAST = {
  model: 'm', messages: [{ role: 'user', content: 'Hello' }], stream: true, stream_options: { include_usage: true },
}

function write(more: Partial<CanonicalRequest>, facts: ModelFacts = {}) {
  const { body, warnings } = writeRequest({ ...REQUEST, ...more }, facts)
  return { body: JSON.parse(body) as Record<string, unknown>, warned: warnings.map(({ field, action }) => `${field} ${action}`) }
}
const messagesOf = (...turns: Turn[]) => {
  const { body, warned } = write({ turns })
  return { messages: body.messages, warned }
}
const image = { kind: 'image', media: { at: 'data', base64: 'AAAA', mediaType: 'image/png' } } as const

test('the least request', () => assert.deepEqual(write({}), { body: LEAST, warned: [] }))

const tool = { name: 'f', description: 'd', schema: { type: 'object' }, strict: true }
const written = { type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' }, strict: true } }

for (const [name, more, facts, expected, warned] of [
  ['sampling', {
    temperature: 0.2, topP: 0.9, seed: 7, frequencyPenalty: 1, presencePenalty: -1, choices: 2, stop: ['a'], user: 'u',
  }, {},
    { temperature: 0.2, top_p: 0.9, seed: 7, frequency_penalty: 1, presence_penalty: -1, n: 2, stop: ['a'], user: 'u' }, []],
  ['what it has no field for', { topK: 4 }, {}, {}, ['topK dropped']],
  [
    'more stop sequences than it has', { stop: ['a', 'b', 'c', 'd', 'e'] }, {}, { stop: ['a', 'b', 'c', 'd'] },
    ['stop approximated'],
  ],
  ['P40: the length, of models that do not think', { maxOutput: 9, temperature: 1 }, {}, { max_tokens: 9, temperature: 1 }, []],
  [
    'P40: and of those that do, which take no temperature', { maxOutput: 9, temperature: 0 }, { thinking: 'effort' },
    { max_completion_tokens: 9 }, ['temperature dropped'],
  ],
  [
    'P40: unless they are told not to think', { temperature: 0, thinking: { effort: 'none' } }, { thinking: 'effort' },
    { temperature: 0, reasoning_effort: 'none' }, [],
  ],
  ['more than the model can', { maxOutput: 9000 }, { maxOutput: 4096 }, { max_tokens: 4096 }, ['maxOutput approximated']],
  ['an effort', { thinking: { effort: 'xhigh' } }, {}, { reasoning_effort: 'xhigh' }, []],
  [
    'tokens to think with', { thinking: { budget: 10_000 } }, {}, { reasoning_effort: 'medium' },
    ['thinking.budget approximated'],
  ],
  ['thinking as the model likes', { thinking: { adaptive: true } }, {}, {}, []],
  ['thinking of a model that cannot', { thinking: { effort: 'high' } }, { thinking: 'none' }, {}, ['thinking dropped']],
  ['any JSON', { format: { type: 'json' } }, {}, { response_format: { type: 'json_object' } }, []],
  ['a schema without a name', { format: { type: 'schema', schema: { type: 'object' }, strict: true } }, {},
    { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object' }, strict: true } } }, []],
  ['a tool', { tools: [tool] }, {}, { tools: [written] }, []],
  [
    'a tool without arguments', { tools: [{ name: 'f' }] }, {},
    { tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }] }, [],
  ],
  ['a tool to be cached', { tools: [{ ...tool, cache: '5m' }] }, {}, { tools: [written] }, ['tools[0].cache dropped']],
  ['some tool, one at a time', { tools: [tool], toolChoice: { mode: 'required' }, parallelTools: false }, {},
    { tools: [written], tool_choice: 'required', parallel_tool_calls: false }, []],
  [
    'this tool', { tools: [tool], toolChoice: { mode: 'required', names: ['f'] } }, {},
    { tools: [written], tool_choice: { type: 'function', function: { name: 'f' } } }, [],
  ],
  ['some of them', { tools: [tool], toolChoice: { mode: 'auto', names: ['f'] } }, {},
    {
      tools: [written],
      tool_choice: {
        type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'f' } }] },
      },
    }, []],
  ['a choice among no tools', { toolChoice: { mode: 'auto' } }, {}, {}, []],
  ['its own fields come back', { rest: { dialect: 'openai-chat', fields: { store: true } } }, {}, { store: true }, []],
  [
    'fields of others stay behind', { rest: { dialect: 'gemini', fields: { safetySettings: [] } } }, {}, {},
    ['safetySettings dropped'],
  ],
  [
    'but for those that mean the same', { rest: { dialect: 'mistral-chat', fields: { metadata: { a: 1 }, safe_prompt: true } } },
    {}, { metadata: { a: 1 } }, ['safe_prompt dropped'],
  ],
] as const satisfies readonly (readonly [string, Partial<CanonicalRequest>, ModelFacts, object, readonly string[]])[]) {
  test(`settings: ${name}`, () => assert.deepEqual(write(more, facts), { body: { ...LEAST, ...expected }, warned }))
}

test('P10: usage is asked for in streams alone, and only where the client wants it', () => {
  const fields = (stream: boolean, streamUsage: boolean) => {
    const { stream: streams, stream_options } = write({ stream, streamUsage }).body
    return [streams, stream_options]
  }
  assert.deepEqual([fields(true, true), fields(true, false), fields(false, true)],
    [[true, { include_usage: true }], [true, undefined], [undefined, undefined]])
})

test('P35: names that it refuses are hashed alike in tools, history and choice', () => {
  const name = `files.read:${'x'.repeat(80)}`
  const { body } = write({
    tools: [{ name }], toolChoice: { mode: 'required', names: [name] },
    turns: [
      user(text('go')), assistant(call('c1', '{}', name)),
      user({ kind: 'tool_result', id: 'c1', name, blocks: [text('ok')], failed: false }),
    ],
  })
  const [legal] = JSON.stringify(body).match(/files_read_x{44}_[\da-f]{8}/) ?? []
  assert.equal(legal?.length, 64)
  assert.deepEqual(body.tool_choice, { type: 'function', function: { name: legal } })
  assert.equal(JSON.stringify(body).split(`"name":"${legal}"`).length, 4)
})

test('texts stay texts, and are parts only beside pictures', () => {
  assert.deepEqual(messagesOf(
    { role: 'developer', blocks: [text('a'), text('b')] }, { role: 'user', name: 'eva', blocks: [text('see'), image] },
  ), {
    messages: [
      { role: 'system', content: 'a\nb' },
      {
        role: 'user',
        content: [{ type: 'text', text: 'see' }, { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }],
        name: 'eva',
      },
    ],
    warned: [],
  })
})

for (const [name, block, part] of [
  [
    'a picture behind a URL', { kind: 'image', media: { at: 'url', url: 'https://example.com/a' }, detail: 'high' },
    { type: 'image_url', image_url: { url: 'https://example.com/a', detail: 'high' } },
  ],
  [
    'a sound', { kind: 'audio', media: { at: 'data', base64: 'AAAA', mediaType: 'audio/mpeg' } },
    { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } },
  ],
  [
    'a file', { kind: 'file', media: { at: 'data', base64: 'AAAA', mediaType: 'application/pdf' }, name: 'a.pdf' },
    { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' } },
  ],
  [
    'an upload', { kind: 'file', media: { at: 'id', id: 'file-1', dialect: 'openai-chat' } },
    { type: 'file', file: { file_id: 'file-1' } },
  ],
  ['what it brought itself', { kind: 'opaque', dialect: 'openai-chat', type: 'x', raw: { type: 'x' } }, { type: 'x' }],
] as const) {
  test(
    `a part of content: ${name}`, () => assert.deepEqual(messagesOf(user(block)).messages, [{ role: 'user', content: [part] }]),
  )
}

for (const [name, block] of [
  ['a file behind a URL', { kind: 'file', media: { at: 'url', url: 'https://example.com/a.pdf' } }],
  ['an upload of another vendor', { kind: 'file', media: { at: 'id', id: 'x', dialect: 'anthropic-messages' } }],
  ['a sound that it does not know', { kind: 'audio', media: { at: 'data', base64: 'AAAA', mediaType: 'audio/ogg' } }],
] as const) {
  test(
    `refused by name: ${name}`, () => assert.throws(() => messagesOf(user(block)), { code: 'untranslatable', param: 'turns[0]' }),
  )
}

test('P21: a call without arguments has an empty object of them', () => {
  assert.deepEqual(messagesOf(assistant(call('c1', ''))).messages,
    [{
      role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
    }])
})

test('an id that is too long is hashed, in the call and in its result', () => {
  const { messages } = messagesOf(
    assistant(call('x'.repeat(60))), user({ kind: 'tool_result', id: 'x'.repeat(60), name: 'f', blocks: [], failed: false }),
  )
  const [{ tool_calls: [{ id }] }, { tool_call_id }] = messages as [{ tool_calls: [{ id: string }] }, { tool_call_id: string }]
  assert.equal(id, tool_call_id)
  assert.match(id, /^call_[\da-f]{32}$/)
})

test('P20: pictures of tools stand in a message of the user, behind all results', () => {
  assert.deepEqual(messagesOf(user(
    { kind: 'tool_result', id: 'c1', name: '', blocks: [text('seen'), image], failed: false },
    { kind: 'tool_result', id: 'c2', name: '', blocks: [text('gone')], failed: true },
    text('so?'),
  )), {
    messages: [
      { role: 'tool', tool_call_id: 'c1', content: 'seen' },
      { role: 'tool', tool_call_id: 'c2', content: 'Error:\ngone' },
      {
        role: 'user', content: [
          { type: 'text', text: 'Result of the tool call c1:' }, {
            type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' },
          }, { type: 'text', text: 'so?' },
        ],
      },
    ],
    warned: ['turns[0] emulated', 'turns[0].failed emulated'],
  })
})

test('what only another vendor can read in a result stays behind', () => {
  const reference = { kind: 'opaque', dialect: 'anthropic-messages', type: 'tool_reference', raw: {} } as const
  assert.deepEqual(messagesOf(user({
    kind: 'tool_result', id: 'c1', name: '', blocks: [text('seen'), reference], failed: false,
  })), {
    messages: [{ role: 'tool', tool_call_id: 'c1', content: 'seen' }], warned: ['turns[0].blocks[0].blocks[1] dropped'],
  })
})

test('thoughts come along where nobody signed them; what others signed stays behind', () => {
  const signature = { dialect: 'anthropic-messages', value: 's' }
  assert.deepEqual(messagesOf(
    assistant({ kind: 'reasoning', text: 'mine' }, text('a')),
    assistant(
      { kind: 'reasoning', text: 'theirs', signature }, { kind: 'reasoning', text: '', redacted: signature },
      { ...text('b'), signature, cache: '5m' },
    ),
    assistant(
      { kind: 'opaque', dialect: 'anthropic-messages', type: 'server_tool_use', raw: {} }, { kind: 'refusal', text: 'no' },
    ),
  ), {
    messages: [
      {
        role: 'assistant', content: 'a', reasoning_content: 'mine',
      }, { role: 'assistant', content: 'b' }, { role: 'assistant', content: null, refusal: 'no' },
    ],
    warned: [
      'turns[1].blocks[0] dropped', 'turns[1].blocks[1] dropped', 'turns[1].blocks[2].cache dropped',
      'turns[1].blocks[2].signature dropped', 'turns[2].blocks[0] dropped',
    ],
  })
})

test('a turn of the assistant with nothing left in it is an empty text', () => {
  assert.deepEqual(messagesOf(assistant()).messages, [{ role: 'assistant', content: '' }])
})

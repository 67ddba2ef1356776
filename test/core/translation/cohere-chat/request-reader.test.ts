import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readRequest } from '../../../../core/translation/cohere-chat/request-reader.ts'
import { writeRequest } from '../../../../core/translation/cohere-chat/request-writer.ts'

const read = (body: unknown) => readRequest(body, { model: 'command-a', stream: true })

const BODY = {
  model: 'command-a',
  messages: [
    { role: 'system', content: 'S' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'U' }, { type: 'image_url', image_url: { url: 'data:image/png;base64,AA', detail: 'low' } },
        { type: 'image_url', image_url: { url: 'https://e.org/a' } },
      ],
    },
    {
      role: 'assistant', content: [{ type: 'thinking', thinking: 'hm' }], tool_plan: 'I will look.',
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"n": 1}' } }],
    },
    { role: 'tool', tool_call_id: 'a', content: 'one' },
    { role: 'tool', tool_call_id: 'b', content: 'two' },
    { role: 'assistant', content: 'So.' },
  ],
  tools: [{ type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' } } }],
  strict_tools: true, tool_choice: 'REQUIRED', max_tokens: 9, temperature: 0.5, p: 0.9, k: 40, seed: 7, frequency_penalty: 0.1,
  presence_penalty: 0.2,
  stop_sequences: ['END'], response_format: { type: 'json_object', json_schema: { type: 'object' } },
  thinking: { type: 'enabled', token_budget: 99 }, stream: true,
  safety_mode: 'OFF',
}

test('a request is read whole', () => {
  assert.deepEqual(read(BODY), {
    model: 'command-a', stream: true, streamUsage: true,
    turns: [
      { role: 'system', blocks: [{ kind: 'text', text: 'S' }] },
      {
        role: 'user',
        blocks: [
          { kind: 'text', text: 'U' },
          { kind: 'image', media: { at: 'data', base64: 'AA', mediaType: 'image/png' }, detail: 'low' },
          { kind: 'image', media: { at: 'url', url: 'https://e.org/a' } },
        ],
      },
      {
        role: 'assistant',
        blocks: [
          { kind: 'reasoning', text: 'hm' }, { kind: 'text', text: 'I will look.' },
          { kind: 'tool_call', id: 'a', name: 'f', args: '{"n": 1}' },
        ],
      },
      {
        role: 'user',
        blocks: [
          { kind: 'tool_result', id: 'a', name: 'f', blocks: [{ kind: 'text', text: 'one' }], failed: false },
          { kind: 'tool_result', id: 'b', name: '', blocks: [{ kind: 'text', text: 'two' }], failed: false },
        ],
      },
      { role: 'assistant', blocks: [{ kind: 'text', text: 'So.' }] },
    ],
    tools: [{ name: 'f', description: 'd', schema: { type: 'object' }, strict: true }], toolChoice: { mode: 'required' },
    maxOutput: 9, temperature: 0.5, topP: 0.9, topK: 40, seed: 7, frequencyPenalty: 0.1, presencePenalty: 0.2, stop: ['END'],
    format: { type: 'schema', schema: { type: 'object' } }, thinking: { budget: 99, shown: true },
    rest: { dialect: 'cohere-chat', fields: { safety_mode: 'OFF' } },
  })
})

test('what is read and written again is the same request', () => {
  const { body, warnings } = writeRequest(read(BODY), {})
  assert.deepEqual([JSON.parse(body), warnings], [BODY, []])
})

test('documents of a tool are its texts', () => {
  const content = [{ type: 'text', text: 'a' }, { type: 'document', document: { data: 'b' } }, {
    type: 'document', document: { data: { c: 1 } },
  }]
  const [block] = read({ messages: [{ role: 'tool', tool_call_id: 'x', content }] }).turns[0]!.blocks
  assert.deepEqual(block?.kind === 'tool_result' && block.blocks.map(one => one.kind === 'text' && one.text), [
    'a', 'b', '{"c":1}',
  ])
})

for (const [thinking, expected] of [
  [{ type: 'disabled' }, { effort: 'none' }], [{ type: 'enabled' }, { adaptive: true, shown: true }], ['x', undefined],
] as const) {
  test(`thinking ${JSON.stringify(thinking)}`, () => assert.deepEqual(read({ messages: [], thinking }).thinking, expected))
}

describe('refused by name', () => {
  for (const [param, body] of [
    ['messages', null], ['messages', { messages: 'x' }], ['messages[0].role', { messages: [{ role: 'CHATBOT' }] }],
    ['documents', { messages: [], documents: ['x'] }],
    ['tools', { messages: [], tools: [{}] }],
  ] as const) {
    test(`${param}: ${JSON.stringify(body)}`, () => assert.throws(() => read(body), { code: 'invalid_body', param }))
  }
})

test('shapes that nobody promised are passed over', () => {
  const { turns, tools } = read({
    messages: [{ role: 'user', content: [null, 7, {}] }, { role: 'assistant', content: 7, tool_calls: 'x' }], tools: 'x',
    response_format: 7, tool_choice: {},
  })
  assert.deepEqual([turns.flatMap(({ blocks }) => blocks), tools], [[], []])
})

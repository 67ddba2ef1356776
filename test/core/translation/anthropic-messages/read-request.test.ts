import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRequest } from '../../../../core/translation/anthropic-messages/read-request.ts'
import type { CanonicalRequest } from '../../../../sdk/index.ts'

const asked = { model: 'claude-x', stream: false }
const hello = { messages: [{ role: 'user', content: 'Hello' }], max_tokens: 100 }
const read = (more: object): CanonicalRequest => readRequest({ ...hello, ...more }, asked)
const blocksOf = (content: unknown): unknown => read({ messages: [{ role: 'user', content }] }).turns[0]!.blocks

test('the least request', () => {
  assert.deepEqual(readRequest({ model: 'ignored', ...hello }, asked), {
    model: 'claude-x', turns: [{ role: 'user', blocks: [{ kind: 'text', text: 'Hello' }] }], tools: [], maxOutput: 100,
    stream: false, streamUsage: true, rest: { dialect: 'anthropic-messages', fields: {} },
  })
})

test('settings, and what rides along', () => {
  const { turns: _, ...settings } = read({
    system: [{ type: 'text', text: 'Be brief.' }], temperature: 0.5, top_p: 0.9, top_k: 5, stop_sequences: ['END'], stream: true,
    metadata: { user_id: 'u' }, service_tier: 'auto', context_management: { edits: [] },
    tools: [{ name: 'f', description: 'F.', input_schema: { type: 'object' }, strict: true,
      cache_control: { type: 'ephemeral', ttl: '1h' } },
      { type: 'custom', name: 'g' }],
    tool_choice: { type: 'tool', name: 'f', disable_parallel_tool_use: true },
    thinking: { type: 'adaptive', display: 'omitted' },
    output_config: { effort: 'xhigh', format: { type: 'json_schema', schema: { type: 'object' } } },
  })
  assert.deepEqual(settings, {
    model: 'claude-x', stream: false, streamUsage: true, maxOutput: 100, temperature: 0.5, topP: 0.9, topK: 5, stop: ['END'],
      user: 'u',
    tools: [{ name: 'f', description: 'F.', schema: { type: 'object' }, strict: true, cache: '1h' }, { name: 'g' }],
    toolChoice: { mode: 'required', names: ['f'] }, parallelTools: false,
    thinking: { effort: 'xhigh', adaptive: true, shown: false },
    format: { type: 'schema', schema: { type: 'object' }, strict: true },
    rest: { dialect: 'anthropic-messages', fields: { service_tier: 'auto', context_management: { edits: [] } } },
  })
})

test('turns of all roles keep their order, the system first', () => {
  const { turns } = read({ system: 'Be brief.', messages: [
    { role: 'user', content: 'a' }, { role: 'system', content: 'b' },
      { role: 'assistant', content: [{ type: 'text', text: 'c' }] },
  ] })
  assert.deepEqual(turns.map(({ role, blocks }) => [role, 'text' in blocks[0]! && blocks[0].text]),
    [['system', 'Be brief.'], ['user', 'a'], ['system', 'b'], ['assistant', 'c']])
})

const PNG = { at: 'data', base64: 'aGk=', mediaType: 'image/png' }
const png = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } }

for (const [name, raw, block] of [
  ['marked text', { type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }, { kind: 'text', text: 'x', cache: '5m' }],
  ['a picture', png, { kind: 'image', media: PNG }],
  ['a picture by URL', { type: 'image', source: { type: 'url', url: 'https://x/y' } },
    { kind: 'image', media: { at: 'url', url: 'https://x/y' } }],
  ['an upload', { type: 'document', source: { type: 'file', file_id: 'f1' } },
    { kind: 'file', media: { at: 'id', id: 'f1', dialect: 'anthropic-messages' } }],
  ['a PDF', { type: 'document', title: 'T', source: { type: 'base64', media_type: 'application/pdf', data: 'aGk=' } },
    { kind: 'file', name: 'T', media: { at: 'data', base64: 'aGk=', mediaType: 'application/pdf' } }],
  ['a text file', { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'hi' } },
    { kind: 'file', media: { at: 'data', base64: 'aGk=', mediaType: 'text/plain' } }],
  ['a thought', { type: 'thinking', thinking: 'Hm.', signature: 's' },
    { kind: 'reasoning', text: 'Hm.', signature: { dialect: 'anthropic-messages', value: 's' } }],
  ['a thought that nobody signed', { type: 'thinking', thinking: 'Hm.', signature: '' }, { kind: 'reasoning', text: 'Hm.' }],
  ['a hidden thought', { type: 'redacted_thinking', data: 'd' },
    { kind: 'reasoning', text: '', redacted: { dialect: 'anthropic-messages', value: 'd' } }],
  ['a call', { type: 'tool_use', id: 't', name: 'f', input: { b: 1, a: [2] } },
    { kind: 'tool_call', id: 't', name: 'f', args: '{"b":1,"a":[2]}' }],
  ['a failed result', { type: 'tool_result', tool_use_id: 't', content: 'No.', is_error: true },
    { kind: 'tool_result', id: 't', name: '', blocks: [{ kind: 'text', text: 'No.' }], failed: true }],
  ['a result of nothing', { type: 'tool_result', tool_use_id: 't' },
    { kind: 'tool_result', id: 't', name: '', blocks: [], failed: false }],
  ['a result with a picture, marked inside',
    { type: 'tool_result', tool_use_id: 't', content: [{ type: 'text', text: 'See:' },
      { ...png, cache_control: { type: 'ephemeral' } }] },
    { kind: 'tool_result', id: 't', name: '', blocks: [{ kind: 'text', text: 'See:' }, { kind: 'image', media: PNG }],
      failed: false, cache: '5m' }],
  ['what has no place', { type: 'search_result', source: 's' },
    { kind: 'opaque', dialect: 'anthropic-messages', type: 'search_result', raw: { type: 'search_result', source: 's' } }],
] as const) {
  test(`a block is read: ${name}`, () => assert.deepEqual(blocksOf([raw]), [block]))
}

test('results of tools stand first', () => {
  const blocks = read({ messages: [{ role: 'user', content: [{ type: 'text', text: 'x' },
    { type: 'tool_result', tool_use_id: 't' }] }] }).turns[0]!.blocks
  assert.deepEqual(blocks.map(({ kind }) => kind), ['tool_result', 'text'])
})

test('a mark on the whole request marks what comes last', () => {
  const { turns } = read({ cache_control: { type: 'ephemeral', ttl: '1h' } })
  assert.deepEqual(turns[0]!.blocks, [{ kind: 'text', text: 'Hello', cache: '1h' }])
})

for (const [thinking, canonical] of [
  [{ type: 'disabled' }, { effort: 'none' }],
  [{ type: 'enabled', budget_tokens: 2000 }, { budget: 2000, shown: true }],
  [{ type: 'adaptive' }, { adaptive: true, shown: true }],
] as const) {
  test(`thinking is read: ${thinking.type}`, () => assert.deepEqual(read({ thinking }).thinking, canonical))
}

for (const [choice, canonical] of [
  [{ type: 'auto' }, { mode: 'auto' }], [{ type: 'none' }, { mode: 'none' }], [{ type: 'any' }, { mode: 'required' }],
] as const) {
  test(`a choice of tools is read: ${choice.type}`, () => assert.deepEqual(read({ tool_choice: choice }).toolChoice, canonical))
}

for (const [param, more] of [
  ['messages', { messages: 'x' }],
  ['messages[0].role', { messages: [{ role: 'robot', content: 'x' }] }],
  ['messages[0].role', { messages: [null] }],
  ['messages[0].content', { messages: [{ role: 'user', content: 7 }] }],
  ['messages[0].content[1].type', { messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }, null] }] }],
  ['system', { system: 7 }],
  ['temperature', { temperature: 'hot' }],
  ['stop_sequences', { stop_sequences: [7] }],
  ['tools[0].name', { tools: [null] }],
  ['tools[0].type', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
  ['tool_choice.type', { tool_choice: { type: 'maybe' } }],
  ['thinking.type', { thinking: { type: 'deep' } }],
  ['thinking.budget_tokens', { thinking: { type: 'enabled' } }],
  ['output_config.effort', { output_config: { effort: 'huge' } }],
  ['output_config.format.type', { output_config: { format: { type: 'xml' } } }],
  ['container', { container: 'c1' }],
  ['mcp_servers', { mcp_servers: [] }],
] as const) {
  test(`refused by name: ${param} ${JSON.stringify(more).slice(0, 40)}`,
    () => assert.throws(() => read(more), { code: 'invalid_body', param }))
}

test('shapes that are no request', () => {
  for (const body of [null, 'x', 7, [], {}]) assert.throws(() => readRequest(body, asked), { code: 'invalid_body' })
})

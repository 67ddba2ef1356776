import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRequest } from '../../../../core/translation/bedrock-converse/read-request.ts'
import type { CanonicalRequest } from '../../../../sdk/index.ts'

const asked = { model: 'm', stream: true }
const hello = { messages: [{ role: 'user', content: [{ text: 'Hello' }] }] }
const read = (more: object): CanonicalRequest => readRequest({ ...hello, ...more }, asked)

test('a request of everything', () => {
  assert.deepEqual(read({
    system: [{ text: 'Be brief.' }, { cachePoint: { type: 'default' } }],
    inferenceConfig: { maxTokens: 100, temperature: 0.5, topP: 0.9, stopSequences: ['END'] },
    toolConfig: { tools: [{ toolSpec: { name: 'f', description: 'F.', inputSchema: { json: { type: 'object' } },
      strict: true } }], toolChoice: { any: {} } },
    requestMetadata: { a: 'b' },
  }), {
    model: 'm', stream: true, streamUsage: true, maxOutput: 100, temperature: 0.5, topP: 0.9, stop: ['END'],
    turns: [{ role: 'system', blocks: [{ kind: 'text', text: 'Be brief.', cache: '5m' }] },
      { role: 'user', blocks: [{ kind: 'text', text: 'Hello' }] }],
    tools: [{ name: 'f', description: 'F.', schema: { type: 'object' }, strict: true }],
    toolChoice: { mode: 'required' },
    rest: { dialect: 'bedrock-converse', fields: { requestMetadata: { a: 'b' } } },
  })
})

for (const [name, raw, block] of [
  ['JSON of a tool', { toolResult: { toolUseId: 't', content: [{ json: { a: 1 } }], status: 'error' } },
    { kind: 'tool_result', id: 't', name: '', blocks: [{ kind: 'text', text: '{"a":1}' }], failed: true }],
  ['a text document', { document: { format: 'txt', name: 'n', source: { text: 'hi' } } },
    { kind: 'file', name: 'n', media: { at: 'data', base64: 'aGk=', mediaType: 'text/plain' } }],
  ['cited text', { citationsContent: { content: [{ text: 'a' }, { text: 'b' }], citations: [] } }, { kind: 'text', text: 'ab' }],
  ['what has no place', { video: { format: 'mp4' } },
    { kind: 'opaque', dialect: 'bedrock-converse', type: 'video', raw: { video: { format: 'mp4' } } }],
] as const) {
  test(`a block is read: ${name}`, () => assert.deepEqual(read({ messages: [{ role: 'user',
    content: [raw] }] }).turns[0]!.blocks, [block]))
}

for (const [param, more] of [
  ['messages', { messages: 7 }],
  ['messages[0].role', { messages: [{ role: 'robot', content: [] }] }],
  ['messages[0].content', { messages: [{ role: 'user', content: 'x' }] }],
  ['toolConfig.tools[0]', { toolConfig: { tools: [{ systemTool: { name: 'nova_grounding' } }] } }],
  ['toolConfig.toolChoice', { toolConfig: { toolChoice: {} } }],
  ['outputConfig.textFormat.structure.jsonSchema.schema', { outputConfig: { textFormat: { type: 'json_schema' } } }],
] as const) {
  test(`refused by name: ${param}`, () => assert.throws(() => read(more), { code: 'invalid_body', param }))
}

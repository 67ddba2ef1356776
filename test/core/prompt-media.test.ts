import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Scanner } from '../../core/json-tape.ts'
import { PICTURE, mediaIn } from '../../core/prompt-media.ts'
import { loadDialect } from '../../core/registry.ts'

const PNG = 'data:image/png;base64,iVBORw0KGgo='
const mediaOf = async (dialect: string, body: object) =>
  mediaIn(new Scanner().scan(Buffer.from(JSON.stringify(body)), { depth: 40 }), (await loadDialect(dialect)).request)

const said = (...content: object[]): object => ({ messages: [{ role: 'user', content }] })
const items = (...content: object[]): object => ({ input: [{ type: 'message', role: 'user', content }] })
const parts = (...all: object[]): object => ({ contents: [{ role: 'user', parts: all }] })

for (const [dialect, what, body, pictures, unbounded] of [
  ['openai-chat', 'pictures, here and elsewhere', said({ type: 'image_url', image_url: { url: PNG } }, { type: 'image_url', image_url: 'https://a.test/b' }), 2],
  ['openai-chat', 'a file in the place of a picture', said({ type: 'image_url', image_url: { url: 'data:application/pdf;base64,JVBE' } }), 0, 'image_url'],
  ['openai-chat', 'a picture that stands there itself', said({ type: 'image_url', image_url: PNG }), 1],
  ['openai-chat', 'sound', said({ type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } }), 0, 'input_audio'],
  ['openai-chat', 'a file by its id', said({ type: 'file', file: { file_id: 'file-1' } }), 0, 'file'],
  ['openai-chat', 'a film of another vendor', said({ type: 'video_url', video_url: { url: 'https://a.test/b' } }), 0, 'video_url'],
  ['openai-chat', 'a tool whose arguments have such names', {
    messages: [{ role: 'user', content: 'hi' }],
    tools: [{ type: 'function', function: { name: 'see', parameters: { type: 'object', properties: { image_url: { type: 'string' }, file: { type: 'string' } } } } }],
  }, 0],
  ['openai-responses', 'a picture by its id', items({ type: 'input_image', file_id: 'file-1' }), 1],
  ['openai-responses', 'a file', items({ type: 'input_file', file_data: 'JVBE' }), 0, 'file_data'],
  ['openai-responses', 'a citation of a file', items({ type: 'output_text', text: 'x', annotations: [{ type: 'file_citation', file_id: 'file-1' }] }), 0],
  ['openai-responses', 'a screenshot', { input: [{ type: 'computer_call_output', output: { type: 'computer_screenshot', image_url: PNG } }] }, 1],
  ['anthropic-messages', 'a picture that a tool brought', said({
    type: 'tool_result', tool_use_id: 't', content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } }],
  }), 1],
  ['anthropic-messages', 'a document', said({ type: 'document', source: { type: 'url', url: 'https://a.test/b' } }), 0, 'source'],
  ['anthropic-messages', 'a document of text, with a picture', said({
    type: 'document', source: { type: 'content', content: [{ type: 'image', source: { type: 'file', file_id: 'f' } }] },
  }), 1],
  ['anthropic-messages', 'plain text as a document', said({ type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'hi' } }), 0],
  ['anthropic-messages', 'a call with such arguments', said({ type: 'tool_use', id: 't', name: 'see', input: { image_url: 'x', file: 'y' } }), 0],
  ['gemini', 'a picture', parts({ inline_data: { mime_type: 'image/png', data: 'iVBORw0KGgo=' } }), 1],
  ['gemini', 'a film', parts({ inlineData: { mimeType: 'video/mp4', data: 'AAAA' } }), 0, 'inlineData'],
  ['gemini', 'a reference', parts({ fileData: { mimeType: 'image/png', fileUri: 'https://a.test/b' } }), 0, 'fileData'],
  ['gemini', 'a result with such names', parts({ functionResponse: { name: 'see', response: { image: 'x', file: { video: 'y' } } } }), 0],
] as const) {
  test(`${dialect}: ${what}`, async () => {
    assert.deepEqual(await mediaOf(dialect, body), { pictures, unbounded })
  })
}

test('a picture is not cheaper than the dearest that a vendor makes of it', () => {
  // gpt-4o-mini, 768 x 2048: eight tiles.
  assert.equal(PICTURE, 48_169)
})

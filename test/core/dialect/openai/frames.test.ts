import assert from 'node:assert/strict'
import { test } from 'node:test'
import { frameOf, headOf, headOfReply, listOf, onlyUsage, parseFrame } from '../../../../core/dialect/openai/frames.ts'
import { Scanner } from '../../../../core/json-tape.ts'

test('the head of a stream is kept, and nothing else of the frame', () => {
  const frame = '{"id":"c1","object":"chunk","created":7,"model":"m","system_fingerprint":"fp","choices":[{}],"usage":null}'
  assert.deepEqual(headOf(parseFrame(frame), 'chat.completion.chunk'), {
    id: 'c1', object: 'chat.completion.chunk', created: 7, model: 'm', system_fingerprint: 'fp',
  })
})

for (const payload of ['', '[DONE]', 'null', '7', '[]', '{"id":1,"created":-1,"model":null,"system_fingerprint":{}}', '{"id":']) {
  test(`a frame without a head gives an empty one: ${payload}`, () => {
    assert.deepEqual(headOf(parseFrame(payload), 'o'), { id: '', object: 'o', created: 0, model: '' })
  })
}

test('a reply gives the head of a stream of its own', () => {
  const head = headOfReply({ id: 'x', model: 'm', text: '', finish: 'stop', at: 9 }, 'o')
  assert.equal(frameOf(head, { index: 0 }), '{"id":"x","object":"o","created":9,"model":"m","choices":[{"index":0}]}')
})

test('what is no list of objects reads as an empty one', () => {
  assert.deepEqual(listOf({ 0: {} }), [])
  assert.deepEqual(listOf([{ a: 1 }, null, 5]), [{ a: 1 }, {}, {}])
})

const frames: [string, boolean][] = [
  ['{"id":"c1","choices":[],"usage":{"prompt_tokens":1}}', true],
  ['{"choices":[{"index":0}],"usage":{"prompt_tokens":1}}', false],
  ['{"choices":[],"usage":null}', false],
  ['{"choices":[],"prompt_filter_results":[]}', false],
  ['{"choices":{},"usage":{}}', false],
  ['{"usage":{}}', false],
  ['{"choices":[]}', false],
  ['[]', false],
  ['"x"', false],
]

for (const [payload, expected] of frames) {
  test(`${expected ? 'only' : 'not only'} usage: ${payload}`, () => {
    assert.equal(onlyUsage(new Scanner().scan(Buffer.from(payload), { depth: 8 })), expected)
  })
}

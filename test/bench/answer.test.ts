// What the fake provider says is what the bench says that it measures: its size, its frames, its JSON.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ANSWER, FRAMES } from '../../bench/answer.ts'

test('the whole answer is 500 bytes of JSON that nginx can quote', () => {
  assert.equal(Buffer.byteLength(ANSWER), 500)
  assert.equal(JSON.parse(ANSWER).usage.total_tokens, 100)
  assert.doesNotMatch(ANSWER, /['$\\]/)
})

test('the stream is 64 frames, the end mark with the last', () => {
  assert.equal(FRAMES.length, 64)
  for (const frame of FRAMES) assert.equal(JSON.parse(frame.split('\n')[0]?.slice('data: '.length) ?? '').object, 'chat.completion.chunk')
  assert.ok(FRAMES.at(-1)?.endsWith('\n\ndata: [DONE]\n\n'))
})

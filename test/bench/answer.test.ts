// What the fake provider says is what the bench says that it measures: its size, its frames, its JSON.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ANSWER, ANTHROPIC_ANSWER, ANTHROPIC_FRAMES, FRAMES } from '../../bench/answer.ts'

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

test('in the shape of Anthropic it says the same words in as many pieces', () => {
  assert.equal(JSON.parse(ANTHROPIC_ANSWER).content[0].text, JSON.parse(ANSWER).choices[0].message.content)
  assert.doesNotMatch(ANTHROPIC_ANSWER, /['$\\]/)
  const said = (frames: readonly string[], words: RegExp) => frames.map(frame => words.exec(frame)?.[1] ?? '')
  assert.deepEqual(said(ANTHROPIC_FRAMES, /"text_delta","text":"(.*?)"/), said(FRAMES, /"content":"(.*?)"/))
  const data = ANTHROPIC_FRAMES.join('').split('\n').filter(line => line.startsWith('data: '))
  for (const line of data) assert.equal(typeof JSON.parse(line.slice('data: '.length)).type, 'string')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maskOf } from '../../core/conversation.ts'
import { Transcript } from '../../core/transcript.ts'
import { segmentOf } from './toy-step.ts'

const TEXT = maskOf({ origins: ['assistant'], channels: ['text'] })
const MEGA = 2 ** 20

test('a whole answer is read by what a mask covers, in its order', () => {
  const transcript = new Transcript()
  transcript.take([segmentOf('a'), { ...segmentOf('b'), channel: 'reasoning' }, segmentOf('c')])
  assert.deepEqual(transcript.read(TEXT), ['a', 'c'])
  assert.deepEqual(transcript.read(maskOf({ origins: ['user'], channels: ['text'] })), [])
})

test('a stream is kept as far as four million characters, over all of its lines', () => {
  const transcript = new Transcript()
  const lines = [transcript.line('assistant', 'text'), transcript.line('assistant', 'reasoning'), transcript.line('assistant', 'text')]
  for (let i = 0; i < 3; i++) for (const line of lines) line.push('x'.repeat(MEGA - 1))
  lines[2]!.push('end')
  assert.deepEqual(lines.map(({ text }) => text.length), [2 * (MEGA - 1), MEGA - 1 + 4, MEGA - 1])
  assert.deepEqual(transcript.read(TEXT), [lines[0]!.text, lines[2]!.text])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callId, newCallId } from '../../../../core/translation/openai-chat/identifier.ts'

test('ids of calls: short ones stay, long ones are hashed, missing ones are made', () => {
  assert.equal(callId('x'.repeat(40)), 'x'.repeat(40))
  assert.match(callId('x'.repeat(41)), /^call_[\da-f]{32}$/)
  const made = [newCallId('a', 0, 0), newCallId('a', 0, 1), newCallId('a', 1, 0), newCallId('b', 0, 0)]
  assert.equal(new Set(made).size, 4)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../../../law.ts'
import { callId, legalName, newCallId } from '../../../../core/translation/openai-chat/identifier.ts'

test('P35: every name becomes legal, legal ones stay, and no two become one', () => {
  fc.assert(fc.property(fc.string({ maxLength: 100 }), fc.string({ maxLength: 100 }), (a, b) => {
    assert.match(legalName(a), /^[\w-]{1,64}$/)
    assert.equal(legalName(legalName(a)), legalName(a))
    if (a !== b && !/^[\w-]{1,64}$/.test(a)) assert.notEqual(legalName(a), legalName(b))
  }))
  assert.deepEqual(['get_weather', 'files.read'].map(legalName), ['get_weather', 'files_read_601e4eb6'])
})

test('ids of calls: short ones stay, long ones are hashed, missing ones are made', () => {
  assert.equal(callId('x'.repeat(40)), 'x'.repeat(40))
  assert.match(callId('x'.repeat(41)), /^call_[\da-f]{32}$/)
  const made = [newCallId('a', 0, 0), newCallId('a', 0, 1), newCallId('a', 1, 0), newCallId('b', 0, 0)]
  assert.equal(new Set(made).size, 4)
})

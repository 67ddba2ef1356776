import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readError, writeError } from '../../../../core/translation/anthropic-messages/error.ts'
import type { Failure } from '../../../../sdk/index.ts'

const body = (type: string, message = 'No.'): object => ({ type: 'error', error: { type, message }, request_id: 'r' })

for (const [status, raw, failure] of [
  [400, body('invalid_request_error'), 'bad_request'],
  [400, body('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'), 'context'],
  [400, body('invalid_request_error', 'Your credit balance is too low to access the API.'), 'billing'],
  [400, body('invalid_request_error', 'Output blocked by content filtering policy'), 'content'],
  [401, body('authentication_error'), 'auth'],
  [402, body('billing_error'), 'billing'],
  [403, body('permission_error'), 'permission'],
  [404, body('not_found_error'), 'not_found'],
  [413, body('request_too_large'), 'too_large'],
  [429, body('rate_limit_error'), 'rate_limit'],
  [500, body('api_error'), 'upstream'],
  [504, body('timeout_error'), 'timeout'],
  [529, body('overloaded_error'), 'overloaded'],
  [529, undefined, 'overloaded'],
  [503, 'x', 'overloaded'],
  [422, body('toString'), 'bad_request'],
  [500, { error: null }, 'upstream'],
] as const) {
  test(`${status} ${JSON.stringify(raw)?.slice(0, 70)} is ${failure}`, () => {
    const error = readError(status, raw)
    assert.equal(error.failure, failure)
    assert.notEqual(error.message, '')
  })
}

test('P54: every kind of failure is written with a status and type that reads as itself, or as the nearest', () => {
  const nearest: Partial<Record<Failure, Failure>> = { context: 'bad_request', content: 'bad_request', quota: 'billing' }
  const failures: Failure[] = ['bad_request', 'auth', 'billing', 'permission', 'not_found', 'too_large', 'context', 'rate_limit',
    'quota',
    'overloaded', 'timeout', 'upstream', 'content']
  for (const failure of failures) {
    const { status, body: written } = writeError({ failure, message: 'No.' })
    assert.deepEqual(readError(status, JSON.parse(written)), { failure: nearest[failure] ?? failure, message: 'No.' })
  }
  assert.equal(writeError({ failure: 'overloaded', message: '' }).status, 529)
})

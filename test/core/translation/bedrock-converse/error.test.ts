import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exceptionOf, readError, writeError } from '../../../../core/translation/bedrock-converse/error.ts'
import type { Failure } from '../../../../sdk/index.ts'

for (const [status, raw, failure] of [
  [400, { message: 'Malformed input request' }, 'bad_request'],
  [400, { message: 'Input is too long for requested model.' }, 'context'],
  [400, { __type: 'com.amazon.bedrock#ServiceQuotaExceededException', Message: 'No.' }, 'quota'],
  [403, { message: 'No.' }, 'permission'],
  [403, { __type: 'ExpiredTokenException', message: 'No.' }, 'auth'],
  [404, { message: 'No.' }, 'not_found'],
  [408, { message: 'No.' }, 'timeout'],
  [424, { message: 'No.', originalStatusCode: 500 }, 'upstream'],
  [429, { message: 'No.' }, 'rate_limit'],
  [429, { __type: 'ModelNotReadyException' }, 'overloaded'],
  [500, undefined, 'upstream'],
  [503, 'x', 'overloaded'],
] as const) {
  test(`${status} ${JSON.stringify(raw)?.slice(0, 60)} is ${failure}`, () => {
    const error = readError(status, raw)
    assert.equal(error.failure, failure)
    assert.notEqual(error.message, '')
  })
}

test('every kind of failure is written as what reads as itself, or as the nearest', () => {
  const nearest: Partial<Record<Failure, Failure>> = { too_large: 'bad_request', context: 'bad_request', content: 'bad_request',
    auth: 'permission', billing: 'permission' }
  const inStreams: Partial<Record<Failure, Failure>> = { rate_limit: 'rate_limit', overloaded: 'overloaded',
    upstream: 'upstream', timeout: 'upstream' }
  const failures: Failure[] = ['bad_request', 'auth', 'billing', 'permission', 'not_found', 'too_large', 'context', 'rate_limit',
    'quota',
    'overloaded', 'timeout', 'upstream', 'content']
  for (const failure of failures) {
    const error = { failure, message: 'No.' }
    const { status, body } = writeError(error)
    assert.equal(readError(status, JSON.parse(body)).failure, nearest[failure] ?? failure)
    assert.equal(readError(0, { message: 'No.' }, exceptionOf(error)).failure, inStreams[failure] ?? 'bad_request')
  }
})

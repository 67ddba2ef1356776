import assert from 'node:assert/strict'
import { test } from 'node:test'
import { looksInside, reasonOf, reasonsOf } from '../../core/reason.ts'
import type { Failure } from '../../sdk/index.ts'

type On = Parameters<typeof reasonsOf>[0]
const cases: readonly (readonly [on: On, status: number, failure: Failure | undefined, reason: string | undefined])[] = [
  [['error'], 500, undefined, 'upstream_error'],
  [['error'], 429, 'quota', 'upstream_error'],
  [['error'], 408, undefined, 'upstream_error'],
  [['error'], 400, 'context', undefined],
  [['error'], 200, 'content', undefined],
  [['context'], 400, 'context', 'context'],
  [['context'], 413, 'context', 'context'],
  [['context'], 400, 'bad_request', undefined],
  [['context'], 500, undefined, undefined],
  [['filter'], 200, 'content', 'filter'],
  [['filter'], 400, 'content', 'filter'],
  [['filter'], 400, undefined, undefined],
  [[404], 404, 'not_found', 'status'],
  [[404], 400, 'not_found', undefined],
  [[503], 503, undefined, 'status'],
  [[], 500, undefined, undefined],
]

for (const [on, status, failure, reason] of cases) {
  test(`${status} (${failure}) on [${on.join(', ')}]: ${reason}`, () => {
    assert.equal(reasonOf({ status, failure }, reasonsOf(on)), reason)
  })
}

test('answers are looked into only where a reason is inside them', () => {
  assert.deepEqual([['error', 404], ['context'], ['error', 'filter']].map(on => looksInside(reasonsOf(on as On))), [false, true, true])
})

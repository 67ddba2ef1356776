import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readError, writeError } from '../../../../core/translation/openai-chat/error.ts'
import type { Failure } from '../../../../sdk/index.ts'

const FAILURES = [
  'bad_request', 'auth', 'billing', 'permission', 'not_found', 'too_large', 'context', 'rate_limit', 'quota',
  'overloaded', 'timeout', 'upstream', 'content',
] as const satisfies readonly Failure[]

test('what is written reads as what it was', () => {
  for (const failure of FAILURES) {
    const { status, body } = writeError({ failure, message: 'no' })
    assert.deepEqual(readError(status, JSON.parse(body)), { failure, message: 'no' })
  }
})

for (const [vendor, status, body, failure, message] of [
  [
    'OpenAI: the money is spent', 429, { error: { message: 'quota', type: 'insufficient_quota', code: 'insufficient_quota' } },
    'quota', 'quota',
  ],
  [
    'OpenAI: no such model', 404, { error: { message: 'none', type: 'invalid_request_error', code: 'model_not_found' } },
    'not_found', 'none',
  ],
  [
    'P40: OpenAI: a field that a model does not take', 400,
    { error: {
      message: 'Use max_completion_tokens', type: 'invalid_request_error', param: 'max_tokens', code: 'unsupported_parameter',
    } },
    'bad_request', 'Use max_completion_tokens',
  ],
  ['Azure: the filter', 400, { error: { message: 'filtered', code: 'content_filter', status: 400 } }, 'content', 'filtered'],
  ['Azure: a number as a text', 401, { error: { code: '401', message: 'Access denied' } }, 'auth', 'Access denied'],
  [
    'vLLM: too long, and no code for it', 400,
    { object: 'error', message: "This model's maximum context length is 4096 tokens.", type: 'BadRequestError', code: 400 },
    'context', "This model's maximum context length is 4096 tokens.",
  ],
  [
    'DeepSeek: nothing paid', 402, { error: { message: 'Insufficient Balance', type: 'unknown_error' } }, 'billing',
    'Insufficient Balance',
  ],
  ['Moonshot: too busy', 429, { error: { message: 'busy', type: 'engine_overloaded_error' } }, 'overloaded', 'busy'],
  ['Groq: no room', 498, { error: { message: 'full', type: 'x' } }, 'overloaded', 'full'],
  [
    'Google: a list', 429, [{ error: { code: 429, message: 'slow down', status: 'RESOURCE_EXHAUSTED' } }], 'rate_limit',
    'slow down',
  ],
  [
    'Mistral: problems of fields', 422, { detail: [{ loc: ['body', 'seed'], msg: 'Extra inputs are not permitted' }, 7] },
    'bad_request', 'body.seed: Extra inputs are not permitted',
  ],
  [
    'Mistral: the same, within', 422,
    { object: 'error', message: { detail: [{ loc: ['body', 'messages', 0], msg: 'no' }] }, type: 'invalid_request_error' },
    'bad_request', 'body.messages.0: no',
  ],
  ['FastAPI: a sentence', 404, { detail: 'Not Found' }, 'not_found', 'Not Found'],
  ['a sentence alone', 500, { error: 'boom' }, 'upstream', 'boom'],
  ['a message alone', 401, { message: 'no key' }, 'auth', 'no key'],
  ['no body', 503, undefined, 'overloaded', 'The provider answered with status 503.'],
  ['a page', 502, '<html>', 'upstream', 'The provider answered with status 502.'],
  [
    'a status that is nowhere in the tables', 418, { error: { message: ['x'] } }, 'bad_request',
    'The provider answered with status 418.',
  ],
  ['in a stream, by number', 0, { error: { code: 429, message: 'slow' } }, 'rate_limit', 'slow'],
  ['in a stream, by nothing', 0, { error: {} }, 'upstream', 'The provider reported an error.'],
] as const) {
  test(vendor, () => assert.deepEqual(readError(status, body), { failure, message }))
}

for (const [sentence, seconds] of [
  ['Rate limit reached. Please try again in 1.2s. Visit the site.', 1.2],
  ['Please try again in 20ms.', 0.02],
  ['Please try again in 6m0s.', 360],
  ['Please try again in 1h2m3.5s.', 3723.5],
  ['Please try again in 7m.', 420],
  ['Please retry after 20 seconds.', 20],
  ['Please try again in a while.', undefined],
  ['Try again.', undefined],
] as const) {
  test(`when to come back: ${sentence}`, () => {
    assert.equal(readError(429, { error: { message: sentence } }).retryAfter, seconds)
  })
}

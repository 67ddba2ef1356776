import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errors } from 'undici'
import { upstreamError } from '../../core/upstream-error.ts'
import { GatehouseError } from '../../sdk/index.ts'

/** An error of the system, as talkative as they are. */
const system = (code: string): Error => Object.assign(new Error(`connect ${code} 10.0.0.5:443 api.secret.example`), { code })

const cases = [
  { error: system('ECONNREFUSED'), connected: false, code: 'upstream_refused' },
  { error: new AggregateError([system('ECONNREFUSED')]), connected: false, code: 'upstream_refused' },
  { error: system('ENOTFOUND'), connected: false, code: 'upstream_refused' },
  { error: system('EAI_AGAIN'), connected: false, code: 'upstream_refused' },
  { error: system('CERT_HAS_EXPIRED'), connected: false, code: 'upstream_refused' },
  { error: new Error('api.secret.example'), connected: false, code: 'upstream_refused' },
  { error: system('ECONNRESET'), connected: true, code: 'upstream_closed' },
  { error: system('EPIPE'), connected: true, code: 'upstream_closed' },
  { error: new errors.SocketError('other side closed'), connected: true, code: 'upstream_closed' },
  { error: new Error('api.secret.example'), connected: true, code: 'upstream_closed' },
  { error: system('ETIMEDOUT'), connected: false, code: 'upstream_timeout' },
  { error: new errors.ConnectTimeoutError('attempted address: api.secret.example'), connected: false, code: 'upstream_timeout' },
  { error: new errors.HeadersTimeoutError(), connected: true, code: 'upstream_timeout' },
  { error: new errors.HeadersOverflowError(), connected: true, code: 'upstream_invalid' },
  { error: new errors.HTTPParserError('secret answer'), connected: true, code: 'upstream_invalid' },
  { error: new errors.ClientDestroyedError(), connected: true, code: 'draining' },
  { error: new errors.ClientClosedError(), connected: false, code: 'draining' },
  { error: new errors.InvalidArgumentError('secret'), connected: false, code: 'internal' },
]

for (const { error, connected, code } of cases) {
  const given = 'code' in error ? String(error.code) : 'without a code'
  test(`${error.name} ${given}, ${connected ? 'connected' : 'not connected'}: ${code}`, () => {
    const told = upstreamError(error, connected)
    assert.equal(told.code, code)
    assert.match(told.message, /^[A-Z].*\.$/)
    assert.doesNotMatch(told.message, /secret|10\.0/)
  })
}

test('an error of the house stays what it is', () => {
  const error = new GatehouseError('client_closed', 'gone')
  assert.equal(upstreamError(error, true), error)
})

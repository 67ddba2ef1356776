import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import type { Dispatcher } from 'undici'
import { Unsent } from '../../core/unsent.ts'

/** Resolves with what the caller hears. */
function dispatch(to: Unsent, body: Buffer | Readable | null, path = '/v1/a?b=c'): Promise<Error> {
  const heard = Promise.withResolvers<Error>()
  const headers = ['x-one', '1', 'x-two', '2']
  const never = () => heard.reject(new Error('expected no answer'))
  to.dispatch({ origin: 'https://vendor.example', path, method: 'POST', headers, body }, {
    onResponseStart: never, onResponseEnd: never, onResponseError: (_controller, error) => heard.resolve(error),
  } satisfies Dispatcher.DispatchHandler)
  return heard.promise
}

for (const [name, body, text] of [
  ['a whole body', Buffer.from('{"é":1}'), '{"é":1}'],
  ['a stream', Readable.from([Buffer.from('a'), Buffer.from('b')]), 'ab'],
  ['a stream that breaks', new Readable({ read() { this.destroy(new Error('gone')) } }), ''],
  ['no body', null, ''],
] as const) {
  test(`${name} is written down, and the upstream is said to be out of reach`, async () => {
    const unsent = new Unsent()
    assert.equal((await dispatch(unsent, body)).name, 'ConnectTimeoutError')
    const headers = [['x-one', '1'], ['x-two', '2']]
    assert.deepEqual(unsent.taken, { method: 'POST', url: 'https://vendor.example/v1/a?b=c', headers, body: text })
  })
}

test('a second try changes nothing', async () => {
  const unsent = new Unsent()
  await dispatch(unsent, null, '/first')
  await dispatch(unsent, null, '/second')
  assert.equal(unsent.taken?.url, 'https://vendor.example/first')
})

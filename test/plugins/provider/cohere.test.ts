import assert from 'node:assert/strict'
import { test } from 'node:test'
import translation from '../../../core/translation/cohere-chat.ts'
import cohere from '../../../plugins/provider/cohere.ts'
import { ask } from './asking.ts'
import { keysAndUrls, refuses } from './refusing.ts'

const connect = (url?: string, key = 'k-1') => cohere.connect({ key, url, options: {} })

test('goes to Cohere, signed, and speaks its dialect alone', async () => {
  const { origin, path, dialects } = connect()
  assert.equal(origin + path(translation.pathOf('m', true), 'm'), 'https://api.cohere.com/v2/chat')
  assert.deepEqual(dialects, ['cohere-chat', 'cohere-embeddings'])
  const got = await ask(url => connect(`${url}/base?a=b`), translation.pathOf('m', false))
  assert.equal(got.path, '/base/chat?a=b')
  assert.equal(got.headers.authorization, 'Bearer k-1')
})

refuses(keysAndUrls(connect))

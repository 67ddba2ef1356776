import assert from 'node:assert/strict'
import { test } from 'node:test'
import translation from '../../../core/translation/mistral-chat.ts'
import mistral from '../../../plugins/provider/mistral.ts'
import { ask } from './asking.ts'
import { keysAndUrls, refuses } from './refusing.ts'

const connect = (url?: string, key = 'k-1') => mistral.connect({ key, url, options: {} })

test('goes to Mistral, signed, and speaks its dialect alone', async () => {
  const { origin, path, dialects } = connect()
  assert.equal(origin + path(translation.pathOf('m', true), 'm'), 'https://api.mistral.ai/v1/chat/completions')
  assert.deepEqual(dialects, ['mistral-chat', 'mistral-embeddings'])
  const got = await ask(url => connect(`${url}/base?a=b`), translation.pathOf('m', false))
  assert.equal(got.path, '/base/chat/completions?a=b')
  assert.equal(got.headers.authorization, 'Bearer k-1')
})

refuses(keysAndUrls(connect))

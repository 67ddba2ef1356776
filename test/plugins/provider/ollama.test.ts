import assert from 'node:assert/strict'
import { test } from 'node:test'
import translation from '../../../core/translation/ollama-chat.ts'
import ollama from '../../../plugins/provider/ollama.ts'
import { ask } from './asking.ts'
import { refuses } from './refusing.ts'

const connect = (url?: string, key = '') => ollama.connect({ key, url, options: {} })

test('goes to this machine, and is translated to in its own dialect', () => {
  const { origin, path, dialects } = connect()
  assert.equal(origin + path(translation.pathOf('llama3.2', true), 'llama3.2'), 'http://127.0.0.1:11434/api/chat')
  assert.deepEqual(dialects, ['ollama-chat', 'openai-chat', 'openai-completions', 'ollama-embeddings', 'openai-raw'])
})

test('clients of OpenAI meet its OpenAI layer', () => {
  assert.equal(connect().path('/chat/completions', 'm'), '/v1/chat/completions')
  assert.equal(connect('http://gpu:1/base/?a=b').path('/embeddings', 'm'), '/base/v1/embeddings?a=b')
})

test('a key goes along where there is one', async () => {
  assert.equal((await ask(connect, '/api/chat')).headers.authorization, undefined)
  const { path, headers } = await ask(url => connect(url, 'k-1'), '/api/chat')
  assert.equal(path, '/api/chat')
  assert.equal(headers.authorization, 'Bearer k-1')
})

refuses([
  { what: 'the URL of the OpenAI layer', run: () => connect('http://127.0.0.1:11434/v1/'), says: /server alone, without \/v1/ },
  { what: 'the URL of the API', run: () => connect('http://127.0.0.1:11434/api'), says: /server alone, without \/v1 or \/api/ },
  { what: 'a key with a space', run: () => connect(undefined, 'a secret'), says: /key of printable/ },
  { what: 'another scheme', run: () => connect('ftp://x.example'), says: /https:/ },
])

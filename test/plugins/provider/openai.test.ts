import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Value } from 'typebox/value'
import openai from '../../../plugins/provider/openai.ts'
import { refuses } from './refusing.ts'

type Options = Parameters<typeof openai.connect>[0]['options']

const connect = (url?: string, key = 'sk-test', options: Options = {}) => openai.connect({ key, url, options })

test('goes to OpenAI, signed', () => {
  const connection = connect()
  assert.equal(connection.origin, 'https://api.openai.com')
  assert.equal(connection.path('/chat/completions', 'gpt-5'), '/v1/chat/completions')
  assert.deepEqual(connection.headers, ['authorization', 'Bearer sk-test'])
  assert.equal(connection.streamUsage, true)
  assert.deepEqual(connection.dialects,
    ['openai-chat', 'openai-responses', 'openai-completions', 'openai-embeddings', 'openai-moderations', 'openai-raw'])
})

test('names the organization and project that the options give', () => {
  assert.deepEqual(connect(undefined, 'k', { organization: 'org-1', project: 'proj_2' }).headers,
    ['authorization', 'Bearer k', 'openai-organization', 'org-1', 'openai-project', 'proj_2'])
})

const paths = [
  { url: 'https://eu.api.openai.com/v1', origin: 'https://eu.api.openai.com', path: '/v1/embeddings' },
  { url: 'https://eu.api.openai.com/v1/', origin: 'https://eu.api.openai.com', path: '/v1/embeddings' },
  { url: 'http://proxy:8443', origin: 'http://proxy:8443', path: '/embeddings' },
  { url: 'http://proxy:80/', origin: 'http://proxy', path: '/embeddings' },
  { url: 'http://[::1]:9000/a/b', origin: 'http://[::1]:9000', path: '/a/b/embeddings' },
  { url: 'https://x.example/a?version=1&b=2', origin: 'https://x.example', path: '/a/embeddings?version=1&b=2' },
]
for (const { url, origin, path } of paths) {
  test(`${url} is met as it is written`, () => {
    const connection = connect(url)
    assert.equal(connection.origin, origin)
    assert.equal(connection.path('/embeddings', 'm'), path)
  })
}

test("a path's own query stays", () => {
  assert.equal(connect().path('/files?limit=2', 'm'), '/v1/files?limit=2')
  assert.equal(connect('https://x.example/v1?version=1').path('/files?limit=2', 'm'), '/v1/files?limit=2&version=1')
})

refuses([
  { what: 'no key', run: () => connect(undefined, ''), says: /key/ },
  { what: 'a key with a line break', run: () => connect(undefined, 'sk-secret\n'), says: /line breaks/ },
  { what: 'no URL', run: () => connect('api.openai.com'), says: /https:/ },
  { what: 'another scheme', run: () => connect('file:///etc/passwd'), says: /https:/ },
  { what: 'credentials in the URL', run: () => connect('https://me:secret@x.example/v1'), says: /without a user and password/ },
  { what: 'a fragment', run: () => connect('https://x.example/v1#secret'), says: /fragment/ },
])

test('the options are checked', () => {
  assert.ok(Value.Check(openai.options!, { organization: 'org-1' }))
  assert.ok(!Value.Check(openai.options!, { organization: 'org\r\nx: y' }))
  assert.ok(!Value.Check(openai.options!, { organisation: 'org-1' }))
})

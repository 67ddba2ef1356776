import assert from 'node:assert/strict'
import { test } from 'node:test'
import translation from '../../../core/translation/gemini.ts'
import gemini from '../../../plugins/provider/gemini.ts'
import { ask } from './asking.ts'
import { keysAndUrls, refuses } from './refusing.ts'

const connect = (url?: string, key = 'AIza-1') => gemini.connect({ key, url, options: {} })

test('goes to Google, with the key in a header', async () => {
  const { origin, path, dialects } = connect()
  assert.equal(origin + path(translation.pathOf('gemini-3-pro', false), 'gemini-3-pro'),
    'https://generativelanguage.googleapis.com/v1beta/models/gemini-3-pro:generateContent')
  assert.deepEqual(dialects, ['gemini', 'gemini-count-tokens', 'gemini-embeddings'])
  const got = await ask(connect, translation.pathOf('gemini-3-pro', true), { model: 'gemini-3-pro' })
  assert.equal(got.path, '/models/gemini-3-pro:streamGenerateContent?alt=sse')
  assert.equal(got.headers['x-goog-api-key'], 'AIza-1')
})

const paths = [
  { path: '/models/theirs:generateContent', model: 'ours', is: '/models/ours:generateContent' },
  { path: '/models/a:streamGenerateContent?alt=sse', model: 'models/ours', is: '/models/ours:streamGenerateContent?alt=sse' },
  { path: '/models/a%2Fb:countTokens', model: 'a/b?c', is: '/models/a%2Fb%3Fc:countTokens' },
  { path: '/models/theirs:embedContent', model: '$&', is: '/models/%24%26:embedContent' },
  { path: '/models', model: 'ours', is: '/models' },
  { path: '/files/a:b', model: 'ours', is: '/files/a:b' },
]
for (const { path, model, is } of paths) {
  test(`${path} for ${model} is ${is}`, () => { assert.equal(connect('https://x.example').path(path, model), is) })
}

refuses(keysAndUrls(connect))

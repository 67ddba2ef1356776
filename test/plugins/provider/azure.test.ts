import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Value } from 'typebox/value'
import azure from '../../../plugins/provider/azure.ts'
import { withToken } from '../../../core/token.ts'
import { refuses } from './refusing.ts'
import { Endpoint, keepsItsToken } from './renewal.ts'

type Options = Parameters<typeof azure.connect>[0]['options']

const BASE = 'https://acme.openai.azure.com'
const connect = (options: Options = {}, url: string | undefined = BASE, key = 'k-1') => azure.connect({ key, url, options })

test('goes below /openai/v1 with the key of the resource', () => {
  const { origin, headers, issuer, streamUsage, dialects } = connect()
  assert.equal(origin, BASE)
  assert.deepEqual(headers, ['api-key', 'k-1'])
  assert.equal(issuer, undefined)
  assert.equal(streamUsage, true)
  assert.deepEqual(dialects, ['openai-chat', 'openai-responses', 'openai-completions', 'openai-embeddings', 'openai-raw'])
})

const dated: Options = { apiVersion: '1-1', deployments: { 'gpt-4o': 'blue', odd: 'a/b?c' } }
const paths: readonly { options: Options; url?: string; path: string; model: string; is: string }[] = [
  { options: {}, path: '/chat/completions', model: 'blue', is: '/openai/v1/chat/completions' },
  { options: {}, path: '/responses', model: 'blue', is: '/openai/v1/responses' },
  { options: {}, path: '/files?limit=2', model: '', is: '/openai/v1/files?limit=2' },
  { options: {}, url: 'https://gate.example/azure/', path: '/embeddings', model: 'm', is: '/azure/openai/v1/embeddings' },
  { options: dated, path: '/chat/completions', model: 'gpt-4o', is: '/openai/deployments/blue/chat/completions?api-version=1-1' },
  { options: dated, path: '/embeddings', model: 'ada', is: '/openai/deployments/ada/embeddings?api-version=1-1' },
  { options: dated, path: '/audio/transcriptions', model: 'w', is: '/openai/deployments/w/audio/transcriptions?api-version=1-1' },
  { options: dated, path: '/completions', model: 'odd', is: '/openai/deployments/a%2Fb%3Fc/completions?api-version=1-1' },
  { options: dated, path: '/embeddings', model: 'constructor', is: '/openai/deployments/constructor/embeddings?api-version=1-1' },
  { options: dated, path: '/files?limit=2', model: '', is: '/openai/files?limit=2&api-version=1-1' },
  { options: dated, url: `${BASE}/?a=b`, path: '/files', model: 'm', is: '/openai/files?api-version=1-1&a=b' },
]
for (const { options, url, path, model, is } of paths) {
  test(`${path} for "${model}" ${options === dated ? 'with a version ' : ''}is ${is}`, () => {
    assert.equal(connect(options, url).path(path, model), is)
  })
}

test('what a version cannot do is not asked of it', () => {
  const versions = [['2024-06-01', false], ['2024-08-01-preview', false], ['2024-09-01-preview', true]] as const
  for (const [apiVersion, usage] of versions) {
    const { streamUsage, dialects } = connect({ apiVersion })
    assert.equal(streamUsage, usage, apiVersion)
    assert.ok(!dialects.includes('openai-responses'))
  }
})

const entra = { tenant: 'acme.example', client: 'app-1' }
const application = (authority: string) => connect({ entra: { ...entra, authority } }, BASE, 'client-secret')

keepsItsToken(application)

test('asks Entra ID for a token with client credentials', async () => {
  const { endpoint, url } = await Endpoint.start()
  const connection = application(url)
  assert.deepEqual(connection.headers, [])
  await withToken(connection).sign!({ method: 'POST', path: '/', headers: [], body: undefined })
  assert.deepEqual(endpoint.paths, ['/acme.example/oauth2/v2.0/token'])
  assert.deepEqual(Object.fromEntries(new URLSearchParams(endpoint.forms[0])), {
    grant_type: 'client_credentials', client_id: 'app-1', client_secret: 'client-secret',
    scope: 'https://cognitiveservices.azure.com/.default',
  })
})

const CREDENTIALS = 'https://me:secret@acme.example'
refuses([
  { what: 'no URL', run: () => azure.connect({ key: 'k', url: undefined, options: {} }), says: /expected a url: https:\/\/NAME/ },
  { what: 'no key', run: () => connect({}, BASE, ''), says: /key/ },
  { what: 'a key with a space', run: () => connect({}, BASE, 'a secret'), says: /without spaces/ },
  { what: 'a URL that goes on', run: () => connect({}, `${BASE}/openai/v1/`), says: /resource alone, without \/openai/ },
  { what: 'credentials in the URL', run: () => connect({}, CREDENTIALS), says: /without a user and password/ },
  { what: 'deployments without a version', run: () => connect({ deployments: { a: 'b' } }), says: /expected no deployments/ },
  { what: 'an authority with credentials', run: () => application(CREDENTIALS), says: /user and password/ },
])

test('the options are checked', () => {
  const { options } = azure
  assert.ok(Value.Check(options!, { apiVersion: '2024-10-21', deployments: { 'gpt-4o': 'blue' }, entra }))
  assert.ok(!Value.Check(options!, { apiVersion: '2024&x=y' }))
  assert.ok(!Value.Check(options!, { entra: { tenant: '../x', client: 'y' } }))
  assert.ok(!Value.Check(options!, { entra: { tenant: 'x' } }))
  assert.ok(!Value.Check(options!, { apiversion: '2024-10-21' }))
})

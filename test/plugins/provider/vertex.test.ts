import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, verify, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Value } from 'typebox/value'
import translation from '../../../core/translation/gemini.ts'
import vertex from '../../../plugins/provider/vertex.ts'
import { withToken } from '../../../core/token.ts'
import { refuses } from './refusing.ts'
import { Endpoint, keepsItsToken } from './renewal.ts'

type Options = Parameters<typeof vertex.connect>[0]['options']

const pem = ({ privateKey }: { privateKey: KeyObject }): string => String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
const RSA = pem(generateKeyPairSync('rsa', { modulusLength: 2048 }))
const CURVE = pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }))

const account = (more: object = {}): object =>
  ({ type: 'service_account', project_id: 'acme', private_key_id: 'kid-1', private_key: RSA, client_email: 'gate@acme', ...more })
const user = (more: object = {}): object =>
  ({ type: 'authorized_user', client_id: 'id-1', client_secret: 'secret-1', refresh_token: 'secret-2', ...more })

const connect = (credentials: object = account(), options: Options = {}, url?: string) =>
  vertex.connect({ key: JSON.stringify(credentials), url, options })
const withKey = (key: string) => vertex.connect({ key, url: undefined, options: {} })

const places: readonly { options: Options; url?: string; is: string }[] = [
  { options: {}, is: 'https://aiplatform.googleapis.com/v1/projects/acme/locations/global' },
  { options: { location: 'us' }, is: 'https://aiplatform.us.rep.googleapis.com/v1/projects/acme/locations/us' },
  { options: { location: 'eu' }, is: 'https://aiplatform.eu.rep.googleapis.com/v1/projects/acme/locations/eu' },
  { options: { location: 'asia-1' }, is: 'https://asia-1-aiplatform.googleapis.com/v1/projects/acme/locations/asia-1' },
  { options: { project: 'other-1' }, is: 'https://aiplatform.googleapis.com/v1/projects/other-1/locations/global' },
  { options: {}, url: 'http://gate:1/vertex', is: 'http://gate:1/vertex/projects/acme/locations/global' },
]
for (const { options, url, is } of places) {
  test(`${JSON.stringify(options)} ${url ?? ''} is at ${is}`, () => {
    const { origin, path } = connect(account(), options, url)
    assert.equal(origin + path(translation.pathOf('theirs', true), 'ours/1'),
      `${is}/publishers/google/models/ours%2F1:streamGenerateContent?alt=sse`)
  })
}

test('speaks Gemini, and carries nothing before it has a token', () => {
  const { dialects, headers } = connect()
  assert.deepEqual(dialects, ['gemini', 'gemini-count-tokens', 'vertex-embeddings'])
  assert.deepEqual(headers, [])
})

keepsItsToken(tokens => connect(account({ token_uri: `${tokens}/token` })))

const tokenOf = async (credentials: (tokens: string) => object, options: Options = {}) => {
  const { endpoint, url } = await Endpoint.start()
  const connection = connect(credentials(url), options)
  await withToken(connection).sign!({ method: 'POST', path: '/', headers: [], body: undefined })
  return { connection, url, form: Object.fromEntries(new URLSearchParams(endpoint.forms[0])) }
}

test('a service account signs for its token', async () => {
  const { url, form } = await tokenOf(tokens => account({ token_uri: `${tokens}/token` }))
  assert.equal(form['grant_type'], 'urn:ietf:params:oauth:grant-type:jwt-bearer')
  const [head = '', claims = '', signature = ''] = form['assertion']!.split('.')
  assert.ok(verify('sha256', Buffer.from(`${head}.${claims}`), createPublicKey(RSA), Buffer.from(signature, 'base64url')))
  const parse = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
  assert.deepEqual(parse(head), { alg: 'RS256', typ: 'JWT', kid: 'kid-1' })
  const { iat, exp, ...rest } = parse(claims)
  assert.deepEqual(rest, { iss: 'gate@acme', scope: 'https://www.googleapis.com/auth/cloud-platform', aud: `${url}/token` })
  assert.ok(Math.abs(Number(iat) - Date.now() / 1000) < 60)
  assert.equal(Number(exp) - Number(iat), 3600)
})

test("a person's credentials of gcloud are exchanged, and say who pays", async () => {
  const person = (tokens: string): object => user({ token_uri: tokens, quota_project_id: 'payer' })
  const { connection, form } = await tokenOf(person, { project: 'acme' })
  assert.deepEqual(form, { grant_type: 'refresh_token', client_id: 'id-1', client_secret: 'secret-1', refresh_token: 'secret-2' })
  assert.deepEqual(connection.headers, ['x-goog-user-project', 'payer'])
})

test('without a key, the default credentials of the machine serve', t => {
  const folder = mkdtempSync(join(tmpdir(), 'vertex-'))
  const before = process.env['GOOGLE_APPLICATION_CREDENTIALS']
  t.after(() => {
    rmSync(folder, { recursive: true })
    if (before === undefined) delete process.env['GOOGLE_APPLICATION_CREDENTIALS']
    else process.env['GOOGLE_APPLICATION_CREDENTIALS'] = before
  })
  const file = join(folder, 'credentials.json')
  process.env['GOOGLE_APPLICATION_CREDENTIALS'] = file
  assert.throws(() => withKey(''), /expected a key, or a readable file of credentials/)
  writeFileSync(file, JSON.stringify(account({ project_id: 'of-the-file' })))
  assert.match(withKey('').path('/models/m:countTokens', 'm'), /\/projects\/of-the-file\//)
})

refuses([
  { what: 'a key that is no JSON', run: () => withKey('{secret'), says: /JSON of a file/ },
  { what: 'a key of another kind', run: () => connect({ type: 'secret' }), says: /service_account/ },
  { what: 'null', run: () => withKey('null'), says: /service_account/ },
  { what: 'a private key that is none', run: () => connect(account({ private_key: 'secret' })), says: /RSA key in PEM/ },
  { what: 'a private key on a curve', run: () => connect(account({ private_key: CURVE })), says: /RSA key in PEM/ },
  { what: 'a token_uri elsewhere', run: () => connect(account({ token_uri: 'file:///secret' })), says: /token_uri/ },
  { what: 'no project', run: () => connect(user()), says: /expected a project in the options/ },
  { what: 'a project of another place', run: () => connect(account({ project_id: 'a/../secret' })), says: /expected a project/ },
  { what: 'another scheme', run: () => connect(account(), {}, 'ftp://x.example'), says: /https:/ },
])

test('the options are checked', () => {
  assert.ok(Value.Check(vertex.options!, { project: 'acme.example:gate-1', location: 'europe-west4' }))
  assert.ok(!Value.Check(vertex.options!, { project: 'a/b' }))
  assert.ok(!Value.Check(vertex.options!, { location: 'evil.example/' }))
  assert.ok(!Value.Check(vertex.options!, { region: 'us' }))
})

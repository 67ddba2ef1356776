// Google's files of credentials, as the console and gcloud write them, and how each of them asks for a token. Used by vertex.ts.
import { createPrivateKey, sign, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { endpoint, Type, type Static, type Issuer } from 'gatehouse/sdk'
import { Value } from 'typebox/value'

/** A file of credentials, read. */
export interface Credentials {
  readonly issuer: Issuer
  /** The project that the file names. */
  readonly project: string | undefined
  /** The project that pays for a person's calls. */
  readonly quotaProject: string | undefined
}

const TOKEN_URI = 'https://oauth2.googleapis.com/token'
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'
/** Seconds; the longest that Google takes. */
const ASSERTION_LIFE = 3600

const text = Type.String({ minLength: 1 })

const ServiceAccount = Type.Object({
  type: Type.Literal('service_account'),
  client_email: text,
  private_key: text,
  private_key_id: Type.Optional(text),
  project_id: Type.Optional(text),
  token_uri: Type.Optional(text),
})

const AuthorizedUser = Type.Object({
  type: Type.Literal('authorized_user'),
  client_id: text,
  client_secret: text,
  refresh_token: text,
  quota_project_id: Type.Optional(Type.String({ pattern: '^[!-~]+$' })),
  token_uri: Type.Optional(text),
})

/**
 * Reads credentials: the JSON of a key, or, without one, the file that Google's own tools would take. Throws a plain
 * sentence where there are none that serve.
 */
export function readCredentials(key: string): Credentials {
  const file = parse(key === '' ? applicationDefault() : key)
  if (Value.Check(ServiceAccount, file)) return serviceAccount(file)
  if (Value.Check(AuthorizedUser, file)) return authorizedUser(file)
  throw new Error('expected the JSON of a service account (service_account) or of gcloud (authorized_user)')
}

/** https://google.aip.dev/auth/4110, without the metadata server. */
function applicationDefault(): string {
  const ofGcloud = join(homedir(), '.config', 'gcloud', 'application_default_credentials.json')
  try {
    return readFileSync(process.env['GOOGLE_APPLICATION_CREDENTIALS'] ?? ofGcloud, 'utf8')
  } catch {
    throw new Error('expected a key, or a readable file of credentials where GOOGLE_APPLICATION_CREDENTIALS or gcloud has it')
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    // What the parser says quotes the key.
    throw new Error('expected the key to be the JSON of a file of credentials')
  }
}

/** A signed assertion for a token (RFC 7523). */
function serviceAccount(file: Static<typeof ServiceAccount>): Credentials {
  const url = tokenUri(file.token_uri)
  const key = privateKey(file.private_key)
  const head = encode({ alg: 'RS256', typ: 'JWT', kid: file.private_key_id })
  const form = (): Record<string, string> => {
    const now = Math.floor(Date.now() / 1000)
    const claims = `${head}.${encode({ iss: file.client_email, scope: SCOPE, aud: url, iat: now, exp: now + ASSERTION_LIFE })}`
    const assertion = `${claims}.${sign('sha256', Buffer.from(claims), key).toString('base64url')}`
    return { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }
  }
  return { issuer: { url, form }, project: file.project_id, quotaProject: undefined }
}

/** A refresh token for a token (RFC 6749, section 6). */
function authorizedUser(file: Static<typeof AuthorizedUser>): Credentials {
  const { client_id, client_secret, refresh_token } = file
  const form = (): Record<string, string> => ({ grant_type: 'refresh_token', client_id, client_secret, refresh_token })
  return { issuer: { url: tokenUri(file.token_uri), form }, project: undefined, quotaProject: file.quota_project_id }
}

function tokenUri(uri = TOKEN_URI): string {
  try {
    endpoint(uri)
    return uri
  } catch {
    throw new Error('expected the token_uri of the credentials to begin with https:// or http://')
  }
}

function privateKey(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'rsa') return key
  } catch {
    // As for a key of another kind.
  }
  throw new Error('expected the private_key of the credentials to be an RSA key in PEM')
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

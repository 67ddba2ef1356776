import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import { Value } from 'typebox/value'
import translation from '../../../core/translation/bedrock-converse.ts'
import bedrock from '../../../plugins/provider/bedrock.ts'
import { ask, type Received } from './asking.ts'

// The key of AWS's own examples.
const ID = 'AKIDEXAMPLE'
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'

const connect = (key = `${ID}:${SECRET}`, url?: string, region = 'us-east-1') =>
  bedrock.connect({ key, url, options: { region } })

const CLAUDE = 'anthropic.claude-3-5-sonnet-20241022-v2:0'
const ARN = 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-4-5'

/**
 * Signature Version 4, written down a second time from its description in the IAM user guide: every segment of a path is
 * encoded once more than it is on the wire.
 */
function signature({ method, path, headers, body }: Received, names: readonly string[], service: string): string {
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
  const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest()
  const percent = (letter: string): string => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`
  const encode = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, percent)
  const [place = '', query = ''] = path.split('?')
  const canonical = [
    method,
    place.split('/').map(encode).join('/'),
    query.split('&').toSorted().join('&'),
    ...names.map(name => `${name}:${String(headers[name]).trim()}`),
    '',
    names.join(';'),
    sha256(body),
  ].join('\n')
  const at = String(headers['x-amz-date'])
  const scope = [at.slice(0, 8), 'us-east-1', service, 'aws4_request']
  const key = scope.reduce<Buffer | string>(hmac, `AWS4${SECRET}`)
  return hmac(key, ['AWS4-HMAC-SHA256', at, scope.join('/'), sha256(canonical)].join('\n')).toString('hex')
}

test("the second implementation meets AWS's test vectors", () => {
  // get-vanilla and get-vanilla-query-order-key-case of the published suite.
  const headers = { host: 'example.amazonaws.com', 'x-amz-date': '20150830T123600Z' }
  const vanilla = { method: 'GET', path: '/', headers, body: '' }
  assert.equal(signature(vanilla, ['host', 'x-amz-date'], 'service'),
    '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31')
  assert.equal(signature({ ...vanilla, path: '/?Param2=value2&Param1=value1' }, ['host', 'x-amz-date'], 'service'),
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500')
})

const PARTS = new RegExp(['^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/(\\d{8})/us-east-1/bedrock/aws4_request',
  'SignedHeaders=([a-z0-9;-]+)', 'Signature=([0-9a-f]{64})$'].join(', '))

/** The names of the signed headers, of a call whose signature holds. */
function signedHeaders(received: Received): string[] {
  const [, day, names = '', given] = PARTS.exec(received.headers.authorization ?? '') ?? []
  assert.equal(day, String(received.headers['x-amz-date']).slice(0, 8))
  assert.equal(given, signature(received, names.split(';'), 'bedrock'))
  return names.split(';')
}

test('signs what goes over the wire', async () => {
  const body = '{"messages":[{"ü":"\u2028"}]}'
  const received = await ask(url => connect(undefined, url), translation.pathOf(CLAUDE, false), { model: CLAUDE, body })
  assert.equal(received.path, '/model/anthropic.claude-3-5-sonnet-20241022-v2%3A0/converse')
  assert.deepEqual(signedHeaders(received), ['content-length', 'content-type', 'host', 'x-amz-date'])
  const at = String(received.headers['x-amz-date']).replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)/, '$1-$2-$3:$4:')
  assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000)
})

test('P33: an ARN is one segment, and encoded twice where it is signed', async () => {
  const received = await ask(url => connect(undefined, url), translation.pathOf(ARN, true), { model: ARN })
  assert.equal(received.path, `/model/${encodeURIComponent(ARN)}/converse-stream`)
  signedHeaders(received)
})

test('signs letters that most encoders leave alone, a base of its own, and its query', async () => {
  const model = "odd!'()*~"
  const received = await ask(url => connect(undefined, `${url}/base?b=1&a=2`), translation.pathOf(model, false), { model })
  assert.equal(received.path, "/base/model/odd!'()*~/converse?b=1&a=2")
  signedHeaders(received)
})

test('signs the session token of a temporary key', async () => {
  const received = await ask(url => connect(`${ID}:${SECRET}:IQoJb3+/token==`, url), translation.pathOf(CLAUDE, false))
  assert.equal(received.headers['x-amz-security-token'], 'IQoJb3+/token==')
  assert.ok(signedHeaders(received).includes('x-amz-security-token'))
})

test('signs at once, and what the client sends of its own stays unsigned', () => {
  const call = { method: 'POST', path: '/model/m/converse', headers: ['x-trace', 'a'], body: Buffer.from('{}') }
  const signed = connect().sign!(call)
  assert.ok(!(signed instanceof Promise))
  assert.deepEqual(signed.filter((_, index) => index % 2 === 0), ['Authorization', 'X-Amz-Date'])
  assert.deepEqual(call.headers, ['x-trace', 'a'])
})

test('a key without a colon is a Bedrock API key', async () => {
  const received = await ask(url => connect('ABSKQmVk/cm9+==', url), translation.pathOf(CLAUDE, false), { model: 'ours' })
  assert.equal(received.headers.authorization, 'Bearer ABSKQmVk/cm9+==')
  assert.equal(received.headers['x-amz-date'], undefined)
  assert.equal(received.path, '/model/ours/converse')
})

test('goes to the region', () => {
  const { origin, dialects } = connect('k', undefined, 'eu-central-1')
  assert.equal(origin, 'https://bedrock-runtime.eu-central-1.amazonaws.com')
  assert.deepEqual(dialects, ['bedrock-converse', 'bedrock-embeddings'])
})

const refused = [
  { what: 'no key', key: '', says: /expected a Bedrock API key, or an access key/ },
  { what: 'an access key without its secret', key: 'AKIDEXAMPLE:', says: /ID:SECRET/ },
  { what: 'a secret without its access key', key: ':secret', says: /ID:SECRET/ },
  { what: 'a key with a space', key: 'AKIDEXAMPLE:a secret', says: /ID:SECRET/ },
  { what: 'too many parts', key: 'AKIDEXAMPLE:secret:secret:secret', says: /ID:SECRET:SESSION_TOKEN/ },
  { what: 'an API key with a line break', key: 'secret\n', says: /Bedrock API key/ },
]
for (const { what, key, says } of refused) {
  test(`refuses ${what}, and repeats no secret`, () => {
    assert.throws(() => connect(key), (error: Error) => says.test(error.message) && !error.message.includes('secret'))
  })
}

test('the options are checked', () => {
  const fits = (options: object) => Value.Check(bedrock.options!, options)
  for (const region of ['us-east-1', 'eu-central-1', 'us-gov-west-1', 'ap-southeast-2']) assert.ok(fits({ region }), region)
  for (const region of ['', 'mars', 'us-east-1.evil.example', 'us-east-1/x']) assert.ok(!fits({ region }), region)
  assert.ok(!fits({}))
})

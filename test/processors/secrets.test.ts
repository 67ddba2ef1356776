import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fc } from '../law.ts'
import secrets from '../../processors/secrets.ts'
import { cost, cut, inspect, streamed, values, whole } from './law.ts'
import { dice, make, pem, SHAPES } from './secrets/tokens.ts'

const detector = await secrets.setup({})
const roll = dice(7)
const some = (shape: string): string => make(shape, roll)

const RSA_4096 = pem('RSA PRIVATE', 3168, roll)
const TOKEN = some('gh|p_{36a}')

/** What is assigned to a name, or said of one: `[text before, secret, text behind, type]`. */
const NAMED: readonly (readonly [before: string, secret: string, behind: string, type: string])[] = [
  ['API_KEY=', some('{32a}'), '\n', 'secret'],
  ['const apiKey = "', some('{24a}'), '"', 'secret'],
  ['{"client_secret": "', some('{40a}'), '"}', 'secret'],
  ['{"args":"{\\"secret\\":\\"', some('{30a}'), '\\"}"}', 'secret'],
  ['aws_secret_access_key = ', some('{40b}'), '\n', 'secret'],
  ['my access token is ', some('{32h}'), '', 'secret'],
  ['Authorization: Bearer ', some('{48a}'), '\n', 'secret'],
  ['"authorization": "Basic ', some('{28a}=='), '"', 'secret'],
  ['password: ', some('{4l}{3d}!x'), '\n', 'password'],
  ['The password is ', some('{5l}{2d}'), ', do not tell', 'password'],
  ['DB_PASSWORD=\'', some('{8a}7!q'), '\'', 'password'],
  ['Server=db;Uid=sa;Pwd=', some('{6l}{2d}#'), ';', 'password'],
  ['postgres://bob:', some('{12a}'), '@db.internal:5432/app', 'password'],
  ['redis://:', some('{16a}'), '@cache', 'password'],
  ['AccountName=a;AccountKey=', some('{86b}=='), ';', 'secret'],
  ['https://api.telegram.org/bot123456789:', some('A|A{33w}'), '/getMe', 'api-key'],
  [some('{14a}.at|lasv1.'), some('{66w}'), ' ', 'api-key'],
]

/** What looks like one, and is none. */
const HARMLESS = [
  'commit 3f786850e387550fdab836ed7e6dc881de23001b', 'id 550e8400-e29b-41d4-a716-446655440000',
  'request_token: 550e8400-e29b-41d4-a716-446655440000', `data:image/png;base64,${some('{400b}')}`,
  `AK${'IA'}IOSFODNN7EXAMPLE`, 'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  'export OPENAI_API_KEY=YOUR_API_KEY',
  'api_key = "<your-api-key-goes-here>"', 'sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', `gh${'p_'}${'x'.repeat(36)}`,
  'token: ${{ secrets.GITHUB_TOKEN }}',
  'password = os.environ["DB_PASSWORD"]', 'password: process.env.PASSWORD_2', 'Your password must have at least 12 characters.',
  'postgres://user:password@localhost/db', 'mysql://root:${MYSQL_PASS}@db', 'https://example.com:8080/a@b',
  'git@github.com:owner/repo.git',
  'The secret to good bread is time. The key idea: patience.', 'max_tokens: 4096, temperature: 0.7', 'token_type: bearer_token_v2',
  'key: 42',
  'secretName: db-credentials-2', 'the tokenizer is cl100k_base-tokenizer', 'api key: see 1password',
  'task-0123456789012345678901234567',
  'skating at 9 with risk-averse disk-based friends', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
  '-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END PUBLIC KEY-----',
  'PWD=/home/user1/project2', 'Authorization: Bearer YOUR_TOKEN',
  'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
]

/** Bits of secrets and of what stands around them: put together, they make what is nearly one. */
const BITS = [
  ...SHAPES.slice(0, 60).map(([, shape]) => some(shape)), pem('EC PRIVATE', 160, roll), 'api_key = ', '"', 'token: ', 'password=',
  ' secret is ',
  'hunter42x', 'Authorization: Bearer ', 'https://bob:', '@host.org ', '\n', '\\n', 'the key idea', 'sk-', 'eyJ', '-----BEGIN ',
  'PRIVATE KEY-----', '-----END ', '://', 'a', '1', '_', '-', '.', ' ', 'aaaa1111bbbb2222', 'EXAMPLE', '😀', '\ud83d', 'xoxb-',
  '12345678:AA',
]
const bit = fc.tuple(fc.constantFrom(...BITS), fc.double({ min: 0, max: 1.5, noNaN: true }))
  .map(([text, share]) => text.slice(0, share * text.length))
const texts = (most: number): fc.Arbitrary<string> =>
  fc.array(bit, { minLength: 1, maxLength: most, size: 'max' }).map(bits => bits.join(''))
const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 })

describe('secrets', () => {
  for (const [type, shape] of [...SHAPES, ['private-key', 'pem'] as const]) {
    it(`finds ${type} ${shape.replaceAll('|', '')}`, () => {
      for (let i = 0; i < 8; i++) {
        const kind = ['RSA PRIVATE', 'PRIVATE', 'OPENSSH PRIVATE', 'EC PRIVATE'][i % 4]!
        const secret = shape === 'pem' ? pem(kind, 200 + 400 * i, roll) : some(shape)
        assert.deepEqual(inspect(detector, `use ${secret}, then go`).map(({ start, end, type: name }) => [name, start, end]),
          [[type, 4, 4 + secret.length]], secret)
      }
    })
  }

  for (const [before, secret, behind, type] of NAMED) {
    it(`finds what stands behind ${before}`, () => {
      const text = before + secret + behind
      assert.deepEqual(inspect(detector, text).map(one => [one.type, text.slice(one.start, one.end)]), [[type, secret]])
    })
  }

  it('leaves alone what is none', () => {
    for (const text of HARMLESS) assert.deepEqual(values(detector, text), [], text)
  })

  it('replaces, or does what it is told', async () => {
    assert.deepEqual(inspect(detector, TOKEN), [{ segment: 0, start: 0, end: 40, type: 'api-key', score: 1, action: 'replace' }])
    assert.deepEqual(inspect(await secrets.setup({ action: 'block' }), TOKEN).map(({ action }) => action), ['block'])
  })

  it('takes a private key that breaks off, as far as it goes', () => {
    const broken = RSA_4096.slice(0, 1000)
    assert.deepEqual(values(detector, `Here: ${broken}`), [broken])
  })

  it('tells where the text is still open', () => {
    const open: readonly (readonly [text: string, open: number])[] = [
      ['', 0], ['Hello there. ', 13], ['The key idea is', 15], ['my api_key = ', 13], ['my api_key = abc', 13], ['use gh', 4],
      ['use ghp_ab', 4],
      [`use ${TOKEN}`, 4], [`use ${TOKEN}. `, 46], ['my password: ', 13], ['my password: sec', 13], ['my password: sec ', 17],
      ['see https://example.com/a', 24], ['see https://example.com/b', 25], ['see https://bob:pa', 16],
      ['see https://bob:pa/', 19],
      ['-----BEGIN RSA PRIV', 0],
      ['-----BEGIN CERTIFICATE-----\nMIIB ', 33], [`a ${RSA_4096.slice(0, 2000)}`, 2],
      [`a ${RSA_4096} b`, 2 + RSA_4096.length + 2],
    ]
    for (const [text, at] of open) assert.equal(detector.undecided!(text), at, text)
  })

  it('finds a private key in a stream of three letters a frame, and lets go of what is before and behind', () => {
    const text = `Here it is:\n${RSA_4096}\nKeep it.`
    const found = streamed(detector, secrets.stream!, text.match(/[^]{1,3}/g)!, false)
    assert.deepEqual(found, [[12, 12 + RSA_4096.length, 'private-key']])
    assert.ok(RSA_4096.length > 3200)
  })

  it('keeps the law of streams, cut anywhere', () => {
    fc.assert(fc.property(texts(12), places, fc.boolean(), (text, at, blind) => {
      assert.deepEqual(streamed(detector, secrets.stream!, cut(text, at), blind), whole(detector, text))
    }), { numRuns: 150 })
  })

  it('keeps it cut after every character', () => {
    fc.assert(fc.property(texts(5), long => {
      const text = long.slice(0, 300)
      assert.deepEqual(streamed(detector, secrets.stream!, text.split(''), false), whole(detector, text))
    }), { numRuns: 20 })
  })

  it('takes linear time on hostile text', () => {
    const size = 1 << 14
    const units = [
      'sk-', 'eyJ', 'pat', 'glpat-', 'pwd=', 'token', 'api_key=', '-----BEGIN PRIVATE KEY-----\nA', '://a:', '1', 'a', ' ',
      'secret is ',
    ]
    for (const unit of units) {
      const took = (length: number): number => cost(() => {
        const text = unit.repeat(length / unit.length)
        inspect(detector, text)
        detector.undecided!(text)
      })
      assert.ok(took(size) < 1000, `${JSON.stringify(unit)} took long`)
    }
    const text = `${'sk-'.repeat(30_000)}${TOKEN}`
    assert.ok(cost(() => inspect(detector, text)) < 1000, 'a line of 100 KB')
  })
})

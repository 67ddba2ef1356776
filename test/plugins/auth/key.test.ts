import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import Fastify from 'fastify'
import type { Consumer, DataPlane } from '../../../sdk/index.ts'
import key from '../../../plugins/auth/key.ts'

const SECRET = 'gh-s3cret'
const ALICE: Consumer = { name: 'alice', tags: { team: 'research' }, rights: [] }

/** A house that knows one key, with one route behind the hook. `refused` collects the sentences of refusals. */
function build(open = false) {
  const refused: string[] = []
  const house = {
    open,
    consumer: (sha256: Buffer) => sha256.equals(hash('sha256', SECRET, 'buffer')) ? ALICE : undefined,
    refuse(reply, error, dialect) {
      refused.push(error.message)
      reply.code(error.status).send({ code: error.code, dialect })
    },
  } satisfies Partial<DataPlane>
  const app = Fastify()
  key.data?.(app, house as Partial<DataPlane> as DataPlane, {})
  app.all('/*', async request => request.consumer)
  return { app, refused }
}

const admitted: [string, Record<string, string>][] = [
  ['bearer', { authorization: `Bearer ${SECRET}` }],
  ['bearer in any case, with more than one space', { authorization: `bEARER   ${SECRET}` }],
  ['x-api-key', { 'x-api-key': SECRET }],
  ['x-goog-api-key', { 'x-goog-api-key': SECRET }],
  ['api-key', { 'api-key': SECRET }],
  ['another scheme beside a key', { authorization: 'Basic YTpi', 'api-key': SECRET }],
]

for (const [name, headers] of admitted) {
  test(`a known key names its consumer: ${name}`, async () => {
    const { app } = build()
    const reply = await app.inject({ url: '/v1/models', headers })
    assert.deepEqual(reply.json(), ALICE)
  })
}

test('a key in the query is one where Google\'s clients put it, and nowhere else; refusals speak the dialect of the path', async () => {
  const { app } = build()
  app.post('/v1beta/*', { config: { dialect: 'gemini' } }, async request => request.consumer)
  const ask = (url: string) => app.inject({ method: 'POST', url })
  assert.deepEqual((await ask(`/v1beta/models/m?key=${SECRET}`)).json(), ALICE)
  assert.deepEqual((await ask('/v1beta/models/m?key=wrong')).json(), { code: 'invalid_key', dialect: 'gemini' })
  assert.deepEqual((await ask(`/v1beta/models/m?key=${SECRET}&key=${SECRET}`)).json(), { code: 'invalid_key', dialect: 'gemini' })
  assert.deepEqual((await ask(`/v1/files?key=${SECRET}`)).json(), { code: 'invalid_key', dialect: 'openai-raw' })
})

const turnedAway: [string, Record<string, string>, string][] = [
  ['no key', {}, 'got none'],
  ['an unknown key', { authorization: 'Bearer gh-wrong' }, 'unknown'],
  ['the hash in place of the key', { 'x-api-key': hash('sha256', SECRET) }, 'unknown'],
  ['an empty key', { 'x-api-key': '' }, 'got none'],
  ['a scheme without a key', { authorization: 'Bearer' }, 'got none'],
  ['a key without a scheme', { authorization: SECRET }, 'got none'],
  ['two keys in one', { authorization: `Bearer ${SECRET} ${SECRET}` }, 'got none'],
  ['a key that differs in case', { 'api-key': SECRET.toUpperCase() }, 'unknown'],
]

for (const [name, headers, sentence] of turnedAway) {
  test(`everything else is turned away, and the key is not repeated: ${name}`, async () => {
    const { app, refused } = build()
    const reply = await app.inject({ method: 'POST', url: '/nowhere', headers, payload: '{}' })
    assert.equal(reply.statusCode, 401)
    assert.deepEqual(reply.json(), { code: 'invalid_key', dialect: 'openai-raw' })
    assert.equal(reply.headers['www-authenticate'], 'Bearer')
    assert.equal(refused.length, 1)
    assert.match(refused[0]!, new RegExp(sentence))
    assert.doesNotMatch(refused[0]!, /gh-|s3cret/i)
  })
}

test('an open house takes everybody for anonymous', async () => {
  const { app } = build(true)
  for (const headers of [{}, { authorization: 'Bearer anything' }]) {
    const reply = await app.inject({ url: '/', headers })
    assert.deepEqual(reply.json(), { name: 'anonymous', tags: {}, rights: [] })
  }
})

test('the reply comes before the body, and the connection ends with it', { timeout: 5000 }, async () => {
  const { app } = build()
  await app.listen({ host: '127.0.0.1', port: 0 })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  let answer = ''
  socket.setEncoding('latin1').on('data', piece => { answer += piece })
  socket.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000000\r\n\r\n{"model":')
  await once(socket, 'close')
  assert.match(answer, /^HTTP\/1\.1 401 /)
  await app.close()
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify, { type HTTPMethods } from 'fastify'
import type { DataPlane } from '../../../sdk/index.ts'
import gemini from '../../../plugins/api/gemini.ts'
import openai from '../../../plugins/api/openai.ts'

/** The plugin beside that of the other API below /v1; what reaches the house comes back as JSON. */
function build() {
  const house = {
    proxy(request, reply, dialect, path) {
      const { body } = request
      reply.send({ dialect, path, said: Buffer.isBuffer(body) ? body.toString() : typeof body })
    },
    refuse(reply, error, dialect) {
      reply.code(error.status).send({ code: error.code, dialect })
    },
    models: () => ['m'],
  } satisfies Partial<DataPlane>
  const app = Fastify()
  app.decorateRequest('consumer')
  for (const plugin of [gemini, openai]) void plugin.data?.(app, house as Partial<DataPlane> as DataPlane, {})
  return app
}

for (const [url, path, dialect = 'gemini'] of [
  ['/v1beta/models/gemini-x:generateContent', '/models/gemini-x:generateContent'],
  ['/v1/models/gemini-x:generateContent', '/models/gemini-x:generateContent'],
  ['/v1beta/models/gemini-x:generateContent?key=secret&alt=json', '/models/gemini-x:generateContent'],
  ['/v1beta/models/gemini-x:streamGenerateContent?alt=sse&key=secret', '/models/gemini-x:streamGenerateContent?alt=sse'],
  ['/v1beta/models/gemini-x:streamGenerateContent', '/models/gemini-x:streamGenerateContent'],
  ['/v1beta/models/gemini-x:streamGenerateContent?alt=json&key=secret', '/models/gemini-x:streamGenerateContent'],
  ['/v1beta/models/gemini-x:countTokens?key=secret', '/models/gemini-x:countTokens', 'gemini-count-tokens'],
  ['/v1beta/models/gemini-x:embedContent', '/models/gemini-x:embedContent', 'gemini-embeddings'],
  ['/v1/models/gemini-x:batchEmbedContents', '/models/gemini-x:batchEmbedContents', 'gemini-embeddings'],
  ['/v1beta/models/guarded/model:generateContent', '/models/guarded%2Fmodel:generateContent'],
  ['/v1beta/models/guarded%2Fmodel:generateContent', '/models/guarded%2Fmodel:generateContent'],
] as const) {
  test(`POST ${url} reaches the house, to the byte, and nothing of its query does but the form of a stream`, async () => {
    const app = build()
    const payload = '{ "contents":"é" }\n'
    for (const body of [payload, '']) {
      const reply = await app.inject({ method: 'POST', url, headers: { 'content-type': 'application/json' }, payload: Buffer.from(body) })
      assert.deepEqual(reply.json(), { dialect, path, said: body })
    }
  })
}

for (const [method, url, status, code] of [
  ['GET', '/v1beta/models/m:generateContent', 405, 'method_not_allowed'],
  ['POST', '/v1beta/models/m:streamGenerateContent?alt=proto', 400, 'invalid_body'],
  ['POST', '/v1beta/models/m:streamGenerateContent?alt=sse&alt=sse', 400, 'invalid_body'],
  ['POST', '/v1beta/models/m:asyncBatchEmbedContent', 404, 'unknown_path'],
  ['GET', '/v1beta/models/m:countTokens', 405, 'method_not_allowed'],
  ['POST', '/v1beta/models/:generateContent', 404, 'unknown_path'],
  ['POST', '/v1/models/m', 404, 'unknown_path'],
  ['GET', '/v1beta/models', 404, 'unknown_path'],
] satisfies [HTTPMethods, string, number, string][]) {
  test(`${method} ${url} is refused in Google's words`, async () => {
    const reply = await build().inject({ method, url })
    assert.deepEqual([reply.statusCode, reply.json()], [status, { code, dialect: 'gemini' }])
    assert.equal(reply.headers.allow, status === 405 ? 'POST' : undefined)
  })
}

test('reading models stays the other API\'s', async () => {
  const app = build()
  assert.equal((await app.inject('/v1/models/m')).json().id, 'm')
  assert.equal((await app.inject({ method: 'DELETE', url: '/v1/models/m' })).statusCode, 405)
})

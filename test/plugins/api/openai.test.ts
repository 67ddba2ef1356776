import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import Fastify, { type HTTPMethods } from 'fastify'
import type { DataPlane } from '../../../sdk/index.ts'
import openai from '../../../plugins/api/openai.ts'

const MODELS = ['gpt-5', 'meta-llama/Llama-3']

/** The plugin in a small Fastify; what reaches the house comes back as JSON. */
function build() {
  const house = {
    async proxy(request, reply, dialect, path) {
      const { body } = request
      const kind = Buffer.isBuffer(body) ? 'buffer' : body instanceof Readable ? 'stream' : typeof body
      const said = Buffer.isBuffer(body) ? body.toString() : body instanceof Readable ? await text(body) : ''
      reply.send({ dialect, path, kind, said })
    },
    refuse(reply, error, dialect) {
      reply.code(error.status).send({ code: error.code, dialect, param: error.param })
    },
    models: () => MODELS,
  } satisfies Partial<DataPlane>
  const app = Fastify({ bodyLimit: 1000 })
  app.decorateRequest('consumer')
  openai.data?.(app, house as Partial<DataPlane> as DataPlane, {})
  return app
}

const read: [string, string][] = [
  ['/v1/chat/completions', 'openai-chat'],
  ['/v1/responses', 'openai-responses'],
  ['/v1/completions', 'openai-completions'],
  ['/v1/embeddings', 'openai-embeddings'],
  ['/v1/moderations?trace=1', 'openai-moderations'],
]

for (const [url, dialect] of read) {
  test(`${url} reaches the house as ${dialect}, to the byte, whatever its content type says`, async () => {
    const app = build()
    const payload = '{ "model":"é" }\n'
    for (const type of [undefined, 'application/json', 'text/json; charset=utf-8', 'application/x-www-form-urlencoded']) {
      const headers = type === undefined ? { 'content-length': String(Buffer.byteLength(payload)) } : { 'content-type': type }
      const reply = await app.inject({ method: 'POST', url, headers, payload: Buffer.from(payload) })
      assert.deepEqual(reply.json(), { dialect, kind: 'buffer', said: payload }, type)
    }
  })

  test(`${url} without a body reaches the house as an empty one`, async () => {
    const reply = await build().inject({ method: 'POST', url })
    assert.deepEqual(reply.json(), { dialect, kind: 'buffer', said: '' })
  })
}

test('a body over the limit is not read', async () => {
  const reply = await build().inject({ method: 'POST', url: '/v1/embeddings', payload: Buffer.alloc(1001) })
  assert.equal(reply.statusCode, 413)
})

const wrongMethods: [HTTPMethods, string, string, string][] = [
  ['GET', '/v1/chat/completions', 'POST', 'openai-chat'],
  ['GET', '/v1/responses', 'POST', 'openai-responses'],
  ['DELETE', '/v1/embeddings', 'POST', 'openai-embeddings'],
  ['OPTIONS', '/v1/completions', 'POST', 'openai-completions'],
  ['HEAD', '/v1/moderations', 'POST', 'openai-moderations'],
  ['POST', '/v1/models', 'GET, HEAD', 'openai-raw'],
  ['DELETE', '/v1/models/gpt-5', 'GET, HEAD', 'openai-raw'],
]

for (const [method, url, allow, dialect] of wrongMethods) {
  test(`${method} ${url} is refused, and the reply says what is allowed`, async () => {
    const reply = await build().inject({ method, url })
    assert.equal(reply.statusCode, 405)
    assert.equal(reply.headers.allow, allow)
    if (method !== 'HEAD') assert.deepEqual(reply.json(), { code: 'method_not_allowed', dialect, param: null })
  })
}

test('the list of models is the house\'s own', async () => {
  const reply = await build().inject('/v1/models')
  const data = MODELS.map(id => ({ id, object: 'model', created: 0, owned_by: 'gatehouse' }))
  assert.deepEqual(reply.json(), { object: 'list', data })
})

for (const url of ['/v1/models/meta-llama/Llama-3', '/v1/models/meta-llama%2FLlama-3', '/v1/models/meta%2dllama/Llama-3?x=1']) {
  test(`a model is found by its name: ${url}`, async () => {
    const reply = await build().inject(url)
    assert.equal(reply.json().id, 'meta-llama/Llama-3')
  })
}

for (const url of ['/v1/models/gpt-6', '/v1/models/', '/v1/models/constructor', '/v1/models/gpt-5/']) {
  test(`an unknown model is not found: ${url}`, async () => {
    const reply = await build().inject(url)
    assert.equal(reply.statusCode, 404)
    assert.deepEqual(reply.json(), { code: 'model_not_found', dialect: 'openai-raw', param: 'model' })
  })
}

const unread: [HTTPMethods, string, string][] = [
  ['POST', '/v1/images/generations', '/images/generations'],
  ['GET', '/v1/files?purpose=batch&after=a%2Fb', '/files?purpose=batch&after=a%2Fb'],
  ['GET', '/v1/responses/resp_1/input_items', '/responses/resp_1/input_items'],
  ['GET', '/v1/chat/completions/chatcmpl-1/messages', '/chat/completions/chatcmpl-1/messages'],
  ['DELETE', '/v1/fine_tuning/jobs/ft:gpt-4o:org::a.b~c', '/fine_tuning/jobs/ft:gpt-4o:org::a.b~c'],
]

for (const [method, url, path] of unread) {
  test(`${method} ${url} passes unread`, async () => {
    const reply = await build().inject({ method, url })
    assert.deepEqual(reply.json(), { dialect: 'openai-raw', path, kind: 'undefined', said: '' })
  })
}

test('a body that passes unread stays a stream, of any type and length', async () => {
  for (const type of ['application/json', 'multipart/form-data; boundary=x', 'audio/wav']) {
    const payload = 'x'.repeat(5000)
    const reply = await build().inject({ method: 'POST', url: '/v1/files', headers: { 'content-type': type }, payload })
    assert.deepEqual(reply.json(), { dialect: 'openai-raw', path: '/files', kind: 'stream', said: payload })
  }
})

const disguised = [
  '/v1/chat/completions/',
  '/v1//chat/completions',
  '/v1/Chat/Completions',
  '/v1/x/../chat/completions',
  '/v1/./embeddings',
  '/v1/files/..',
  '/v1/x/%2e%2e/chat/completions',
  '/v1/chat%2Fcompletions',
  '/v1/chat/completions%20',
  '/v1/chat\\completions',
  '/v1/chat/completions;a=b',
  '/%76%31/files',
  'http://127.0.0.1/v1/files',
  '/v1/',
]

test('a path that another server may read as another one does not pass', async () => {
  const app = build()
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  for (const path of disguised) {
    // A real request, since inject() tidies paths up.
    const [reply] = await once(httpRequest({ port, path, method: 'POST' }).end('{}'), 'response') as [IncomingMessage]
    assert.equal(reply.statusCode, 404, path)
    assert.deepEqual(JSON.parse(await text(reply)), { code: 'unknown_path', dialect: 'openai-raw', param: null }, path)
  }
  await app.close()
})

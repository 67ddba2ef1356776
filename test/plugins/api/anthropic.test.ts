import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify, { type HTTPMethods } from 'fastify'
import type { DataPlane } from '../../../sdk/index.ts'
import anthropic from '../../../plugins/api/anthropic.ts'

/** The plugin in a small Fastify; what reaches the house comes back as JSON. */
function build() {
  const house = {
    proxy(request, reply, dialect, path) {
      const { body } = request
      reply.send({ dialect, path, said: Buffer.isBuffer(body) ? body.toString() : typeof body })
    },
    refuse(reply, error, dialect) {
      reply.code(error.status).send({ code: error.code, dialect })
    },
  } satisfies Partial<DataPlane>
  const app = Fastify()
  anthropic.data?.(app, house as Partial<DataPlane> as DataPlane, {})
  return app
}

for (const [url, dialect, path] of [
  ['/v1/messages', 'anthropic-messages', '/v1/messages'],
  ['/v1/messages?beta=true', 'anthropic-messages', '/v1/messages?beta=true'],
  ['/v1/messages?key=secret', 'anthropic-messages', '/v1/messages'],
  ['/v1/messages/count_tokens', 'anthropic-count-tokens', '/v1/messages/count_tokens'],
  ['/v1/messages/count_tokens?beta=true', 'anthropic-count-tokens', '/v1/messages/count_tokens?beta=true'],
] as const) {
  test(`${url} reaches the house as ${dialect}, to the byte, whatever its content type says`, async () => {
    const payload = '{ "model":"é" }\n'
    for (const type of ['application/json', 'text/plain', undefined]) {
      const headers = type === undefined ? {} : { 'content-type': type }
      const reply = await build().inject({ method: 'POST', url, headers, payload: Buffer.from(payload) })
      assert.deepEqual(reply.json(), { dialect, path, said: payload })
    }
    const empty = await build().inject({ method: 'POST', url })
    assert.deepEqual(empty.json(), { dialect, path, said: '' })
  })
}

for (const [method, url, status, code, dialect] of [
  ['GET', '/v1/messages', 405, 'method_not_allowed', 'anthropic-messages'],
  ['DELETE', '/v1/messages/count_tokens', 405, 'method_not_allowed', 'anthropic-count-tokens'],
  ['POST', '/v1/messages/batches', 404, 'unknown_path', 'anthropic-messages'],
  ['GET', '/v1/messages/batches/a/results', 404, 'unknown_path', 'anthropic-messages'],
  ['POST', '/v1/messages/', 404, 'unknown_path', 'anthropic-messages'],
] satisfies [HTTPMethods, string, number, string, string][]) {
  test(`${method} ${url} is refused`, async () => {
    const reply = await build().inject({ method, url })
    assert.deepEqual([reply.statusCode, reply.json()], [status, { code, dialect }])
    assert.equal(reply.headers.allow, status === 405 ? 'POST' : undefined)
  })
}

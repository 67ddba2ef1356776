import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Pool } from 'undici'
import { open } from '../../core/upstream.ts'
import type { Connection, Signable } from '../../sdk/index.ts'
import { call, connectionTo, fails, GET, portOf, say, serve, text, TIMEOUTS, upstreams } from './calling.ts'

test('sends the request, signed, and reads the answer', async () => {
  const port = await serve(async (request, response) => {
    let body = ''
    for await (const piece of request) body += String(piece)
    const { authorization, 'x-asked': asked, 'content-length': length } = request.headers
    response.writeHead(201, { 'X-Answer': 'a', 'set-cookie': ['b', 'c'] })
    response.end(JSON.stringify({ path: request.url, method: request.method, authorization, asked, length, body }))
  })
  const answer = call(port, {}, Buffer.from('{"a":1}'))
  const { status, headers } = await answer.begun
  assert.equal(status, 201)
  assert.equal(headers['x-answer'], 'a')
  assert.deepEqual(headers['set-cookie'], ['b', 'c'])
  assert.deepEqual(JSON.parse(await text(answer)),
    { path: '/v1/secret-path', method: 'POST', authorization: 'Bearer secret-key', asked: 'yes', length: '7', body: '{"a":1}' })
  assert.equal(answer.next(), null)
})

const replyOf = (port: number, more: Partial<Connection>): Promise<string> => {
  const connection = { ...connectionTo(port), ...more }
  const dispatcher = upstreams.dispatcher(connection, { connections: 1, connect: 1000 })
  return text(open({ connection, dispatcher, timeouts: TIMEOUTS }, { ...GET, headers: ['x-given', 'client'] }, upstreams.alarms))
}

test('headers that a client did not give are filled in, and those that depend on the call come last', async () => {
  const port = await serve((request, response) => { response.end(JSON.stringify([request.headers['x-given'], request.headers['x-other'], request.headers['x-signed']])) })
  const defaults = ['x-given', 'default', 'x-other', 'default']
  for (const sign of [
    ({ method, path, headers }: Signable): string[] => ['x-signed', `${method} ${path} ${headers.length}`],
    async ({ method, path, headers }: Signable): Promise<string[]> => ['x-signed', `${method} ${path} ${headers.length}`],
  ]) assert.equal(await replyOf(port, { defaults, sign }), '["client","default","GET / 2"]')
})

test('a call that cannot be signed is refused, and nobody hears why', async () => {
  const port = await serve((_request, response) => { response.end() })
  for (const sign of [() => { throw new Error('secret') }, () => Promise.reject(new Error('secret'))]) await fails(replyOf(port, { sign }), 'upstream_refused')
})

test('sends a stream as it comes', async () => {
  const port = await serve((request, response) => { request.pipe(response) })
  const upload = new PassThrough()
  const answer = call(port, {}, upload)
  upload.write('one ')
  await answer.begun
  assert.equal(String(await answer.next()), 'one ')
  upload.end('two')
  assert.equal(await text(answer), 'two')
})

test('a closed port refuses', async () => {
  const server = createServer()
  const port = await portOf(server)
  server.close()
  await once(server, 'close')
  const answer = call(port)
  await fails(answer.begun, 'upstream_refused')
  await fails(answer.next(), 'upstream_refused')
  await fails(answer.next(), 'upstream_refused')
})

test('a name that does not resolve is no target', async () => {
  const connection = { ...connectionTo(1), origin: 'http://gatehouse.invalid' }
  const pool = new Pool(connection.origin)
  await fails(open({ connection, dispatcher: pool, timeouts: TIMEOUTS }, GET, upstreams.alarms).begun, 'upstream_refused')
  await pool.destroy()
})

test('an upstream without TLS is refused under https', async () => {
  const port = await say('HTTP/1.1 200 OK\r\n\r\n')
  const connection = connectionTo(port, 'https')
  const dispatcher = upstreams.dispatcher(connection, { connections: 1, connect: 500 })
  await fails(open({ connection, dispatcher, timeouts: TIMEOUTS }, GET, upstreams.alarms).begun, 'upstream_refused')
})

test('a header that cannot be sent is a mistake of our own', async () => {
  const port = await serve((_request, response) => { response.end() })
  const connection = { ...connectionTo(port), headers: ['authorization', 'a\r\nb'] }
  const dispatcher = upstreams.dispatcher(connection, { connections: 1, connect: 500 })
  await fails(open({ connection, dispatcher, timeouts: TIMEOUTS }, GET, upstreams.alarms).begun, 'internal')
})

test('an upload that breaks off is the client, not the upstream', async () => {
  const seen = Promise.withResolvers<void>()
  const port = await serve(request => { request.on('error', () => {}).socket.once('close', () => seen.resolve()) })
  const upload = new PassThrough()
  const answer = call(port, {}, upload)
  upload.write('part')
  await wait(20)
  upload.destroy()
  await fails(answer.begun, 'client_closed')
  await seen.promise
})

test('an upload outlives the upstream that it was meant for', async () => {
  const port = await serve(request => { request.once('data', () => request.socket.destroy()) })
  const upload = new PassThrough()
  const answer = call(port, {}, upload)
  upload.write('part')
  await fails(answer.begun, 'upstream_closed')
  await wait(10)
  assert.equal(upload.destroyed, false)
})

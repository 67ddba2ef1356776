import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { Outbox } from '../../core/outbox.ts'

const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
const bodies = [
  { name: 'nothing', bytes: undefined },
  { name: 'no bytes', bytes: Buffer.alloc(0) },
  { name: 'every byte there is', bytes: every },
  { name: 'a long body', bytes: Buffer.alloc(20_000, every) },
]

test('what is put in leaves, to the byte, and each where it belongs', async () => {
  const outbox = new Outbox()
  const asked: ServerResponse[] = []
  const server = createServer((request, response) => {
    response.setHeader('x-path', request.url!)
    // All in one turn, the first to ask last.
    if (asked.unshift(response) === bodies.length) {
      for (const waiting of asked) outbox.end(waiting, bodies[Number(waiting.req.url!.slice(1))]!.bytes)
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const got = await Promise.all(bodies.map(async (_, index) => {
    const answer = await fetch(`http://127.0.0.1:${port}/${index}`)
    return { path: answer.headers.get('x-path'), bytes: Buffer.from(await answer.arrayBuffer()) }
  }))
  for (const [index, { bytes }] of bodies.entries()) {
    assert.equal(got[index]!.path, `/${index}`)
    assert.deepEqual(got[index]!.bytes, bytes ?? Buffer.alloc(0))
  }
  server.close()
})

test('a response whose client has left does not keep the others', async () => {
  const outbox = new Outbox()
  const gone: ServerResponse[] = []
  const server = createServer((request, response) => {
    if (request.url === '/gone') return void gone.push(response)
    outbox.end(gone[0]!, Buffer.from('late'))
    outbox.end(response, Buffer.from('here'))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const leaving = new AbortController()
  const left = fetch(`http://127.0.0.1:${port}/gone`, { signal: leaving.signal }).catch(() => 'left')
  await once(server, 'request')
  leaving.abort()
  await once(gone[0]!, 'close')
  assert.equal(await left, 'left')
  assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'here')
  server.close()
})

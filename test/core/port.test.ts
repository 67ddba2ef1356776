import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { findPort } from '../../core/port.ts'

const host = '127.0.0.1'

test('a free port is found, and is free again', async () => {
  const { port } = await findPort({ host, port: 0 })
  assert.ok(port > 0)
  assert.equal((await findPort({ host, port })).port, port)
})

test('where the system has it, each worker gets a socket of its own', async () => {
  const { port, reusePort } = await findPort({ host, port: 0 })
  const sockets = [1, 2].map(() => createServer().on('error', () => {}).listen({ host, port, reusePort: true }))
  const both = await Promise.all(sockets.map(socket => once(socket, 'listening'))).then(() => true, () => false)
  for (const socket of sockets) socket.close()
  assert.equal(reusePort, both)
})

for (const reusePort of [false, true]) {
  test(`a port that is taken is refused${reusePort ? ', also where it could be shared' : ''}`, async () => {
    const taken = createServer().listen({ host, port: 0, reusePort })
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    await assert.rejects(findPort({ host, port }), { code: 'EADDRINUSE' })
    taken.close()
  })
}

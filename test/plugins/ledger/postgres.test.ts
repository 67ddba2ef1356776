// What needs no server; the rest is in postgres.services.ts.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { validator } from '../../../config/validator.ts'
import postgres from '../../../plugins/ledger/postgres.ts'

const KEY = 'k'.repeat(32)
const URL = 'postgres://house:secret@db.example:5432/gatehouse'

const options: { name: string; options: object; faults: string[] }[] = [
  { name: 'all of them', options: { url: URL, key: KEY, tls: true, ca: 'PEM' }, faults: [] },
  { name: 'the least', options: { url: 'postgresql://house@db/gatehouse', key: KEY }, faults: [] },
  { name: 'none', options: {}, faults: ['/url', '/key'] },
  { name: 'a short key', options: { url: URL, key: 'short' }, faults: ['/key'] },
  { name: 'a query, which could switch verification off', options: { url: `${URL}?sslmode=no-verify`, key: KEY }, faults: ['/url'] },
  { name: 'another kind of database', options: { url: URL.replace('postgres', 'mysql'), key: KEY }, faults: ['/url'] },
]
for (const { name, options: given, faults } of options) {
  test(`options: ${name}`, () => {
    const found = validator(postgres.options!)(given)
    assert.deepEqual(found.map(({ pointer }) => pointer), faults)
    assert.doesNotMatch(JSON.stringify(found), /secret/)
  })
}

test('where nobody listens, or who listens breaks off: a plain sentence, without the credentials', async t => {
  const server = createServer(socket => socket.destroy()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const open = () => postgres.open({ directory: '', options: { url: `postgres://house:secret@127.0.0.1:${port}/books`, key: KEY } })
  await assert.rejects(open(), { message: `PostgreSQL at 127.0.0.1:${port}/books: Connection terminated unexpectedly` })
  server.close()
  await once(server, 'close')
  await assert.rejects(open(), { message: `PostgreSQL at 127.0.0.1:${port}/books: nobody listens there` })
})

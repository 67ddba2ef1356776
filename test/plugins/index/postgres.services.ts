// A real PostgreSQL with pgvector, which no Debian package has: the wheel of pgserver on PyPI brings both.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test, type TestContext } from 'node:test'
import postgres from '../../../plugins/index/postgres.ts'
import type { VectorIndex } from '../../../sdk/index.ts'
import { Postgres } from '../../journey/postgres.ts'
import { DIMENSIONS, entryOf, findsTheNearest, keepsItsPromises, vectorOf } from './kit.ts'

const PACKAGE = 'pgserver==0.1.4'
const server: { running?: Postgres } = {}

before(async context => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-pgvector-'))
  ;(context as TestContext).after(() => rmSync(folder, { recursive: true }))
  chmodSync(folder, 0o755)
  const quietly = { stdio: 'pipe', timeout: 240_000 } as const
  execFileSync('python3', ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--target', folder, PACKAGE], quietly)
  const [bin] = globSync(join(folder, 'pgserver/pginstall/bin'))
  assert.ok(bin !== undefined, `${PACKAGE} has no programs`)
  server.running = await Postgres.start(context as TestContext, ['fsync=off'], {}, bin)
})

const open = (model: string): Promise<VectorIndex> =>
  postgres.open({ directory: '', options: { url: server.running!.url }, dimensions: DIMENSIONS, model })

test('it keeps what an index promises, whoever else has an index there', async () => {
  const [one, other] = await Promise.all([open('one'), open('other')])
  await Promise.all([other.put([entryOf('a', 1, { tags: ['x'] })]), one.size()])
  await keepsItsPromises(one)
  assert.deepEqual((await other.nearest('p', vectorOf(1), 9)).map(({ id }) => id), ['a'])
  await Promise.all([one.close(), other.close()])
})

test('it finds the nearest', async () => {
  const index = await open('law')
  await findsTheNearest(index, 20)
  await index.close()
})

test('a server that goes away is an error, and one that comes back is used', async () => {
  const index = await open('outage')
  await index.put([entryOf('a', 1)])
  await server.running!.kill()
  await assert.rejects(index.size(), /^Error: PostgreSQL at 127\.0\.0\.1: /)
  await server.running!.restart()
  assert.equal(await index.size(), 1)
  await index.close()
})

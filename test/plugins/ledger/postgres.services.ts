import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test, type TestContext } from 'node:test'
import pg from 'pg'
import postgres from '../../../plugins/ledger/postgres.ts'
import type { Ledger, LedgerEntry } from '../../../sdk/index.ts'
import { Postgres } from '../../journey/postgres.ts'
import { AT, auditOf, ledgerContract, usageOf, type Subject } from './contract.ts'

const KEY = 'a key that every gateway of this test knows'
const ALL = { since: 0, until: 2 * AT }
const TABLES = /\b(?=(?:usage|audit|audit_head|migrations)\b(?! *=))/g

/** One server for all tests of the contract, each of which gets a database of its own. */
const server: { running?: Postgres } = {}
let databases = 0

before(async context => { server.running = await Postgres.start(context as TestContext, ['fsync=off']) })

async function databaseOf({ url }: Postgres): Promise<string> {
  const name = `house_${++databases}`
  await run(url, `CREATE DATABASE ${name}`)
  return url.replace(/[^/]*$/, name)
}

async function run(url: string, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return await client.query(sql)
  } finally {
    await client.end()
  }
}

async function open(t: TestContext, url: string, more: object = {}): Promise<Ledger> {
  const ledger = await postgres.open({ directory: '', options: { url, key: KEY, ...more } })
  t.after(() => ledger.close())
  return ledger
}

ledgerContract(async (t): Promise<Subject> => {
  const url = await databaseOf(server.running!)
  return { ledger: await open(t, url), again: () => open(t, url), tamper: async sql => void await run(url, sql.replaceAll(TABLES, 'gatehouse_')) }
})

const countOf = async (ledger: Ledger): Promise<number> => (await ledger.usage({ by: [], where: {}, ...ALL }))[0]!.attempts

/** Appends until it is taken, as the bookkeeper does; the server may be away meanwhile. */
async function insist(ledger: Ledger, entries: readonly LedgerEntry[], failed: string[]): Promise<void> {
  for (;;) {
    try {
      await ledger.append(entries)
      return
    } catch (error) {
      failed.push((error as Error).message)
      // Nobody tells when a server is there again.
      await new Promise(resolve => { setTimeout(resolve, 50) })
    }
  }
}

test('kill -9 while two gateways append: nothing is lost of what resolved, nothing doubled by trying again', { timeout: 120_000 }, async t => {
  const own = await Postgres.start(t)
  const gateways = [await open(t, own.url), await open(t, own.url)]
  const failed: string[] = []
  let taken = 0
  const stop = new AbortController()
  let reached = { count: Infinity, tell: (): void => {} }
  const until = (count: number): Promise<void> => new Promise(resolve => { reached = { count, tell: resolve } })
  const writers = gateways.flatMap((ledger, gateway) => [0, 1].map(async writer => {
    for (let n = 0; !stop.signal.aborted; n++) {
      const name = `${gateway}-${writer}-${n}`
      await insist(ledger, [usageOf(name), auditOf(name), usageOf(`${name}b`)], failed)
      if (++taken >= reached.count) reached.tell()
    }
  }))
  for (let round = 1; round <= 3; round++) {
    await until(taken + 25)
    await own.kill()
    const takenBefore = taken
    await own.restart()
    await until(takenBefore + 10)
    const counted = await countOf(gateways[0]!)
    assert.ok(counted >= 2 * taken - 2 * 8 && counted <= 2 * (taken + 4), `${counted} entries for ${taken} appends`)
  }
  stop.abort()
  await Promise.all(writers)
  assert.equal(await countOf(gateways[1]!), 2 * taken)
  const { entries, faults } = await gateways[1]!.verify()
  assert.deepEqual([entries, faults], [taken, []])
  assert.notEqual(failed.length, 0, 'no append met the server dead')
  for (const message of failed) assert.match(message, /^PostgreSQL at 127\.0\.0\.1:\d+\/postgres: [A-Za-z -]+$/)
})

test('gateways that start at once on an empty database make its tables once', async t => {
  const url = await databaseOf(server.running!)
  const ledgers = await Promise.all([1, 2, 3, 4].map(() => open(t, url)))
  await Promise.all(ledgers.map((ledger, n) => ledger.append([usageOf(n), auditOf(n)])))
  assert.equal(await countOf(ledgers[0]!), 4)
  assert.deepEqual((await ledgers[0]!.verify()).faults, [])
})

test('usage waits for no lock of the chain, and who holds that too long is told', { timeout: 60_000 }, async t => {
  const url = await databaseOf(server.running!)
  const ledger = await open(t, url)
  const holder = new pg.Client(url)
  await holder.connect()
  await holder.query('BEGIN; SELECT 1 FROM gatehouse_audit_head FOR UPDATE')
  await ledger.append([usageOf(1)])
  await assert.rejects(ledger.append([auditOf(1), usageOf(2)]), /: somebody else holds a lock for too long$/)
  await holder.end()
  await ledger.append([auditOf(1), usageOf(2)])
  assert.equal(await countOf(ledger), 2)
})

const refused: { name: string; url: (url: string) => string; says: RegExp }[] = [
  { name: 'a wrong password', url: url => url.replace(/:[^:@]*@/, ':hunter2-and-more@'), says: /^PostgreSQL at 127\.0\.0\.1:\d+\/postgres: it refuses the user or the password$/ },
  { name: 'no such database', url: url => url.replace(/postgres$/, 'nowhere'), says: /\/nowhere: it has no such database$/ },
]
for (const { name, url, says } of refused) {
  test(`${name}: a plain sentence, without the credentials`, async () => {
    const at = url(server.running!.url)
    await assert.rejects(postgres.open({ directory: '', options: { url: at, key: KEY } }), ({ message, cause }: Error) => {
      assert.match(message, says)
      assert.equal(cause, undefined)
      return !/hunter2|horse/.test(message)
    })
  })
}

test('a server that takes connections and says nothing is given up', async t => {
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.after(() => silent.close())
  const { port } = silent.address() as AddressInfo
  const url = `postgres://house:hunter2@127.0.0.1:${port}/books`
  await assert.rejects(open(t, url), { message: `PostgreSQL at 127.0.0.1:${port}/books: Connection terminated due to connection timeout` })
})

test('over TLS, where somebody vouches for the server, and not otherwise', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-tls-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const certify = (name: string, address: string): { key: string; certificate: string } => {
    const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)]
    execFileSync('openssl', [
      'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', certificate, '-days', '2',
      '-subj', '/CN=gatehouse', '-addext', `subjectAltName=${address}`,
    ], { stdio: 'pipe' })
    return { key: readFileSync(key, 'utf8'), certificate: readFileSync(certificate, 'utf8') }
  }
  const [own, other, misnamed] = [certify('own', 'IP:127.0.0.1'), certify('other', 'IP:127.0.0.1'), certify('misnamed', 'DNS:elsewhere')]
  const secure = async ({ key, certificate }: typeof own): Promise<Postgres> => Postgres.start(t, [
    'ssl=on', 'ssl_key_file=../server.key', 'ssl_cert_file=../server.crt', 'fsync=off',
  ], { 'server.key': key, 'server.crt': certificate })
  const { url } = await secure(own)
  const ledger = await open(t, url, { ca: own.certificate })
  await ledger.append([usageOf(1)])
  const { rows } = await run(url, "SELECT count(*)::int AS count FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl AND application_name = 'gatehouse'")
  assert.equal((rows[0] as { count: number }).count, 1)
  await assert.rejects(open(t, url, { ca: other.certificate }), /: error DEPTH_ZERO_SELF_SIGNED_CERT$/)
  await assert.rejects(open(t, url, { tls: true }), /: error DEPTH_ZERO_SELF_SIGNED_CERT$/)
  await assert.rejects(open(t, (await secure(misnamed)).url, { ca: misnamed.certificate }), /: error ERR_TLS_CERT_ALTNAME_INVALID$/)
  await assert.rejects(open(t, server.running!.url, { tls: true }), /: The server does not support SSL connections$/)
})

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import sqlite from '../../../plugins/ledger/sqlite.ts'
import type { Ledger } from '../../../sdk/index.ts'
import { AT, auditOf, ledgerContract, usageOf, type Subject } from './contract.ts'

const ALL = { since: 0, until: 2 * AT }

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-ledger-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

async function open(t: TestContext, directory: string, options: { key?: string } = {}): Promise<Ledger> {
  const ledger = await sqlite.open({ directory, options })
  t.after(() => ledger.close())
  return ledger
}

ledgerContract(async (t): Promise<Subject> => {
  // Hooks run in their order: the ledgers close before their folder goes.
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-ledger-'))
  const ledger = await open(t, directory)
  t.after(() => rm(directory, { recursive: true }))
  return {
    ledger,
    async again() {
      const other = await sqlite.open({ directory, options: {} })
      t.after(() => other.close())
      return other
    },
    async tamper(sql) {
      const database = new DatabaseSync(join(directory, 'ledger.db'))
      database.exec(sql)
      database.close()
    },
  }
})

/** Appends for ever, an entry of each kind at a time, and prints the number of each append that resolved. */
const APPENDER = `
  const { default: sqlite } = await import(process.argv[1])
  const { usageOf, auditOf } = await import(process.argv[2])
  const ledger = await sqlite.open({ directory: process.argv[3], options: {} })
  for (let n = 0; ; n++) {
    await ledger.append([usageOf(n), auditOf(n)])
    process.stdout.write(n + '\\n')
  }`

test('what resolved is there after kill -9, and all of a batch or none of it', async t => {
  const directory = await folderOf(t)
  const [ledgerFile, contractFile] = ['../../../plugins/ledger/sqlite.ts', './contract.ts'].map(file => new URL(file, import.meta.url).href)
  const child = spawn(process.execPath, ['--input-type=module', '-e', APPENDER, ledgerFile!, contractFile!, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  let last = -1
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line)
    if (last === 30) child.kill('SIGKILL')
  }
  const ledger = await open(t, directory)
  const [sum] = await ledger.usage({ by: [], where: {}, ...ALL })
  const { entries, faults } = await ledger.verify()
  assert.deepEqual([entries, faults], [sum!.attempts, []])
  assert.ok(sum!.attempts === last + 1 || sum!.attempts === last + 2, `${sum!.attempts} entries for ${last + 1} that resolved`)
})

test('a large append leaves the loop free in between', async t => {
  const ledger = await open(t, await folderOf(t))
  let turns = 0
  let running = true
  const turn = (): void => { if (running) { turns++; setImmediate(turn) } }
  turn()
  await ledger.append(Array.from({ length: 5000 }, (_, n) => usageOf(n)))
  running = false
  assert.ok(turns >= 10, `${turns} turns`)
})

test('its files are for nobody else to read', async t => {
  const directory = await folderOf(t)
  await (await open(t, directory)).append([usageOf(1)])
  for (const name of ['ledger.db', 'ledger.db-wal', 'ledger.key']) assert.equal((await stat(join(directory, name))).mode & 0o777, 0o600, name)
})

test('under another key nobody vouches for the end of the chain', async t => {
  const directory = await folderOf(t)
  const [key, other] = ['k'.repeat(32), 'o'.repeat(32)]
  await (await open(t, directory, { key })).append([auditOf(1)])
  assert.deepEqual((await (await open(t, directory, { key: other })).verify()).faults, [{ sequence: 2, what: 'unsealed' }])
  assert.deepEqual((await (await open(t, directory, { key })).verify()).faults, [])
  await assert.rejects(readFile(join(directory, 'ledger.key')), { code: 'ENOENT' })
})

test('a file that is no ledger: a plain sentence', async t => {
  const directory = await folderOf(t)
  await writeFile(join(directory, 'ledger.db'), 'not a database, but a letter that somebody wrote to a friend. '.repeat(20))
  await assert.rejects(open(t, directory), { message: `the ledger ${join(directory, 'ledger.db')} cannot be opened: file is not a database` })
  await assert.rejects(open(t, join(directory, 'gone')), /^Error: the ledger .* cannot be opened: ENOENT/)
})

// The one who writes to the file, in a thread of its own: a commit waits for the disk, and the supervisor must not. Loaded by
// piscina for ../sqlite.ts, which hands over one task at a time.
import { DatabaseSync } from 'node:sqlite'
import { workerData } from 'node:worker_threads'
import {
  auditEnd, AuditLinks, emptyHead, settlementAccount, settlementRow, storable, usageRow,
  type AuditEntry, type AuditSeals, type LedgerEntry, type Settlement,
} from 'gatehouse/sdk'
import { END, sealsOf } from './chain.ts'
import { migrate } from './migrations.ts'

/** What to do. */
export type Task =
  | { readonly task: 'begin' | 'close' }
  | { readonly task: 'append'; readonly entries: readonly LedgerEntry[] }
  /** Gives the ids that were settled. */
  | { readonly task: 'settle'; readonly settlements: readonly Settlement[]; readonly account: AuditEntry }
  /** Forgets usage entries older than `before`, so many at most; gives how many there were. */
  | { readonly task: 'prune'; readonly before: number; readonly most: number }

/** Milliseconds to wait for another process that writes. */
const BUSY = 5_000

const ADD_USAGE = `
  INSERT INTO usage (id, request, at, route, consumer, tags, dialect, provider, model, status, ending, streamed, ms,
    usage, raw, cost, price, price_version, asked, key, charged_tokens, charged_cost)
  VALUES ($id, $request, $at, $route, $consumer, $tags, $dialect, $provider, $model, $status, $ending, $streamed, $ms,
    $usage, $raw, $cost, $price, $price_version, $asked, $key, $charged_tokens, $charged_cost)
  ON CONFLICT (id) DO NOTHING`
const SETTLE = `
  UPDATE usage SET ending = 'settled', usage = $usage, raw = $raw, cost = $cost, price = $price, price_version = $price_version
  WHERE id = $id AND ending = 'lost'`
const ADD_AUDIT = `
  INSERT INTO audit (sequence, id, at, actor, action, subject, detail, previous, hash)
  VALUES ($sequence, $id, $at, $actor, $action, $subject, $detail, $previous, $hash)`
const HAS_AUDIT = 'SELECT 1 FROM audit WHERE id = ?'
const SET_HEAD = 'INSERT OR REPLACE INTO audit_head (one, sequence, hash, seal) VALUES (1, $sequence, $hash, $seal)'
const PRUNE = 'DELETE FROM usage WHERE rowid IN (SELECT rowid FROM usage WHERE at < ? LIMIT ?)'

export default writer(workerData as { readonly file: string; readonly key: string })

/** Does the tasks of one file. */
function writer({ file, key }: { readonly file: string; readonly key: string }): (task: Task) => number | readonly string[] {
  const seals = sealsOf(key)
  let database: DatabaseSync | undefined
  return task => {
    if (task.task === 'begin') database = open(file, seals)
    if (task.task === 'append') append(database!, task.entries, seals)
    if (task.task === 'settle') return settle(database!, task.settlements, task.account, seals)
    if (task.task === 'prune') return Number(database!.prepare(PRUNE).run(task.before, task.most).changes)
    if (task.task === 'close') database?.close()
    return 0
  }
}

function open(file: string, seals: AuditSeals): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: BUSY })
  try {
    // FULL: the spool lets go of what was appended, so a commit has to be on the disk and not on its way there. That is one
    // flush an append, which brings the more entries at once the more there are.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    if (migrate(database)) database.prepare(SET_HEAD).run({ ...emptyHead(seals) })
    return database
  } catch (error) {
    // Whoever opens it tries again and again.
    database.close()
    throw error
  }
}

function append(database: DatabaseSync, entries: readonly LedgerEntry[], seals: AuditSeals): void {
  const add = database.prepare(ADD_USAGE)
  transaction(database, () => {
    for (const entry of entries) if (entry.kind === 'usage') add.run(usageRow(entry))
    chain(database, entries.filter(entry => entry.kind === 'audit'), seals)
  })
}

function settle(database: DatabaseSync, settlements: readonly Settlement[], account: AuditEntry, seals: AuditSeals): string[] {
  const set = database.prepare(SETTLE)
  return transaction(database, () => {
    const settled = settlements.filter(one => set.run(settlementRow(one)).changes === 1)
    if (settled.length > 0) chain(database, [settlementAccount(account, settled)], seals)
    return settled.map(({ id }) => id)
  })
}

function chain(database: DatabaseSync, entries: readonly AuditEntry[], seals: AuditSeals): void {
  const add = database.prepare(ADD_AUDIT)
  const has = database.prepare(HAS_AUDIT)
  const links = new AuditLinks(auditEnd(database.prepare(END).get()!), seals)
  for (const entry of entries) if (has.get(storable(entry.id)) === undefined) add.run({ ...links.add(entry) })
  if (links.added > 0) database.prepare(SET_HEAD).run({ ...links.head })
}

/** All that the work does, or nothing of it. */
function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

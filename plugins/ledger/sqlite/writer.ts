// The one who writes to the file, in a thread of its own: a commit waits for the disk, and the supervisor must not. Loaded by
// piscina for ../sqlite.ts, which hands over one task at a time.
import { DatabaseSync } from 'node:sqlite'
import { workerData } from 'node:worker_threads'
import { auditEnd, AuditLinks, emptyHead, storable, usageRow, type AuditSeals, type LedgerEntry } from 'gatehouse/sdk'
import { END, sealsOf } from './chain.ts'
import { migrate } from './migrations.ts'

/** What to do. */
export type Task =
  | { readonly task: 'begin' | 'close' }
  | { readonly task: 'append'; readonly entries: readonly LedgerEntry[] }
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
const ADD_AUDIT = `
  INSERT INTO audit (sequence, id, at, actor, action, subject, detail, previous, hash)
  VALUES ($sequence, $id, $at, $actor, $action, $subject, $detail, $previous, $hash)`
const HAS_AUDIT = 'SELECT 1 FROM audit WHERE id = ?'
const SET_HEAD = 'INSERT OR REPLACE INTO audit_head (one, sequence, hash, seal) VALUES (1, $sequence, $hash, $seal)'
const PRUNE = 'DELETE FROM usage WHERE rowid IN (SELECT rowid FROM usage WHERE at < ? LIMIT ?)'

export default writer(workerData as { readonly file: string; readonly key: string })

/** Does the tasks of one file. */
function writer({ file, key }: { readonly file: string; readonly key: string }): (task: Task) => number {
  const seals = sealsOf(key)
  let database: DatabaseSync | undefined
  return task => {
    if (task.task === 'begin') database = open(file, seals)
    if (task.task === 'append') append(database!, task.entries, seals)
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
  const addUsage = database.prepare(ADD_USAGE)
  const addAudit = database.prepare(ADD_AUDIT)
  const hasAudit = database.prepare(HAS_AUDIT)
  database.exec('BEGIN IMMEDIATE')
  try {
    const links = new AuditLinks(auditEnd(database.prepare(END).get()!), seals)
    for (const entry of entries) {
      if (entry.kind === 'usage') addUsage.run(usageRow(entry))
      else if (hasAudit.get(storable(entry.id)) === undefined) addAudit.run({ ...links.add(entry) })
    }
    if (links.added > 0) database.prepare(SET_HEAD).run({ ...links.head })
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

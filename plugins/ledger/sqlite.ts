// The ledger of one machine: a SQLite file in the state folder, written by the supervisor, read in a thread. What was
// appended survives a crash of the process and, where disks keep their word, a power cut. Loaded by core/registry.ts.
import { createHmac, hash, randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import {
  auditEnd, AuditLinks, auditRecord, auditRow, defineLedger, emptyHead, storable, Type, usageQuery, usageRow, usageSums, verifyAudit,
  type AuditQuery, type AuditRecord, type AuditReport, type AuditSeals, type Ledger, type LedgerEntry, type SqlWords, type UsageQuery,
  type UsageSum,
} from 'gatehouse/sdk'
import { migrate } from './sqlite/migrations.ts'
import type { Question } from './sqlite/reader.ts'

/** Rows between two looks at what else there is to do: some milliseconds of the supervisor's loop. */
const PORTION = 500
/** Milliseconds to wait for another process that writes, and for an answer of the reader. */
const BUSY = 5_000
const READING = 60_000
/** Milliseconds that the reader's thread waits for the next question. */
const IDLE = 10_000
/** Queries that wait for the reader. */
const MOST_WAITING = 16

const WORDS: SqlWords = { value: () => '?', day: "strftime('%Y-%m-%d', at / 1000, 'unixepoch')" }

const ADD_USAGE = `
  INSERT INTO usage (id, request, at, route, consumer, tags, dialect, provider, model, status, ending, streamed, ms,
    usage, raw, cost, price, price_version)
  VALUES ($id, $request, $at, $route, $consumer, $tags, $dialect, $provider, $model, $status, $ending, $streamed, $ms,
    $usage, $raw, $cost, $price, $price_version)
  ON CONFLICT (id) DO NOTHING`
const ADD_AUDIT = `
  INSERT INTO audit (sequence, id, at, actor, action, subject, detail, previous, hash)
  VALUES ($sequence, $id, $at, $actor, $action, $subject, $detail, $previous, $hash)`
const HAS_AUDIT = 'SELECT 1 FROM audit WHERE id = ?'
const END = `
  SELECT (SELECT max(sequence) FROM audit) AS last, sequence, hash, seal FROM (SELECT 1) LEFT JOIN audit_head`
const SET_HEAD = 'INSERT OR REPLACE INTO audit_head (one, sequence, hash, seal) VALUES (1, $sequence, $hash, $seal)'
const AUDIT_PAGE = 'SELECT * FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?'
const AUDIT_LATEST = 'SELECT * FROM audit WHERE at >= ? AND at < ? ORDER BY sequence DESC LIMIT ?'
const PRUNE = 'DELETE FROM usage WHERE rowid IN (SELECT rowid FROM usage WHERE at < ? LIMIT ?)'

export default defineLedger({
  name: 'sqlite',

  options: Type.Object({
    key: Type.Optional(Type.String({
      minLength: 32, description: 'Seals the end of the audit chain. Left out, a random one in a file beside the ledger.',
    })),
  }, { additionalProperties: false }),

  async open({ directory, options }) {
    const file = join(directory, 'ledger.db')
    try {
      // What people asked and spent is nobody else's business; what SQLite puts beside the file gets its mode.
      closeSync(openSync(file, 'a', 0o600))
      return new SqliteLedger(file, options.key ?? keyIn(join(directory, 'ledger.key')))
    } catch (error) {
      throw new Error(`the ledger ${file} cannot be opened: ${(error as Error).message}`, { cause: error })
    }
  },
})

/** The key in a file, which is made where there is none. */
function keyIn(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600, flush: true })
  return readFileSync(file, 'utf8')
}

class SqliteLedger implements Ledger {
  readonly #file: string
  readonly #seals: AuditSeals
  readonly #database: DatabaseSync
  readonly #addUsage: StatementSync
  readonly #addAudit: StatementSync
  readonly #hasAudit: StatementSync
  readonly #prune: StatementSync
  readonly #reader: Piscina<Question, Record<string, unknown>[]>
  /** Resolves when everything that writes has had its turn. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(file: string, key: string) {
    this.#file = file
    this.#seals = { hash: text => hash('sha256', text), seal: text => createHmac('sha256', key).update(text).digest('hex') }
    const database = new DatabaseSync(file, { timeout: BUSY })
    // FULL: the spool lets go of what was appended, so a commit has to be on the disk and not on its way there. That is one
    // flush an append, which brings the more entries at once the more there are.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    if (migrate(database)) database.prepare(SET_HEAD).run({ ...emptyHead(this.#seals) })
    this.#database = database
    this.#addUsage = database.prepare(ADD_USAGE)
    this.#addAudit = database.prepare(ADD_AUDIT)
    this.#hasAudit = database.prepare(HAS_AUDIT)
    this.#prune = database.prepare(PRUNE)
    this.#reader = new Piscina({
      filename: fileURLToPath(new URL(`./sqlite/reader${extname(import.meta.url)}`, import.meta.url)),
      minThreads: 0, maxThreads: 1, maxQueue: MOST_WAITING, idleTimeout: IDLE, recordTiming: false,
    })
  }

  append(entries: readonly LedgerEntry[]): Promise<void> {
    return this.#inTurn(async () => {
      this.#database.exec('BEGIN IMMEDIATE')
      try {
        const links = new AuditLinks(auditEnd(this.#database.prepare(END).get()!), this.#seals)
        for (const [index, entry] of entries.entries()) {
          if (index > 0 && index % PORTION === 0) await setImmediate()
          if (entry.kind === 'usage') this.#addUsage.run(usageRow(entry))
          else if (this.#hasAudit.get(storable(entry.id)) === undefined) this.#addAudit.run({ ...links.add(entry) })
        }
        if (links.added > 0) this.#database.prepare(SET_HEAD).run({ ...links.head })
        this.#database.exec('COMMIT')
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
        throw error
      }
    })
  }

  async usage(query: UsageQuery): Promise<readonly UsageSum[]> {
    const { text, values } = usageQuery(query, 'usage', WORDS)
    return usageSums(await this.#read(text, values), query.by)
  }

  async audit({ since, until, limit }: AuditQuery): Promise<readonly AuditRecord[]> {
    const rows = await this.#read(AUDIT_LATEST, [since, until, limit])
    return rows.map(row => auditRecord(auditRow(row)))
  }

  async verify(): Promise<AuditReport> {
    const [end] = await this.#read(END, [])
    return verifyAudit(auditEnd(end!), async (after, count) => (await this.#read(AUDIT_PAGE, [after, count])).map(auditRow), this.#seals)
  }

  async prune(before: number): Promise<number> {
    let pruned = 0
    for (let changes = PORTION; changes === PORTION; pruned += changes) {
      changes = await this.#inTurn(() => Number(this.#prune.run(before, PORTION).changes))
      await setImmediate()
    }
    return pruned
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#reader.destroy()
      this.#database.close()
    })
  }

  #inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => {})
    return turn
  }

  #read(text: string, values: readonly (string | number)[]): Promise<Record<string, unknown>[]> {
    return this.#reader.run({ file: this.#file, text, values }, { signal: AbortSignal.timeout(READING) })
  }
}

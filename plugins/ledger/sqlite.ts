// The ledger of one machine: a SQLite file in the state folder, written in one thread and read in another. What was
// appended survives a crash of the process and, where disks keep their word, a power cut. Loaded by core/registry.ts.
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import {
  attemptOf, auditEnd, auditRecord, auditRow, defineLedger, storable, Type, usageQuery, usageSums, verifyAudit, type Attempt,
  type AuditEntry, type AuditQuery, type AuditRecord, type AuditReport, type AuditRow, type AuditSeals, type Ledger,
  type LedgerEntry, type Settlement, type SqlWords, type UsageQuery, type UsageSum,
} from 'gatehouse/sdk'
import { END, sealsOf } from './sqlite/chain.ts'
import type { Question } from './sqlite/reader.ts'
import type { Task } from './sqlite/writer.ts'

/** Rows that are forgotten at once, so that whoever appends does not wait long. */
const PORTION = 500
/** Milliseconds to wait for an answer of the reader. */
const READING = 60_000
/** Milliseconds that the reader's thread waits for the next question. */
const IDLE = 10_000
/** Queries that wait for the reader. */
const MOST_WAITING = 16

const WORDS: SqlWords = { value: () => '?', day: "strftime('%Y-%m-%d', at / 1000, 'unixepoch')" }

const FIND = 'SELECT id, at, dialect, provider, model, ending FROM usage WHERE id IN (SELECT value FROM json_each(?))'
const AUDIT_PAGE = 'SELECT * FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?'
const AUDIT_LATEST = 'SELECT * FROM audit WHERE at >= ? AND at < ? ORDER BY sequence DESC LIMIT ?'

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
      const ledger = new SqliteLedger(file, options.key ?? keyIn(join(directory, 'ledger.key')))
      await ledger.begin()
      return ledger
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
  readonly #writer: Piscina<Task, number | readonly string[]>
  readonly #reader: Piscina<Question, Record<string, unknown>[]>

  constructor(file: string, key: string) {
    this.#file = file
    this.#seals = sealsOf(key)
    this.#writer = new Piscina({ filename: threadFile('writer'), workerData: { file, key }, minThreads: 1, maxThreads: 1, recordTiming: false })
    this.#reader = new Piscina({
      filename: threadFile('reader'), minThreads: 0, maxThreads: 1, maxQueue: MOST_WAITING, idleTimeout: IDLE, recordTiming: false,
    })
  }

  /** Opens the file. Rejects where that cannot be. */
  async begin(): Promise<void> {
    try {
      await this.#writer.run({ task: 'begin' })
    } catch (error) {
      await this.#writer.destroy()
      throw error
    }
  }

  async append(entries: readonly LedgerEntry[]): Promise<void> {
    await this.#writer.run({ task: 'append', entries })
  }

  async usage(query: UsageQuery): Promise<readonly UsageSum[]> {
    const { text, values } = usageQuery(query, 'usage', WORDS)
    return usageSums(await this.#read(text, values), query)
  }

  async audit({ since, until, limit }: AuditQuery): Promise<readonly AuditRecord[]> {
    const rows = await this.#read(AUDIT_LATEST, [since, until, limit])
    return rows.map(row => auditRecord(auditRow(row)))
  }

  async verify(): Promise<AuditReport> {
    const [end] = await this.#read(END, [])
    const page = async (after: number, count: number): Promise<AuditRow[]> =>
      (await this.#read(AUDIT_PAGE, [after, count])).map(auditRow)
    return verifyAudit(auditEnd(end!), page, this.#seals)
  }

  async find(ids: readonly string[]): Promise<readonly Attempt[]> {
    return (await this.#read(FIND, [JSON.stringify(ids.map(storable))])).map(attemptOf)
  }

  async settle(settlements: readonly Settlement[], account: AuditEntry): Promise<readonly string[]> {
    return await this.#writer.run({ task: 'settle', settlements, account }) as readonly string[]
  }

  async prune(before: number): Promise<number> {
    let pruned = 0
    // Appends get their turn in between.
    for (let changes = PORTION; changes === PORTION; pruned += changes) {
      changes = await this.#writer.run({ task: 'prune', before, most: PORTION }) as number
    }
    return pruned
  }

  async close(): Promise<void> {
    await this.#writer.run({ task: 'close' })
    await Promise.all([this.#writer.destroy(), this.#reader.destroy()])
  }

  #read(text: string, values: readonly (string | number)[]): Promise<Record<string, unknown>[]> {
    return this.#reader.run({ file: this.#file, text, values }, { signal: AbortSignal.timeout(READING) })
  }
}

const threadFile = (name: string): string => fileURLToPath(new URL(`./sqlite/${name}${extname(import.meta.url)}`, import.meta.url))

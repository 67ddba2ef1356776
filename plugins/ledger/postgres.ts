// The ledger of many machines: PostgreSQL, written by several gateways at once. Audit entries of all of them are one chain: who
// adds to it holds its head until the end of the transaction; usage alone waits for nobody. Loaded by core/registry.ts.
import { createHmac, hash } from 'node:crypto'
import type { PoolClient } from 'pg'
import {
  attemptOf, auditEnd, AuditLinks, auditRecord, auditRow, defineLedger, emptyHead, settlementAccount, settlementRow, storable,
  Type, usageQuery, usageRow, usageSums, verifyAudit, type Attempt, type AuditEntry, type AuditHead, type AuditQuery,
  type AuditRecord, type AuditReport, type AuditRow, type AuditSeals, type Ledger, type LedgerEntry, type Settlement,
  type SqlWords, type UsageQuery, type UsageSum,
} from 'gatehouse/sdk'
import { migrate } from './postgres/migrations.ts'
import { Session } from './postgres/session.ts'

/** Rows of one statement. */
const PORTION = 1000

const WORDS: SqlWords = { value: n => `$${n}`, day: "to_char(to_timestamp(at / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD')" }

// One value holds all rows, so that a statement is the same for any number of them.
const ADD_USAGE = `
  INSERT INTO gatehouse_usage (id, request, at, route, consumer, tags, dialect, provider, model, status, ending, streamed, ms,
    usage, raw, cost, price, price_version, asked, key, charged_tokens, charged_cost)
  SELECT id, request, at, route, consumer, tags::jsonb, dialect, provider, model, status, ending, streamed, ms,
    usage::jsonb, raw, cost, price, price_version, asked, key, charged_tokens, charged_cost
  FROM json_to_recordset($1) AS entry (id text, request text, at bigint, route text, consumer text, tags text, dialect text,
    provider text, model text, status integer, ending text, streamed integer, ms double precision,
    usage text, raw text, cost bigint, price text, price_version text,
    asked text, key text, charged_tokens bigint, charged_cost bigint)
  ON CONFLICT (id) DO NOTHING`
const FIND = `
  SELECT id, at, dialect, provider, model, ending FROM gatehouse_usage
  WHERE id IN (SELECT json_array_elements_text($1::json))`
const SETTLE = `
  UPDATE gatehouse_usage AS entry SET ending = 'settled', usage = told.usage::jsonb, raw = told.raw, cost = told.cost,
    price = told.price, price_version = told.price_version
  FROM json_to_recordset($1) AS told (id text, usage text, raw text, cost bigint, price text, price_version text)
  WHERE entry.id = told.id AND entry.ending = 'lost'
  RETURNING entry.id`
const ADD_AUDIT = `
  INSERT INTO gatehouse_audit (sequence, id, at, actor, action, subject, detail, previous, hash)
  SELECT sequence, id, at, actor, action, subject, detail, previous, hash
  FROM json_to_recordset($1) AS entry (sequence bigint, id text, at bigint, actor text, action text, subject text, detail text,
    previous text, hash text)`
const HAS_AUDIT = 'SELECT id FROM gatehouse_audit WHERE id = ANY($1)'
const LOCK_HEAD = 'SELECT 1 FROM gatehouse_audit_head FOR UPDATE'
const END = `
  SELECT (SELECT max(sequence) FROM gatehouse_audit) AS last, sequence, hash, seal
  FROM (SELECT 1) AS one LEFT JOIN gatehouse_audit_head ON true`
const SET_HEAD = `
  INSERT INTO gatehouse_audit_head (one, sequence, hash, seal) VALUES (1, $1, $2, $3)
  ON CONFLICT (one) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash, seal = excluded.seal`
const AUDIT_PAGE = 'SELECT * FROM gatehouse_audit WHERE sequence > $1 ORDER BY sequence LIMIT $2'
const AUDIT_LATEST = 'SELECT * FROM gatehouse_audit WHERE at >= $1 AND at < $2 ORDER BY sequence DESC LIMIT $3'
const PRUNE = 'DELETE FROM gatehouse_usage WHERE id IN (SELECT id FROM gatehouse_usage WHERE at < $1 LIMIT $2)'

export default defineLedger({
  name: 'postgres',

  options: Type.Object({
    url: Type.String({
      pattern: '^postgres(?:ql)?://[^\\s/?#@:]+(?::[^\\s/?#@:]*)?@[^\\s/?#@]+/[^\\s/?#@]+$',
      title: 'a URL as postgres://USER:PASSWORD@HOST:PORT/DATABASE, without a query',
      description: 'Keep the password out of the file: ${env:...}.',
    }),
    key: Type.String({ minLength: 32, description: 'Seals the end of the audit chain: the same for every gateway.' }),
    tls: Type.Optional(Type.Boolean({
      description: 'The certificate of the server is verified. Left out, TLS is used everywhere but on this machine.',
    })),
    ca: Type.Optional(Type.String({
      minLength: 1, description: 'Who vouches for the server: certificates in PEM (${file:...}). TLS is used then.',
    })),
  }, { additionalProperties: false }),

  async open({ options: { url, key, tls, ca = '' } }) {
    const seals: AuditSeals = {
      hash: text => hash('sha256', text),
      seal: text => createHmac('sha256', key).update(text).digest('hex'),
    }
    const session = new Session({ url, tls, ca })
    try {
      const { found, newest } = await session.transaction(async client => {
        const versions = await migrate(client)
        if (versions.found === 0) await setHead(client, emptyHead(seals))
        return versions
      })
      if (found <= newest) return new PostgresLedger(session, seals)
      throw new Error(`expected tables of version ${newest} or older, got ${found}: a newer gatehouse has written to them`)
    } catch (error) {
      await session.close()
      throw error
    }
  },
})

class PostgresLedger implements Ledger {
  readonly #session: Session
  readonly #seals: AuditSeals

  constructor(session: Session, seals: AuditSeals) {
    this.#session = session
    this.#seals = seals
  }

  append(entries: readonly LedgerEntry[]): Promise<void> {
    const usage = entries.filter(entry => entry.kind === 'usage').map(usageRow)
    const audit = entries.filter(entry => entry.kind === 'audit')
    return this.#session.transaction(async client => {
      for (const rows of portions(usage)) await client.query(ADD_USAGE, [JSON.stringify(rows)])
      if (audit.length > 0) await this.#chain(client, audit)
    })
  }

  async usage(query: UsageQuery): Promise<readonly UsageSum[]> {
    const { text, values } = usageQuery(query, 'gatehouse_usage', WORDS)
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

  settle(settlements: readonly Settlement[], account: AuditEntry): Promise<readonly string[]> {
    return this.#session.transaction(async client => {
      const { rows } = await client.query<{ id: string }>(SETTLE, [JSON.stringify(settlements.map(settlementRow))])
      const ids = new Set(rows.map(({ id }) => id))
      const settled = settlements.filter(({ id }) => ids.has(storable(id)))
      if (settled.length > 0) await this.#chain(client, [settlementAccount(account, settled)])
      return settled.map(({ id }) => id)
    })
  }

  async prune(before: number): Promise<number> {
    let pruned = 0
    for (let changes = PORTION; changes === PORTION; pruned += changes) {
      changes = await this.#session.transaction(async client => (await client.query(PRUNE, [before, PORTION])).rowCount ?? 0)
    }
    return pruned
  }

  close(): Promise<void> { return this.#session.close() }

  /** Adds entries to the chain, which nobody else can do until this transaction ends. */
  async #chain(client: PoolClient, entries: readonly AuditEntry[]): Promise<void> {
    // A statement of its own: what was committed while it waited is seen by the next only.
    await client.query(LOCK_HEAD)
    const { rows: [end] } = await client.query<Record<string, unknown>>(END)
    const links = new AuditLinks(auditEnd(end!), this.#seals)
    for (const some of portions(entries)) {
      const byId = new Map(some.map(entry => [storable(entry.id), entry]))
      const { rows } = await client.query<{ id: string }>(HAS_AUDIT, [[...byId.keys()]])
      for (const { id } of rows) byId.delete(id)
      await client.query(ADD_AUDIT, [JSON.stringify([...byId.values()].map(entry => links.add(entry)))])
    }
    if (links.added > 0) await setHead(client, links.head)
  }

  #read(text: string, values: readonly (string | number)[]): Promise<Record<string, unknown>[]> {
    return this.#session.transaction(async client => (await client.query<Record<string, unknown>>(text, [...values])).rows)
  }
}

async function setHead(client: PoolClient, head: AuditHead): Promise<void> {
  await client.query(SET_HEAD, [head.sequence, head.hash, head.seal])
}

function* portions<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += PORTION) yield all.slice(at, at + PORTION)
}

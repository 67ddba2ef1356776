// The index of many machines: PostgreSQL with pgvector. A search looks at all entries of a partition, so what it finds is exact.
// Connects when it is first asked; nothing of a row ever stands in an error.
import { isIPv4 } from 'node:net'
import { Pool } from 'pg'
import { defineIndex, Type, type Near } from 'gatehouse/sdk'

/** Connections of one worker. */
const CONNECTIONS = 4
/** Milliseconds to get a connection, for a statement, and to wait for an answer of a server that may be gone. */
const CONNECTING = 5_000
const STATEMENT = 20_000
const ANSWER = 25_000
/** Between two looks for what has expired, in calls of `put`; and rows that one of them deletes. */
const CLEANING = 100
const PORTION = 1000
/** Serialises those that make the table; any number that is the same everywhere. */
const LOCK = 7_236_013

export default defineIndex({
  name: 'postgres',
  options: Type.Object({
    url: Type.String({
      pattern: '^postgres(?:ql)?://[^\\s?#]+$', title: 'a URL as postgres://USER:PASSWORD@HOST:PORT/DATABASE, without a query',
      description: 'Keep the password out of the file: ${env:...}.',
    }),
    tls: Type.Optional(Type.Boolean({ description: 'The certificate of the server is verified. Left out, TLS is used everywhere but on this machine.' })),
  }, { additionalProperties: false }),

  async open({ options: { url, tls }, dimensions, model }) {
    const table = `gatehouse_vectors_${dimensions}`
    const { hostname } = new URL(url)
    const pool = new Pool({
      connectionString: url, ssl: tls ?? !isThisMachine(hostname) ? { rejectUnauthorized: true } : false, max: CONNECTIONS,
      connectionTimeoutMillis: CONNECTING, statement_timeout: STATEMENT, query_timeout: ANSWER, application_name: 'gatehouse', allowExitOnIdle: true,
    })
    // Who uses a connection hears of its end by the query that fails; one that nobody uses is not missed.
    pool.on('error', () => {})
    let made: Promise<unknown> | undefined
    let puts = 0

    async function run(sql: string, values: readonly unknown[] = []): Promise<{ rows: Record<string, unknown>[]; count: number }> {
      try {
        await (made ??= pool.query(tableOf(table, dimensions)).catch((error: unknown) => {
          // The next that asks tries again.
          made = undefined
          throw error
        }))
        const { rows, rowCount } = await pool.query<Record<string, unknown>>(sql, [...values])
        return { rows, count: rowCount ?? 0 }
      } catch (error) {
        throw told(error as Error & { readonly code?: string }, hostname)
      }
    }

    return {
      async put(entries) {
        // One value holds all rows, so that a statement is the same for any number of them; the last of the same id wins.
        const rows = new Map(entries.map(({ vector, expires, ...entry }) => [`${entry.partition}\0${entry.id}`, {
          ...entry, model, vector: `[${vector.join()}]`, expires: Number.isFinite(expires) ? expires : null,
        }]))
        await run(`
          INSERT INTO ${table} (model, partition, id, vector, payload, expires, tags)
          SELECT model, partition, id, vector::vector, payload, expires, tags FROM json_to_recordset($1)
            AS entry (model text, partition text, id text, vector text, payload text, expires double precision, tags text[])
          ON CONFLICT (model, partition, id) DO UPDATE
            SET vector = excluded.vector, payload = excluded.payload, expires = excluded.expires, tags = excluded.tags`,
        [JSON.stringify([...rows.values()])])
        if (puts++ % CLEANING === 0) {
          await run(`DELETE FROM ${table} WHERE ctid IN (SELECT ctid FROM ${table} WHERE expires <= $1 LIMIT ${PORTION})`, [Date.now()])
        }
      },
      async nearest(partition, vector, count) {
        const { rows } = await run(`
          SELECT id, payload, 1 - (vector <=> $3::vector) AS similarity FROM ${table}
          WHERE model = $1 AND partition = $2 AND (expires IS NULL OR expires > $4) ORDER BY vector <=> $3::vector LIMIT $5`,
        [model, partition, `[${vector.join()}]`, Date.now(), count])
        return rows.map(({ id, payload, similarity }): Near => ({ id: String(id), payload: String(payload), similarity: Number(similarity) }))
      },
      async forget(tags, partition) {
        const { count } = await run(`DELETE FROM ${table} WHERE tags && $1::text[] AND model = $2 AND ($3::text IS NULL OR partition = $3)`,
          [tags, model, partition ?? null])
        return count
      },
      async ids(partition) {
        const { rows } = await run(`SELECT id FROM ${table} WHERE model = $1 AND partition = $2`, [model, partition])
        return rows.map(({ id }) => String(id))
      },
      async remove(partition, ids) {
        await run(`DELETE FROM ${table} WHERE model = $1 AND partition = $2 AND id = ANY($3::text[])`, [model, partition, ids])
      },
      async size() {
        const { rows } = await run(`SELECT count(*) AS size FROM ${table} WHERE model = $1`, [model])
        return Number(rows[0]!['size'])
      },
      close: () => pool.end(),
    }
  },
})

/** One transaction: several statements in one query. */
const tableOf = (table: string, dimensions: number): string => `
  SELECT pg_advisory_xact_lock(${LOCK});
  CREATE EXTENSION IF NOT EXISTS vector;
  CREATE TABLE IF NOT EXISTS ${table} (
    model text NOT NULL, partition text NOT NULL, id text NOT NULL, vector vector(${dimensions}) NOT NULL, payload text NOT NULL,
    expires double precision, tags text[] NOT NULL, PRIMARY KEY (model, partition, id));
  CREATE INDEX IF NOT EXISTS ${table}_tags ON ${table} USING gin (tags);
  CREATE INDEX IF NOT EXISTS ${table}_expires ON ${table} (expires)`

/** What a server says of an error may hold the values of a row; its code does not. */
function told({ code, message }: Error & { readonly code?: string }, host: string): Error {
  return new Error(`PostgreSQL at ${host}: ${code === undefined ? message : `error ${code}`}`)
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'))
}

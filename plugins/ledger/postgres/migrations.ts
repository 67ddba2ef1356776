// The tables of the PostgreSQL ledger, from an empty database on, a step a version, in the first schema of the user's search
// path. Steps are for good: what has to change gets a step of its own. Called when ../postgres.ts opens a database.
import type { PoolClient } from 'pg'

const STEPS: readonly string[] = [
  `CREATE TABLE gatehouse_usage (
    id text PRIMARY KEY, request text NOT NULL, at bigint NOT NULL,
    route text NOT NULL, consumer text NOT NULL, tags jsonb NOT NULL, dialect text NOT NULL,
    provider text NOT NULL, model text NOT NULL,
    status integer NOT NULL, ending text NOT NULL, streamed integer NOT NULL, ms double precision NOT NULL,
    usage jsonb, raw text NOT NULL, cost bigint, price text, price_version text NOT NULL,
    input bigint GENERATED ALWAYS AS ((usage ->> 'input')::bigint) STORED,
    output bigint GENERATED ALWAYS AS ((usage ->> 'output')::bigint) STORED,
    cache_read bigint GENERATED ALWAYS AS ((usage ->> 'cacheRead')::bigint) STORED,
    cache_write bigint GENERATED ALWAYS AS ((usage ->> 'cacheWrite')::bigint) STORED,
    reasoning bigint GENERATED ALWAYS AS ((usage ->> 'reasoning')::bigint) STORED,
    source text GENERATED ALWAYS AS (usage ->> 'source') STORED
  );
  CREATE INDEX gatehouse_usage_at ON gatehouse_usage (at);
  CREATE TABLE gatehouse_audit (
    sequence bigint PRIMARY KEY, id text NOT NULL UNIQUE, at bigint NOT NULL, actor text NOT NULL, action text NOT NULL,
    subject text NOT NULL, detail text NOT NULL, previous text NOT NULL, hash text NOT NULL
  );
  CREATE INDEX gatehouse_audit_at ON gatehouse_audit (at);
  CREATE TABLE gatehouse_audit_head (
    one integer PRIMARY KEY CHECK (one = 1), sequence bigint NOT NULL, hash text NOT NULL, seal text NOT NULL
  )`,
  `ALTER TABLE gatehouse_usage ADD COLUMN asked text NOT NULL DEFAULT '', ADD COLUMN key text NOT NULL DEFAULT '',
    ADD COLUMN charged_tokens bigint, ADD COLUMN charged_cost bigint`,
]
/** The number of the advisory lock that gateways which start at once wait for: "gatehous" in bytes. */
const LOCK = '7449363237540164979'

/** Brings a database up to date, one gateway at a time. */
export async function migrate(client: PoolClient): Promise<{ readonly found: number; readonly newest: number }> {
  await client.query(`SELECT pg_advisory_xact_lock(${LOCK})`)
  await client.query('CREATE TABLE IF NOT EXISTS gatehouse_migrations (version integer PRIMARY KEY, at bigint NOT NULL)')
  const { rows } = await client.query<{ version: number | null }>('SELECT max(version) AS version FROM gatehouse_migrations')
  const found = rows[0]!.version ?? 0
  for (const [index, step] of STEPS.entries()) {
    if (index < found) continue
    await client.query(step)
    await client.query('INSERT INTO gatehouse_migrations VALUES ($1, $2)', [index + 1, Date.now()])
  }
  return { found, newest: STEPS.length }
}

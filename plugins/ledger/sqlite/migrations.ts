// The tables of the SQLite ledger, from an empty file on, a step a version. Steps are for good: what has to change gets a
// step of its own. Called when ../sqlite.ts opens a file.
import type { DatabaseSync } from 'node:sqlite'

const STEPS: readonly string[] = [
  `CREATE TABLE usage (
    id TEXT PRIMARY KEY, request TEXT NOT NULL, at INTEGER NOT NULL,
    route TEXT NOT NULL, consumer TEXT NOT NULL, tags TEXT NOT NULL, dialect TEXT NOT NULL,
    provider TEXT NOT NULL, model TEXT NOT NULL,
    status INTEGER NOT NULL, ending TEXT NOT NULL, streamed INTEGER NOT NULL, ms REAL NOT NULL,
    usage TEXT, raw TEXT NOT NULL, cost INTEGER, price TEXT, price_version TEXT NOT NULL,
    input INTEGER GENERATED ALWAYS AS (usage ->> 'input') STORED,
    output INTEGER GENERATED ALWAYS AS (usage ->> 'output') STORED,
    cache_read INTEGER GENERATED ALWAYS AS (usage ->> 'cacheRead') STORED,
    cache_write INTEGER GENERATED ALWAYS AS (usage ->> 'cacheWrite') STORED,
    reasoning INTEGER GENERATED ALWAYS AS (usage ->> 'reasoning') STORED,
    source TEXT GENERATED ALWAYS AS (usage ->> 'source') STORED
  ) STRICT;
  CREATE INDEX usage_at ON usage (at);
  CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
    subject TEXT NOT NULL, detail TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_at ON audit (at);
  CREATE TABLE audit_head (
    one INTEGER PRIMARY KEY CHECK (one = 1), sequence INTEGER NOT NULL, hash TEXT NOT NULL, seal TEXT NOT NULL
  ) STRICT`,
  `ALTER TABLE usage ADD COLUMN asked TEXT NOT NULL DEFAULT '';
  ALTER TABLE usage ADD COLUMN key TEXT NOT NULL DEFAULT '';
  ALTER TABLE usage ADD COLUMN charged_tokens INTEGER;
  ALTER TABLE usage ADD COLUMN charged_cost INTEGER`,
]

/** Brings a database up to date: true where it was new. Throws a sentence where a newer version of the house wrote to it. */
export function migrate(database: DatabaseSync): boolean {
  database.exec('BEGIN IMMEDIATE')
  try {
    database.exec('CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT')
    const done = Number(database.prepare('SELECT coalesce(max(version), 0) AS version FROM migrations').get()!['version'])
    if (done > STEPS.length) {
      throw new Error(`expected tables of version ${STEPS.length} or older, got ${done}: a newer gatehouse has written to them`)
    }
    const note = database.prepare('INSERT INTO migrations VALUES (?, ?)')
    for (const [index, step] of STEPS.entries()) {
      if (index < done) continue
      database.exec(step)
      note.run(index + 1, Date.now())
    }
    database.exec('COMMIT')
    return done === 0
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

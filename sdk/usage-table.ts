// Usage in a table of an SQL database: an entry as a row, and a query as SQL, in the words that SQLite and PostgreSQL have in
// common. Pure. The table has a column for each value of a row, and `input`, `output`, `cache_read`, `cache_write`,
// `reasoning` and `source`, generated from `usage`.
import { storable } from './audit-chain.ts'
import type { Attempt, AuditEntry, Settlement, UsageColumn, UsageEntry, UsageQuery, UsageSum } from './store.ts'

/** How one database says what another says otherwise. */
export interface SqlWords {
  /** The nth value of a statement, from 1: `$1`. */
  value(n: number): string
  /** The day of the column `at`, as `2026-11-21`. */
  readonly day: string
}

/** A statement with its values. */
export interface SqlQuery {
  readonly text: string
  readonly values: readonly (string | number)[]
}

const COLUMNS: ReadonlySet<string> = new Set(['consumer', 'key', 'route', 'provider', 'model', 'asked', 'dialect', 'ending'])
const MOST_GROUPS = 10_000

/** An entry as a row. `tags` and `usage` are JSON, `streamed` is 0 or 1. */
export function usageRow(entry: UsageEntry): Record<string, string | number | null> {
  const { at, tags, status, ending, streamed, ms, usage, cost, price, chargedTokens, chargedCost } = entry
  const tagged = Object.entries(tags).map(([name, value]) => [storable(name), storable(value)])
  return {
    id: storable(entry.id), request: storable(entry.request), at,
    route: storable(entry.route), consumer: storable(entry.consumer), tags: JSON.stringify(Object.fromEntries(tagged)),
    dialect: storable(entry.dialect), provider: storable(entry.provider), model: storable(entry.model), status, ending, streamed: Number(streamed), ms,
    usage: usage === undefined ? null : JSON.stringify(usage), raw: storable(entry.raw),
    cost: cost ?? null, price: price ?? null, price_version: storable(entry.priceVersion),
    // A journal may have been written before there were these.
    asked: storable(entry.asked ?? ''), key: storable(entry.key ?? ''), charged_tokens: chargedTokens ?? null, charged_cost: chargedCost ?? null,
  }
}

/** The values of a row that change where its entry is settled, by its id. */
export function settlementRow({ id, usage, raw, cost, price, priceVersion }: Settlement): Record<string, string | number | null> {
  return {
    id: storable(id), usage: JSON.stringify(usage), raw: storable(raw),
    cost: cost ?? null, price: price ?? null, price_version: storable(priceVersion),
  }
}

/** The audit entry of those settlements that were entered. */
export function settlementAccount(account: AuditEntry, settled: readonly Settlement[]): AuditEntry {
  const tokens = settled.reduce((sum, { usage: { input, output } }) => sum + input + output, 0)
  return { ...account, detail: { ...account.detail, attempts: settled.length, tokens } }
}

/** A row as it takes to settle it; numbers may come as texts or as bigints. */
export function attemptOf(row: Readonly<Record<string, unknown>>): Attempt {
  const text = (name: string): string => String(row[name])
  return {
    id: text('id'), at: Number(row['at']), dialect: text('dialect'), provider: text('provider'), model: text('model'),
    ending: row['ending'] as UsageEntry['ending'],
  }
}

/** What gives the sums of a query, as `usageSums` reads them. */
export function usageQuery(query: UsageQuery, table: string, words: SqlWords): SqlQuery {
  const values: (string | number)[] = []
  const given = (value: string | number): string => words.value(values.push(value))
  const column = (name: UsageColumn): string => {
    if (name === 'day') return words.day
    if (name.startsWith('tags.')) return `coalesce(tags ->> CAST(${given(name.slice('tags.'.length))} AS text), '')`
    if (!COLUMNS.has(name)) throw new Error('expected a column by which usage can be grouped')
    return name
  }
  const groups = query.by.map((name, index) => `${column(name)} AS g${index}`)
  const terms = [
    `at >= ${given(query.since)}`, `at < ${given(query.until)}`,
    ...(Object.entries(query.where) as [UsageColumn, string][]).map(([name, value]) => `${column(name)} = ${given(value)}`),
  ]
  const text = `SELECT ${[...groups, SUMS].join(', ')} FROM ${table} WHERE ${terms.join(' AND ')}`
    + (groups.length === 0 ? '' : ` GROUP BY ${groups.map((_, index) => index + 1).join(', ')} LIMIT ${mostOf(query) + 1}`)
  return { text, values }
}

const SUMS = `
  count(DISTINCT request) AS requests, count(*) AS attempts,
  count(*) FILTER (WHERE ending = 'lost' AND usage IS NULL) AS lost,
  count(*) FILTER (WHERE source = 'estimated') AS estimated,
  coalesce(sum(input), 0) AS input, coalesce(sum(output), 0) AS output,
  coalesce(sum(cache_read), 0) AS cache_read, coalesce(sum(cache_write), 0) AS cache_write,
  coalesce(sum(reasoning), 0) AS reasoning, coalesce(sum(cost), 0) AS cost,
  count(*) FILTER (WHERE input + output > 0 AND (cost IS NULL OR coalesce(price, '') <> 'exact')) AS unpriced,
  coalesce(sum(coalesce(charged_tokens, input - cache_read + output)), 0) AS charged_tokens,
  coalesce(sum(coalesce(charged_cost, cost)), 0) AS charged_cost`

/** The sums that a database gave, sorted by the code units of their groups. Numbers may come as texts or as bigints. */
export function usageSums(rows: readonly Readonly<Record<string, unknown>>[], query: UsageQuery): UsageSum[] {
  if (rows.length > mostOf(query)) {
    throw new Error(`expected at most ${mostOf(query)} groups: ask for fewer columns, a shorter time, or one value of a column`)
  }
  const sums = rows.map((row): UsageSum => {
    const number = (name: string): number => Number(row[name])
    return {
      group: query.by.map((_, index) => String(row[`g${index}`])),
      requests: number('requests'), attempts: number('attempts'), lost: number('lost'), estimated: number('estimated'),
      input: number('input'), output: number('output'), cacheRead: number('cache_read'), cacheWrite: number('cache_write'),
      reasoning: number('reasoning'), cost: BigInt(row['cost'] as string | bigint), unpriced: number('unpriced'),
      chargedTokens: number('charged_tokens'), chargedCost: BigInt(row['charged_cost'] as string | bigint),
    }
  })
  return sums.toSorted((a, b) => compare(a.group, b.group))
}

const mostOf = ({ most = MOST_GROUPS }: UsageQuery): number => most

function compare(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((value, index) => value !== b[index])
  if (at === -1) return 0
  return a[at]! < b[at]! ? -1 : 1
}

// Usage as people ask for it and as they are told: times and columns in words, sums as rows, rows as CSV. The same at the
// command line (core/cli/usage.ts, core/cli/audit.ts) and at the admin port (plugins/admin.ts). Pure.
import type { AuditRecord, UsageColumn, UsageQuery, UsageSum } from './store.ts'

/** What somebody asks, in words; what is left out has a default. */
export interface UsageWords {
  /** Columns, with commas between them. Default: consumer. */
  readonly by?: string | undefined
  /** How long ago, or when: see `timeOf`. Default: 7d, up to now. */
  readonly since?: string | undefined
  readonly until?: string | undefined
  /** `model=gpt-5`, each of which has to hold. */
  readonly where?: readonly string[] | undefined
}

/** What usage can be grouped by, in words. */
export const USAGE_COLUMNS = 'consumer, key, route, provider, model, asked, dialect, ending, day or tags.NAME'

const COLUMN = /^(?:consumer|key|route|provider|model|asked|dialect|ending|day|tags\.[A-Za-z0-9][A-Za-z0-9._@:-]{0,63})$/
const MOST_COLUMNS = 8
const AGO = /^(\d{1,6})([mhdw])$/
const MINUTES: Readonly<Record<string, number>> = { m: 1, h: 60, d: 24 * 60, w: 7 * 24 * 60 }
/** What `Date` reads the same everywhere: a date alone is UTC, and a time says its zone. */
const WHEN = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/

/** A query, or an error whose sentence says what was expected. */
export function usageQueryOf({ by = 'consumer', since, until, where = [] }: UsageWords, now: number): UsageQuery {
  const columns = by.split(',').map(columnOf)
  if (columns.length > MOST_COLUMNS) throw new Error(`expected at most ${MOST_COLUMNS} columns`)
  const terms = where.map(term => {
    const [name = '', ...value] = term.split('=')
    if (value.length === 0) throw new Error('expected a condition as COLUMN=VALUE')
    return [columnOf(name), value.join('=')] as const
  })
  if (new Set(terms.map(([name]) => name)).size < terms.length) throw new Error('expected one condition for a column')
  return { by: columns, where: Object.fromEntries(terms), ...spanOf({ since, until }, now) }
}

/** A span of time that ends now where nobody says otherwise. */
export function spanOf({ since = '7d', until }: Pick<UsageWords, 'since' | 'until'>, now: number) {
  return { since: timeOf(since, now), until: until === undefined ? now + 1 : timeOf(until, now) }
}

/** Milliseconds since 1970 of a time in words: `90m`, `24h`, `7d` or `4w` ago, `2026-11-21` (UTC), or `2026-11-21T09:00Z`. */
function timeOf(words: string, now: number): number {
  const [, count, unit = ''] = AGO.exec(words) ?? []
  if (count !== undefined) return now - Number(count) * MINUTES[unit]! * 60_000
  const time = WHEN.test(words) ? Date.parse(words) : Number.NaN
  if (Number.isNaN(time)) throw new Error('expected a time as 90m, 24h, 7d or 4w (ago), 2026-11-21 (UTC) or 2026-11-21T09:00Z')
  return time
}

function columnOf(name: string): UsageColumn {
  if (!COLUMN.test(name)) throw new Error(`expected columns to be ${USAGE_COLUMNS}`)
  return name as UsageColumn
}

/** Names and cells of a table. Texts and numbers, so that a table can tell them apart. */
export interface Report {
  readonly names: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
}

/** Sums as a table. `costUsd` is a text, in dollars with all nine digits: no number of JSON would keep them. */
export function usageReport({ by }: UsageQuery, sums: readonly UsageSum[]): Report {
  return {
    names: [
      ...by, 'requests', 'attempts', 'lost', 'estimated',
      'input', 'output', 'cacheRead', 'cacheWrite', 'reasoning', 'unpriced', 'costUsd',
    ],
    rows: sums.map(sum => [
      ...sum.group, sum.requests, sum.attempts, sum.lost, sum.estimated,
      sum.input, sum.output, sum.cacheRead, sum.cacheWrite, sum.reasoning, sum.unpriced, dollars(sum.cost),
    ]),
  }
}

/** Audit entries as a table. */
export function auditReport(entries: readonly AuditRecord[]): Report {
  return {
    names: ['sequence', 'at', 'actor', 'action', 'subject', 'detail', 'id'],
    rows: entries.map(({ sequence, at, actor, action, subject, detail, id }) =>
      [sequence, new Date(at).toISOString(), actor, action, subject, JSON.stringify(detail), id]),
  }
}

/** Billionths of a dollar as dollars: `12.000345000`. Exact. */
export function dollars(nano: bigint): string {
  const digits = String(nano < 0n ? -nano : nano).padStart(10, '0')
  return `${nano < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`
}

/** A report as objects, one a row. */
export function reportObjects({ names, rows }: Report): Record<string, string | number>[] {
  return rows.map(row => Object.fromEntries(row.map((cell, index) => [names[index]!, cell])))
}

/**
 * A report as CSV (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe before it, as OWASP
 * advises; control characters become U+FFFD.
 */
export function reportCsv({ names, rows }: Report): string {
  return [names, ...rows].map(row => `${row.map(field).join(',')}\r\n`).join('')
}

function field(cell: string | number): string {
  if (typeof cell === 'number') return String(cell)
  const text = cell.replace(/\p{Cc}/gu, '\uFFFD')
  const safe = /^\s*[=+\-@＝＋－＠]/u.test(text) ? `'${text}` : text
  return /[",]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

// How the books are kept, as metrics. Used by scraper.ts and ../metrics.ts.
import type { BookNumbers } from 'gatehouse/sdk'
import { metric, type Metric } from './series.ts'

/** The supervisor's share: what the ledger took. Nothing where there is no ledger. */
export function bookMetrics(books: BookNumbers | undefined): Metric[] {
  if (books === undefined) return []
  const { entries, lost, torn, waitingBytes, failingSince } = books
  return [
    metric('gatehouse_ledger_entries_total', 'Entries that the ledger has taken.', 'counter', [[{}, entries]]),
    metric('gatehouse_ledger_lost_total', 'Attempts that a process did not live to end.', 'counter', [[{}, lost]]),
    metric('gatehouse_ledger_torn_total', 'Journal lines that a process did not live to write whole.', 'counter', [[{}, torn]]),
    metric('gatehouse_ledger_waiting_bytes', 'Journals on disk, in bytes.', 'gauge', [[{}, waitingBytes]]),
    metric('gatehouse_ledger_failing_seconds', 'How long the ledger has taken nothing.', 'gauge', [[{}, failingSince === 0 ? 0 : (Date.now() - failingSince) / 1000]]),
  ]
}

/** A worker's share: what found no room on the disk. */
export const journalMetrics = (dropped: number | undefined): Metric[] => dropped === undefined ? []
  : [metric('gatehouse_journal_dropped_total', 'Journal lines that found no room on the disk.', 'counter', [[{}, dropped]])]

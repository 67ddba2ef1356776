// Rounds into a table: medians, and ratios against the bare proxy of the same round. Pure. Called by bench/main.ts.
import { markdown } from './markdown.ts'
import type { Round, Sample } from './measure.ts'
import { median } from './quantile.ts'

/** What was measured of one candidate. */
export interface Row {
  readonly name: string
  readonly about: string
  readonly rounds: readonly Round[]
}

/** CPU per unit over that of the bare proxy, in each round. */
export const ratios = (rounds: readonly Round[]): number[] => rounds.map(round => round.candidate.cpu / round.bare.cpu)

const HEAD = ['server', 'per second', 'CPU µs', 'ratio', 'min–max', 'p50 ms', 'p99 ms', 'added ms']

/** A Markdown table. The bare proxy is shown as the first row met it. */
export function table(rows: readonly Row[]): string {
  const bare = rows.slice(0, 1).map(({ rounds }) => cells('bare', rounds.map(round => ({ ...round, candidate: round.bare }))))
  return markdown(HEAD, [...bare, ...rows.map(row => cells(row.name, row.rounds))])
}

function cells(name: string, rounds: readonly Round[]): string[] {
  const middle = (pick: (sample: Sample) => number, digits: number) =>
    median(rounds.map(round => pick(round.candidate))).toFixed(digits)
  const all = ratios(rounds)
  return [
    name,
    middle(sample => sample.unitsPerSecond, 0),
    middle(sample => sample.cpu, 1),
    `${median(all).toFixed(2)}x`,
    `${Math.min(...all).toFixed(2)}–${Math.max(...all).toFixed(2)}`,
    middle(sample => sample.p50, 2),
    middle(sample => sample.p99, 2),
    middle(sample => sample.added, 2),
  ]
}

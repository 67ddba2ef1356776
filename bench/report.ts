// Rounds into a table: medians, and ratios against the bare proxy of the same round. Pure. Called by bench/main.ts.
import type { Round, Sample } from './measure.ts'

/** What was measured of one candidate. */
export interface Row {
  readonly name: string
  readonly about: string
  readonly rounds: readonly Round[]
}

/** The middle value; of an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1)
  return middle.reduce((sum, value) => sum + value, 0) / middle.length
}

/** CPU per unit over that of the bare proxy, in each round. */
export const ratios = (rounds: readonly Round[]): number[] => rounds.map(round => round.candidate.cpu / round.bare.cpu)

const HEAD = ['server', 'per second', 'CPU µs', 'ratio', 'min–max', 'p50 ms', 'p99 ms', 'added ms']

/** A Markdown table, aligned so that it reads as well in a terminal. The bare proxy is shown as the first row met it. */
export function table(rows: readonly Row[]): string {
  const bare = rows.slice(0, 1).map(({ rounds }) => cells('bare', rounds.map(round => ({ ...round, candidate: round.bare }))))
  const body = [...bare, ...rows.map(row => cells(row.name, row.rounds))]
  const widths = HEAD.map((head, column) => Math.max(head.length, ...body.map(line => line[column]?.length ?? 0)))
  const write = ([name = '', ...figures]: readonly string[]) =>
    `| ${[name.padEnd(widths[0] ?? 0), ...figures.map((figure, index) => figure.padStart(widths[index + 1] ?? 0))].join(' | ')} |`
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [HEAD, rule, ...body].map(write).join('\n')
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

// What was measured of each place as a table, beside the bounds that it should keep. Pure. Called by bench/places.ts.
import { markdown } from '../markdown.ts'
import { percentile } from '../quantile.ts'
import type { LoopDelay } from './loop-delay.ts'
import type { Ending, Outcome } from './pace.ts'

/** Where a processor may run. */
export const PLACES = ['inline', 'pool', 'sandbox'] as const

/** One place at one rate. A rate of 0 is the idle value. */
export interface Phase {
  readonly place: typeof PLACES[number]
  /** Burning requests a second. */
  readonly rate: number
  readonly burns: readonly Outcome[]
  /** The requests that have no chain at all. */
  readonly plain: readonly Outcome[]
  readonly loop: LoopDelay
  /** 99th percentile of how late the loop of the measuring program itself was, in milliseconds. */
  readonly client: number
}

/** What pool and sandbox should keep: the loop's delay in milliseconds, and the plain p99 over its idle value. */
export const BOUNDS = { loop: 10, ratio: 2 } as const

const HEAD = [
  'place', 'burns/s', 'ok', 'refused', 'late', 'failed',
  'loop p50', 'loop p99', 'plain p50', 'plain p99', 'to idle', 'client p99', 'bounds',
]

/** A Markdown table. Times are in milliseconds; ratios are to the idle phase of the same place. */
export function placeTable(phases: readonly Phase[]): string {
  return markdown(HEAD, phases.map(phase => {
    const { place, rate, burns, plain, loop, client } = phase
    const ratio = ratioToIdle(phase, phases)
    const count = (ending: Ending) => `${burns.filter(burn => burn.ending === ending).length}`
    return [
      place, rate === 0 ? 'idle' : `${rate}`, count('ok'), count('refused'), count('late'), count('failed'),
      loop.p50.toFixed(1), loop.p99.toFixed(1), at(plain, 50).toFixed(2), at(plain, 99).toFixed(2), `${ratio.toFixed(2)}x`,
      client.toFixed(1), place === 'inline' || rate === 0 ? '' : verdict(loop.p99, ratio),
    ]
  }))
}

/** Sentences on what must not be: a plain request that was not served. */
export function losses(phases: readonly Phase[]): string[] {
  return phases.flatMap(({ place, rate, plain }) => {
    const lost = plain.filter(({ ending }) => ending !== 'ok').length
    return lost === 0 ? [] : [`${place} at ${rate}/s: ${lost} of ${plain.length} plain requests failed.`]
  })
}

function ratioToIdle({ place, plain }: Phase, phases: readonly Phase[]): number {
  const idle = phases.find(phase => phase.place === place && phase.rate === 0)
  return at(plain, 99) / at(idle?.plain ?? [], 99)
}

const at = (outcomes: readonly Outcome[], percent: number): number => percentile(outcomes.map(({ ms }) => ms), percent)

function verdict(loop: number, ratio: number): string {
  const missed = [loop < BOUNDS.loop ? '' : 'loop', ratio < BOUNDS.ratio ? '' : 'plain'].filter(name => name !== '')
  return missed.length === 0 ? 'kept' : `missed: ${missed.join(', ')}`
}

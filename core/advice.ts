// How long the calls of inline steps hold a worker's loop, and what to do where that is too long. step.ts feeds the clocks,
// house.ts reads them for the plugins, worker.ts for the log.
import type { LoopTime } from '../sdk/index.ts'
import type { Logger } from './logger.ts'
import type { Route } from './router.ts'
import type { Step } from './step.ts'

/** Milliseconds of the loop that a step may take in 99 of 100 calls: while it runs, every other request waits. */
const MOST_MS = 2
/** Calls before anything is said: of fewer, the slowest would pass for the rule. */
const LEAST_CALLS = 100
const REMEDY = 'while it runs every other request waits; run it elsewhere: `run: pool`, or `run: sandbox`'
/** Buckets for each doubling of the time, and the doublings: from 2^-7 ms (8 us) to 2^13 ms (8 s). */
const PARTS = 4
const LOWEST = -7
const HIGHEST = 13
/** Milliseconds between looks at the clocks. */
const LOOK = 10_000

/** Counts calls by how long they took, in buckets that grow by a fifth each. */
export class LoopClock {
  readonly #buckets = new Uint32Array((HIGHEST - LOWEST) * PARTS + 1)
  calls = 0

  /** Notes a call that held the loop for so many milliseconds. */
  add(ms: number): void {
    const bucket = Math.ceil((Math.log2(ms) - LOWEST) * PARTS)
    this.#buckets[Math.min(Math.max(bucket, 0), this.#buckets.length - 1)]!++
    this.calls++
  }

  /** Milliseconds that 99 of 100 calls did not pass: the upper bound of a bucket; 0 where there was no call. */
  get p99(): number {
    let above = this.calls * 0.01
    for (let bucket = this.#buckets.length - 1; bucket >= 0; bucket--) {
      above -= this.#buckets[bucket]!
      if (above < 0) return 2 ** (bucket / PARTS + LOWEST)
    }
    return 0
  }
}

/** The inline steps of all routes with the times of their calls, each step once. Steps that were never called are left out. */
export function loopTimesOf(routes: readonly Pick<Route, 'chain'>[]): LoopTime[] {
  return [...clocksOf(routes)].filter(([{ calls }]) => calls > 0).map(([clock, { chain, step }]) => timeOf(clock, chain, step))
}

function timeOf({ calls, p99 }: LoopClock, chain: string, step: string): LoopTime {
  const slow = calls >= LEAST_CALLS && p99 > MOST_MS
  return { chain, step, calls, p99, advice: slow ? REMEDY : undefined }
}

function clocksOf(routes: readonly Pick<Route, 'chain'>[]): Map<LoopClock, { readonly chain: string; readonly step: string }> {
  const clocks = new Map<LoopClock, { chain: string; step: string }>()
  for (const { chain } of routes) {
    for (const { name, executor: { clock } } of stepsOf(chain)) {
      if (clock !== undefined) clocks.set(clock, { chain: chain.name, step: name })
    }
  }
  return clocks
}

const stepsOf = ({ request, beside, response, observers }: Route['chain']): Step[] => [...request, ...beside, ...response, ...observers]

/** Warns of slow steps of the config that serves, once of each. */
export class Adviser {
  readonly #log: Logger
  readonly #warned = new WeakSet<LoopClock>()

  constructor(log: Logger) {
    this.#log = log
  }

  /** Looks from time to time for as long as the process lives. `routes` gives those of the config that serves. */
  watch(routes: () => readonly Pick<Route, 'chain'>[]): void {
    setInterval(() => this.look(routes()), LOOK).unref()
  }

  look(routes: readonly Pick<Route, 'chain'>[]): void {
    for (const [clock, { chain, step }] of clocksOf(routes)) {
      const { calls, p99, advice } = timeOf(clock, chain, step)
      if (advice === undefined || this.#warned.has(clock)) continue
      this.#warned.add(clock)
      this.#log.warn({ chain, step, calls, p99: Math.round(p99 * 10) / 10, advice }, 'a step holds the loop for long (p99 in ms)')
    }
  }
}

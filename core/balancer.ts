// Which target goes first, and which after it. One entry of ORDERS is one way to choose. Called by reach.ts for every request.
import { hash } from 'node:crypto'
import type { RouteConfig } from '../config/config.ts'
import { usualCost, type PriceOf } from './prices.ts'

/** A choice. */
export interface Choice {
  readonly name: string
  readonly model: string | undefined
  /** Its share of the requests, relative to the others; with 0 it is only ever a next choice. */
  readonly weight: number
  /** What the tokens of the model that the client named cost there. */
  readonly price: PriceOf
  readonly health: { readonly busy: number; readonly latency: number }
}

/** What a choice is drawn from. */
export interface Lot {
  /** From 0 to below 1. */
  readonly random: number
  /** The number of the request among those of its route. */
  readonly turn: number
  /** What `sticky` sticks to. */
  readonly key: string
  /** The model that the client named. */
  readonly model: string
}

type Order = <T extends Choice>(targets: readonly T[], lot: Lot) => readonly T[]

const ORDERS: Readonly<Record<RouteConfig['balance'], Order>> = {
  /** In proportion to the weights; the heaviest next. */
  weighted(targets, { random }) {
    const first = pick(targets, random)
    const others = targets.filter((_, index) => index !== first)
    return [targets[first]!, ...others.toSorted((a, b) => b.weight - a.weight)]
  },

  priority: targets => targets,

  'round-robin': (targets, { turn }) => {
    const first = turn % targets.length
    return [...targets.slice(first), ...targets.slice(0, first)]
  },

  /** The fewest requests under way for its weight. */
  'least-busy': targets => targets.toSorted((a, b) => (a.health.busy + 1) / share(a) - (b.health.busy + 1) / share(b)),

  /** The least time to an answer, as far as one can tell; one request in twenty asks another, to learn how fast that is now. */
  fastest(targets, { random, turn }) {
    const sorted = targets.toSorted((a, b) => delay(a) - delay(b))
    if (random >= PROBES) return sorted
    const probed = sorted.splice(turn % sorted.length, 1)
    return [...probed, ...sorted]
  },

  /** The least price; the first of those that cost the same. */
  cheapest: (targets, { model }) => targets.toSorted((a, b) => usualCost(a.price(model)) - usualCost(b.price(model))),

  /** The same key goes to the same target as long as that is there, and spreads by weight (rendezvous hashing, Thaler and Ravishankar 1998). */
  sticky: (targets, { key }) => {
    const score = (target: Choice): number =>
      -share(target) / Math.log((Number.parseInt(hash('sha256', `${key}\0${target.name}\0${target.model ?? ''}`).slice(0, 12), 16) + 1) / 2 ** 48)
    return targets.map(target => ({ target, score: score(target) })).toSorted((a, b) => b.score - a.score).map(({ target }) => target)
  },
}

const PROBES = 0.05
const share = ({ weight }: Pick<Choice, 'weight'>): number => Math.max(weight, 1e-9)
const delay = ({ health, weight }: Choice): number => health.latency * (health.busy + 1) / share({ weight })

/** The targets in order of preference. */
export function order<T extends Choice>(targets: readonly T[], balance: RouteConfig['balance'], lot: Lot): readonly T[] {
  return targets.length < 2 ? targets : ORDERS[balance](targets, lot)
}

function pick(targets: readonly Choice[], random: number): number {
  let left = random * targets.reduce((sum, { weight }) => sum + weight, 0)
  const hit = targets.findIndex(({ weight }) => (left -= weight) < 0)
  // Without a hit no weight is above 0, or a sum of fractions was rounded to just past the last one.
  return hit === -1 ? Math.max(0, targets.findIndex(({ weight }) => weight > 0)) : hit
}

// Which target goes first. Called by reach.ts for every request.

/** A choice with its share of the requests. */
export interface Weighted {
  /** Relative to the others; with 0 it is only ever a next choice. */
  readonly weight: number
}

/**
 * The targets in order of preference: first the one that the lot falls on, each in proportion to its weight, then the
 * others, heaviest first. `random` is from 0 to below 1. Where no weight is above 0, the order of the config stays.
 */
export function order<T extends Weighted>(targets: readonly T[], random: number): readonly T[] {
  if (targets.length < 2) return targets
  const first = pick(targets, random)
  const others = targets.filter((_, index) => index !== first)
  return [targets[first]!, ...others.toSorted((a, b) => b.weight - a.weight)]
}

function pick(targets: readonly Weighted[], random: number): number {
  let left = random * targets.reduce((sum, { weight }) => sum + weight, 0)
  const hit = targets.findIndex(({ weight }) => (left -= weight) < 0)
  // Without a hit no weight is above 0, or a sum of fractions was rounded to just past the last one.
  return hit === -1 ? Math.max(0, targets.findIndex(({ weight }) => weight > 0)) : hit
}

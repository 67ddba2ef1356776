// Figures of a list of values. Pure. Called wherever the bench measures something more than once.

/** The middle value; of an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1)
  return middle.reduce((sum, value) => sum + value, 0) / middle.length
}

/** The least value that `percent` of all do not pass (the nearest-rank method); NaN of no values. */
export function percentile(values: readonly number[], percent: number): number {
  const rank = Math.ceil((percent / 100) * values.length)
  return values.toSorted((a, b) => a - b)[Math.max(0, rank - 1)] ?? Number.NaN
}

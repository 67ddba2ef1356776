// Several calls at once, and no more than that. Used by wire.ts and presidio.ts.

/** What the calls for all items give, in the order in which they end. Where one rejects, none is begun any more. */
export async function inLanes<T, R>(items: readonly T[], atOnce: number, call: (item: T) => Promise<readonly R[]>): Promise<R[]> {
  const results: R[] = []
  const waiting = each(items)
  // A lane that throws closes the generator for all.
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, async () => {
    for (const item of waiting) results.push(...await call(item))
  }))
  return results
}

function* each<T>(items: readonly T[]): Generator<T> {
  yield* items
}

// What every index has to do, asked of any of them. Used by their tests.
import assert from 'node:assert/strict'
import type { Entry, VectorIndex } from '../../../sdk/index.ts'
import { fc } from '../../law.ts'

export const DIMENSIONS = 20

/** A vector of length 1 that is the same for the same seed. */
export function vectorOf(seed: number): Float32Array {
  let state = seed * 2654435761 + 1
  const numbers = Array.from({ length: DIMENSIONS }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32 - 0.5
  })
  const length = Math.hypot(...numbers)
  return Float32Array.from(numbers, one => one / length)
}

export const entryOf = (id: string, seed: number, more: Partial<Entry> = {}): Entry =>
  ({ id, partition: 'p', vector: vectorOf(seed), payload: `payload of ${id}`, expires: Infinity, tags: [], ...more })

/** Leaves the index as it came: empty. */
export async function keepsItsPromises(index: VectorIndex): Promise<void> {
  await index.put([entryOf('a', 1), entryOf('b', 2, { tags: ['x', 'y'] }), entryOf('c', 3, { partition: 'q', tags: ['x'] }), entryOf('old', 1, { expires: Date.now() - 1 })])
  const near = await index.nearest('p', vectorOf(2), 9)
  assert.deepEqual(near.map(({ id }) => id).toSorted(), ['a', 'b'], 'what has expired and what is elsewhere is not found')
  assert.equal(near[0]!.id, 'b')
  assert.equal(near[0]!.payload, 'payload of b')
  assert.ok(Math.abs(near[0]!.similarity - 1) < 1e-5)
  assert.equal((await index.nearest('p', vectorOf(2), 1)).length, 1)
  assert.deepEqual(await index.nearest('nowhere', vectorOf(2), 1), [])

  await index.put([entryOf('a', 2, { payload: 'another' })])
  assert.equal((await index.nearest('p', vectorOf(2), 9)).find(({ id }) => id === 'a')?.payload, 'another', 'the same id is replaced')
  assert.deepEqual([...await index.ids('q')], ['c'])
  assert.equal(await index.forget(['x'], 'p'), 1)
  assert.equal(await index.forget(['x', 'y', 'z']), 1)
  await index.remove('p', ['a', 'old', 'never there'])
  assert.equal(await index.size(), 0)
}

/** For any entries, the nearest are those that a plain look at all of them finds. */
export async function findsTheNearest(index: VectorIndex, runs: number): Promise<void> {
  const seeds = fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 60 })
  await fc.assert(fc.asyncProperty(seeds, fc.integer({ min: 0, max: 1000 }), async (entries, asked) => {
    await index.put(entries.map(seed => entryOf(String(seed), seed, { tags: ['run'] })))
    const dot = (seed: number): number => vectorOf(seed).reduce((sum, one, at) => sum + one * vectorOf(asked)[at]!, 0)
    const expected = entries.map(dot).toSorted((a, b) => b - a).slice(0, 3)
    const got = (await index.nearest('p', vectorOf(asked), 3)).map(({ similarity }) => similarity)
    await index.forget(['run'])
    assert.equal(got.length, expected.length)
    for (const [at, similarity] of got.entries()) assert.ok(Math.abs(similarity - expected[at]!) < 1e-4)
  }), { numRuns: runs })
}

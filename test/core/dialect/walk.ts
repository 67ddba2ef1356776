// A walk along a dialect's map, as tests look at it. Used by the tests of dialects.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Scanner } from '../../../core/json-tape.ts'
import { read } from '../../../core/reading.ts'
import type { Dialect, Place, Tape } from '../../../sdk/index.ts'

export const tapeOf = (json: string): Tape => new Scanner().scan(Buffer.from(json), { depth: 64 })

/** What a walk along the map finds: `path origin/channel` of each segment, and the uncovered strings. */
export function walk(body: object, map: Place) {
  const tape = tapeOf(JSON.stringify(body))
  const { spots, uncovered, finished, usage, error } = read(tape, map)
  return {
    segments: spots.map(spot => `${spot.path} ${spot.origin}/${spot.channel}`),
    uncovered: uncovered.map(node => tape.text(node)),
    finished,
    marks: { usage: usage !== -1, error: error !== -1 },
  }
}

/** A test for each request, by its name: the map finds these segments in it, and knows the rest. */
export function findsSegments({ request }: Dialect, requests: readonly (readonly [string, object, readonly string[]])[]): void {
  for (const [name, body, segments] of requests) {
    test(`map of requests: ${name}`, () => {
      const found = walk(body, request)
      assert.deepEqual(found.segments, segments)
      assert.deepEqual(found.uncovered, [])
    })
  }
}

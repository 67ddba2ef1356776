import assert from 'node:assert/strict'
import { it } from 'node:test'
import { digitRuns, leftmost } from '../../../processors/pii/entity.ts'

const candidate = (start: number, end: number) => ({ start, end, score: 1 })

it('takes the leftmost of overlapping candidates, and goes on behind it', () => {
  const [a, b, c, d] = [candidate(0, 19), candidate(15, 34), candidate(20, 39), candidate(50, 60)]
  assert.deepEqual(leftmost([a, b, c, d]), [a, c, d])
  assert.deepEqual(leftmost([]), [])
})

it('chooses the same wherever the scan began, if nothing chosen is cut', () => {
  const all = Array.from({ length: 100 }, (_, i) => candidate(i * 5, i * 5 + 19))
  const chosen = leftmost(all)
  assert.deepEqual(chosen.map(({ start }) => start), [0, 20, 40, 60])
  // Far into a chain nothing is chosen any more, so a scan that begins there with the chain in sight agrees.
  assert.deepEqual(leftmost(all.slice(40)).filter(({ start }) => start > 200 + 64 + 19), [])
})

it('lists where runs of digits begin', () => {
  assert.deepEqual(digitRuns('12 a3-456', 0), [0, 4, 6])
  assert.deepEqual(digitRuns('12 a3-456', 1), [4, 6])
  assert.deepEqual(digitRuns('no digits', 0), [])
})

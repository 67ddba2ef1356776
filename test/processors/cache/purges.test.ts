import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Purges } from '../../../processors/cache/purges.ts'
import type { Question } from '../../../sdk/index.ts'

const question = (): Question => ({ model: 'm', stream: false, segments: [], key: 'k', setting: 's', latest: -1, reuse: 'any' })

test('a purge meets the questions before it, by tag', () => {
  const purges = new Purges()
  const [early, late] = [question(), question()]
  purges.begin(early)
  purges.note(['a', 'b'])
  purges.begin(late)
  assert.deepEqual([purges.overtook(early, ['b', 'c']), purges.overtook(early, ['c']), purges.overtook(late, ['a'])], [true, false, false])
})

test('of more tags than it remembers, a question before them is forgotten whatever its tags are', () => {
  const purges = new Purges()
  const [early, between, late] = [question(), question(), question()]
  purges.begin(early)
  purges.note(['first'])
  purges.begin(between)
  purges.note(Array.from({ length: 10_000 }, (_, at) => String(at)))
  purges.begin(late)
  assert.deepEqual([early, between, late].map(one => purges.overtook(one, ['never'])), [true, false, false])
})

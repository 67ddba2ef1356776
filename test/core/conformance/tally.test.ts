import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shown, Tally } from '../../../core/conformance/tally.ts'

test('the shortest text comes first, the same sentence once, and no more than a few', () => {
  const tally = new Tally('streams')
  for (const size of [9, 3, 7, 3, 5, 8, 1, 6]) tally.fail(size, `at ${size}`)
  tally.fail(2, 'at 9')
  assert.deepEqual(tally.row(), { check: 'streams', cases: 0, failures: ['at 1', 'at 9', 'at 3', 'at 5', 'at 6', '... and 2 more'] })
})

const texts: [string, string][] = [
  ['plain', '"plain"'],
  ['"\u001b[31m\n', '"\\"\\u001b[31m\\n"'],
  ['a\u202eb\u2028', '"a\\u{202e}b\\u{2028}"'],
  ['\ud800', '"\\ud800"'],
  ['x'.repeat(100), `"${'x'.repeat(80)}" (100 characters)`],
]
for (const [text, expected] of texts) {
  test(`${expected.slice(0, 20)} is fit to be printed`, () => assert.equal(shown(text), expected))
}

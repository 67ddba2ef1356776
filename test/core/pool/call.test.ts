import assert from 'node:assert/strict'
import { test } from 'node:test'
import { weigh } from '../../../core/pool/call.ts'

const CASES: readonly (readonly [args: readonly unknown[], bytes: number])[] = [
  [[], 1024],
  [['four'], 1032],
  [[null, undefined, 7, true], 1024],
  [[[{ id: 1, text: 'ab' }, { id: 2, text: 'cd', more: { deep: ['e'] } }], { tags: { team: 'f' } }], 1036],
]
for (const [args, bytes] of CASES) {
  test(`${JSON.stringify(args)} weighs ${bytes} bytes`, () => assert.equal(weigh(args), bytes))
}

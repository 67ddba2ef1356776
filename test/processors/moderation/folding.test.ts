import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Folding } from '../../../processors/moderation/folding.ts'

const CASES: readonly (readonly [text: string, folded: string, offsets?: readonly number[]])[] = [
  ['Plain TEXT', 'plain text'], ['É', 'e\u0301', [0, 0]], ['aﬁB', 'afib', [0, 1, 1, 2]], ['Ａ１', 'a1', [0, 1]],
  ['𝐀b', 'ab', [0, 2]], ['i’m', 'i\'m', [0, 1, 2]], ['a\u00adb', 'ab', [0, 2]],
  ['a\u200b\u200bb', 'a\u200b\u200bb', [0, 1, 2, 3]], ['ﷺ', 'ﷺ', [0]], ['각', '각', [0]], ['漢', '漢', [0]],
  ['\ud835a', '\ud835a', [0, 1]], ['ΣΑΣ', 'σασ', [0, 1, 2]],
]

const folding = new Folding()
for (const [text, folded, offsets] of CASES) {
  it(`folds ${JSON.stringify(text)} to ${JSON.stringify(folded)}`, () => {
    assert.deepEqual(folding.fold(text), { text: folded, offsets })
    assert.deepEqual(folding.fold(text), { text: folded, offsets }, 'the second time')
  })
}

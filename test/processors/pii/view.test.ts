import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fc } from '../../law.ts'
import { viewOf } from '../../../processors/pii/view.ts'

const CASES: readonly (readonly [text: string, view: string])[] = [
  ['plain', 'plain'], ['１２３ ＠', '123 @'], ['٣۴५৬', '3456'], ['a\u00a0b\u2009c', 'a b c'], ['1‑2–3−4', '1-2-3-4'],
  ['a\u00adb', 'ab'], ['\u200ba\ufeff', 'a'], ['a\u200b\u200bb', 'a\u200b\u200bb'], ['\ud83d１\ude00', '\ud83d1\ude00'],
  ['漢é', '漢é'],
]

for (const [text, view] of CASES) {
  it(`reads ${JSON.stringify(text)} as ${JSON.stringify(view)}`, () => {
    assert.equal(viewOf(text).text, view)
  })
}

it('maps every code unit to where it came from', () => {
  const odd = fc.constantFrom('a', '1', '１', '\u200b', '\u00ad', '\u00a0', '漢', '😀', '\ud83d', '–')
  fc.assert(fc.property(fc.array(odd, { maxLength: 30 }), pieces => {
    const text = pieces.join('')
    const { text: view, offsets } = viewOf(text)
    assert.equal(offsets?.length ?? text.length, view.length)
    for (let i = 0; i < view.length; i++) {
      const at = offsets?.[i] ?? i
      assert.ok(i === 0 || at > (offsets?.[i - 1] ?? i - 1))
      const alone = viewOf(text[at]!).text
      assert.equal(alone === '' ? text[at] : alone, view[i])
    }
  }))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ruler } from '../../../processors/remote/answer.ts'
import { fc } from '../../law.ts'

const PIECES = ['a', 'é', '漢', '😀', '\u{1f469}\u200d\u{1f4bb}', '\ud83d', '\ude00', ' ']
const text = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 30 }).map(pieces => pieces.join(''))

test('a span in code points is the same characters in UTF-16, half pairs among them', () => {
  fc.assert(fc.property(text, fc.nat(), fc.nat(), (whole, one, two) => {
    const characters = Array.from(whole)
    const start = one % characters.length
    const end = start + 1 + two % (characters.length - start)
    const span = new Ruler(whole, 'code-points').span({ at: 'x', fields: { start, end } })
    assert.equal(whole.slice(span.start, span.end), characters.slice(start, end).join(''))
  }))
})

for (const unit of ['utf-16', 'code-points'] as const) {
  test(`a span behind the last character of ${unit} is none`, () => {
    fc.assert(fc.property(text, whole => {
      const end = unit === 'utf-16' ? whole.length : Array.from(whole).length
      const span = (fields: object): unknown => new Ruler(whole, unit).span({ at: 'x', fields: { start: 0, ...fields } })
      assert.deepEqual(span({ end }), { start: 0, end: whole.length })
      assert.throws(() => span({ end: end + 1 }), /^Error: expected start and end within the text at x$/)
    }))
  })
}

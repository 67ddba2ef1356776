import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { fc } from '../law.ts'
import { splice } from '../../core/splice.ts'
import type { ByteEdit } from '../../sdk/index.ts'

const edit = (start: number, end: number, text: string | Buffer): ByteEdit => ({ start, end, text })

suite('splice', () => {
  const cases: [string, ByteEdit[], string][] = [
    ['replace', [edit(2, 4, 'X')], '01X456789'],
    ['longer', [edit(2, 3, 'XYZ')], '01XYZ3456789'],
    ['delete', [edit(0, 10, '')], ''],
    ['insert at the start and at the end', [edit(10, 10, '>'), edit(0, 0, '<')], '<0123456789>'],
    ['unsorted', [edit(8, 9, 'c'), edit(0, 1, 'a'), edit(4, 6, 'b')], 'a123b67c9'],
    ['side by side', [edit(4, 6, 'b'), edit(2, 4, 'a')], '01ab6789'],
    ['inserts at one place keep their order', [edit(5, 5, 'a'), edit(2, 3, '-'), edit(5, 5, 'b')], '01-34ab56789'],
    ['an insert stands before what begins there', [edit(5, 7, 'X'), edit(5, 5, 'i')], '01234iX789'],
    ['an insert stands behind what ends there', [edit(5, 5, 'i'), edit(3, 5, 'X')], '012Xi56789'],
    ['beyond ASCII', [edit(1, 2, 'é€😀')], '0é€😀23456789'],
    ['bytes', [edit(1, 2, Buffer.from('é'))], '0é23456789'],
    ['nothing for nothing', [edit(10, 10, ''), edit(3, 3, '')], '0123456789'],
  ]
  for (const [name, edits, expected] of cases) {
    test(name, () => {
      const bytes = Buffer.from('0123456789')
      assert.equal(splice(bytes, edits).toString(), expected)
      assert.equal(bytes.toString(), '0123456789')
    })
  }

  test('no edits give the very same buffer', () => {
    const bytes = Buffer.from('abc')
    assert.equal(splice(bytes, []), bytes)
  })

  const refused: [string, ByteEdit[]][] = [
    ['overlap', [edit(2, 5, ''), edit(4, 6, '')]],
    ['overlap, unsorted', [edit(4, 6, ''), edit(2, 5, '')]],
    ['the same twice', [edit(2, 5, ''), edit(2, 5, '')]],
    ['insert inside', [edit(2, 5, ''), edit(3, 3, 'x')]],
    ['backwards', [edit(5, 2, '')]],
    ['before the start', [edit(-1, 2, '')]],
    ['beyond the end', [edit(9, 11, '')]],
    ['no number', [edit(Number.NaN, 2, '')]],
  ]
  for (const [name, edits] of refused) {
    test(`refuses: ${name}`, () => assert.throws(() => splice(Buffer.from('0123456789'), edits), { code: 'internal' }))
  }

  test('does what cutting and joining does, in whatever order the edits come', () => {
    const piece = fc.record({
      keep: fc.string({ maxLength: 4 }),
      drop: fc.string({ minLength: 1, maxLength: 4 }),
      text: fc.string({ unit: 'binary' }),
      turn: fc.nat(),
    })
    fc.assert(fc.property(fc.array(piece, { maxLength: 8 }), fc.string(), (pieces, tail) => {
      const edits: (ByteEdit & { turn: number })[] = []
      let at = 0
      for (const { keep, drop, text, turn } of pieces) {
        const start = at + keep.length
        at = start + drop.length
        edits.push({ start, end: at, text, turn })
      }
      const bytes = Buffer.from(`${pieces.map(({ keep, drop }) => keep + drop).join('')}${tail}`)
      const expected = `${pieces.map(({ keep, text }) => keep + text).join('')}${tail}`
      assert.equal(splice(bytes, edits.toSorted((one, other) => one.turn - other.turn)).toString(), expected)
    }))
  })
})

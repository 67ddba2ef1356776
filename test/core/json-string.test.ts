import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { fc } from '../law.ts'
import { byteOffset, byteOffsets, quote } from '../../core/json-string.ts'
import { Scanner } from '../../core/json-tape.ts'
import { wildString } from './wild-json.ts'

const scan = (text: string) => new Scanner().scan(Buffer.from(text), { depth: 1 })

suite('quote', () => {
  const cases: [string, string][] = [
    ['', '""'], ['a"b\\c/d', '"a\\"b\\\\c/d"'], ['\n\0\u001f', '"\\n\\u0000\\u001f"'], ['é€😀<', '"é€😀<"'],
    ['\ud83d', '"\\ud83d"'], ['\ude00\ud83d', '"\\ude00\\ud83d"'], ['a\ud83d😀', '"a\\ud83d😀"'],
  ]
  for (const [text, json] of cases) test(json, () => assert.equal(quote(text), json))

  test('any string survives, also through UTF-8', () => {
    fc.assert(fc.property(fc.string({ unit: fc.nat(0xffff).map(unit => String.fromCharCode(unit)) }), text => {
      assert.equal(JSON.parse(Buffer.from(quote(text)).toString()), text)
    }))
  })
})

suite('byteOffset', () => {
  // The text is a é é 😀 😀 / \n b: units 0 1 2 3-4 5-6 7 8 9.
  const tape = scan('"a\\u00e9é\\uD83d\\uDE00😀\\/\\nb"')
  const cases: [number, number, number][] = [
    [0, 1, 1], [1, 2, 2], [2, 8, 8], [3, 10, 10], [4, 10, 22], [5, 22, 22], [6, 22, 26], [7, 26, 26], [8, 28, 28], [9, 30, 30],
    [10, 31, 31],
  ]
  for (const [offset, start, end] of cases) {
    test(`${offset}`, () => {
      assert.equal(byteOffset(tape, 0, offset), start)
      assert.equal(byteOffset(tape, 0, offset, 'end'), end)
    })
  }

  test('many in one pass', () => {
    assert.deepEqual(byteOffsets(tape, 0, [0, 0, 1, 4, 4, 6, 6, 6, 10, 10]), [1, 1, 2, 22, 22, 26, 26, 26, 31, 31])
    assert.deepEqual(byteOffsets(tape, 0, []), [])
  })

  test('halves of pairs', () => {
    const halves = new Scanner().scan(Buffer.from('"\\ude00\\ud83dx\\ud83d\\ud83d\\uDE00"'), { depth: 1, halves: true })
    assert.deepEqual([0, 1, 2, 3, 4, 5, 6].map(offset => byteOffset(halves, 0, offset)), [1, 7, 13, 14, 20, 20, 32])
  })

  test('ASCII without escapes', () => {
    const plain = scan('["x", "hello"]')
    const node = plain.next(plain.first(0))
    assert.deepEqual(byteOffsets(plain, node, [0, 1, 5, 5]), [7, 8, 12, 12])
  })

  for (const offsets of [[11], [-1], [3, 2], [0, 11], [Number.NaN]]) {
    test(`refuses ${offsets.join()}`, () => {
      assert.throws(() => byteOffsets(tape, 0, offsets), { code: 'internal' })
      assert.throws(() => byteOffsets(scan('"0123456789"'), 0, offsets), { code: 'internal' })
    })
  }

  test('refuses what is no string', () => assert.throws(() => byteOffsets(scan('[1]'), 0, [0]), { code: 'internal' }))

  test('the bytes before an offset are the text before it', () => {
    fc.assert(fc.property(wildString, json => {
      const wild = scan(` ${json}`)
      const text = wild.text(0)!
      const all = [...Array(text.length + 1).keys()]
      const starts = all.map(offset => byteOffset(wild, 0, offset))
      const ends = all.map(offset => byteOffset(wild, 0, offset, 'end'))
      for (const offset of all) {
        const cut = !text.slice(0, offset).isWellFormed()
        assert.equal(JSON.parse(`"${wild.bytes.toString('utf8', 2, starts[offset])}"`), text.slice(0, cut ? offset - 1 : offset))
        assert.equal(JSON.parse(`"${wild.bytes.toString('utf8', 2, ends[offset])}"`), text.slice(0, cut ? offset + 1 : offset))
      }
      assert.deepEqual(byteOffsets(wild, 0, all.flatMap(offset => [offset, offset])).filter((_, index) => index % 2 === 1), ends)
    }), { numRuns: 300 })
  })
})

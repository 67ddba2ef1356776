import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { fc } from '../law.ts'
import { Scanner } from '../../core/json-tape.ts'
import { patch, Patched, toByteEdits, type TextEdit } from '../../core/patch.ts'
import { splice } from '../../core/splice.ts'
import { wildJson, wildString } from './wild-json.ts'

const edit = (start: number, end: number, text: string): TextEdit => ({ start, end, text })

const words = fc.string({ unit: fc.constantFrom('a', 'b', '<', '"', '\\', '\n', 'é', '😀'), maxLength: 12 })
/** Edits as fractions of a text whose length is not known yet. */
const fractions = fc.array(fc.record({ skip: fc.nat(6), take: fc.nat(4), text: words }), { maxLength: 4 })
const steps = fc.array(fractions, { maxLength: 5 })

/** Sorted edits without overlap of a text; they may begin and end inside a surrogate pair. */
function editsOf(text: string, some: readonly { skip: number; take: number; text: string }[]): TextEdit[] {
  let at = 0
  return some.map(({ skip, take, text: put }) => {
    const start = Math.min(at + skip, text.length)
    at = Math.min(start + take, text.length)
    return edit(start, at, put)
  })
}

const cutsPair = (text: string, at: number): boolean => !text.slice(0, at).isWellFormed()

suite('Patched', () => {
  const cases: [string, string, TextEdit[][], string, TextEdit[]][] = [
    ['nothing', 'abc', [], 'abc', []],
    ['no edits', 'abc', [[]], 'abc', []],
    ['one', 'hello', [[edit(1, 3, 'XYZ')]], 'hXYZlo', [edit(1, 3, 'XYZ')]],
    ['apart', '01234567', [[edit(1, 2, 'aaa')], [edit(7, 8, 'b')]], '0aaa234b67', [edit(1, 2, 'aaa'), edit(5, 6, 'b')]],
    ['before an earlier one', '0123456789', [[edit(8, 9, '')], [edit(2, 4, 'x')]], '01x45679', [edit(2, 4, 'x'), edit(8, 9, '')]],
    ['inside an earlier one', 'my mail', [[edit(3, 7, '[EMAIL_1]')], [edit(4, 9, 'M')]], 'my [M_1]', [edit(3, 7, '[M_1]')]],
    ['over an earlier one', '0123456789', [[edit(4, 6, 'abc')], [edit(3, 8, 'X')]], '012X789', [edit(3, 7, 'X')]],
    ['over its begin', '0123456789', [[edit(4, 6, 'abc')], [edit(2, 5, 'X')]], '01Xbc6789', [edit(2, 6, 'Xbc')]],
    ['over its end', '0123456789', [[edit(4, 6, 'abc')], [edit(6, 9, 'X')]], '0123abX89', [edit(4, 8, 'abX')]],
    ['side by side', '0123456789', [[edit(4, 6, 'abc')], [edit(7, 8, 'X')]], '0123abcX789', [edit(4, 7, 'abcX')]],
    ['over two', '0123456789', [[edit(1, 2, 'aa'), edit(5, 6, '')], [edit(2, 7, 'X')]], '0aX789', [edit(1, 7, 'aX')]],
    ['two in one', '012345', [[edit(2, 4, 'abcdef')], [edit(3, 4, ''), edit(6, 7, 'X')]], '01acdXf45', [edit(2, 4, 'acdXf')]],
    ['an insert', 'ab', [[edit(1, 1, 'x')], [edit(1, 1, 'y')]], 'ayxb', [edit(1, 1, 'yx')]],
    ['there and back', 'ab', [[edit(0, 1, 'xyz')], [edit(0, 3, 'a')]], 'ab', []],
    ['to the same', 'ab', [[edit(0, 1, 'a')]], 'ab', []],
    ['a cut pair is taken whole', 'x😀y', [[edit(0, 2, '-')]], '-y', [edit(0, 3, '-')]],
    ['from its middle on', 'x😀y', [[edit(2, 4, '-')]], 'x-', [edit(1, 4, '-')]],
    ['an insert goes before the pair', 'x😀y', [[edit(2, 2, '-')]], 'x-😀y', [edit(1, 1, '-')]],
    ['both halves by two edits', 'x😀y', [[edit(1, 2, 'a'), edit(2, 3, 'b')]], 'xaby', [edit(1, 3, 'ab')]],
    ['an insert between halves', '😀y', [[edit(0, 1, 'a'), edit(1, 1, 'i'), edit(1, 2, 'b')]], 'aiby', [edit(0, 2, 'aib')]],
    ['a lone surrogate', 'ab', [[edit(0, 1, 'x\ud83d'), edit(1, 2, '\ude00')]], 'x\ufffd\ufffd', [edit(0, 2, 'x\ufffd\ufffd')]],
  ]
  for (const [name, original, applied, current, patches] of cases) {
    test(name, () => {
      const patched = new Patched(original)
      for (const edits of applied) patched.apply(edits)
      assert.equal(patched.current, current)
      assert.deepEqual(patched.patches, patches)
    })
  }

  for (const edits of [
    [edit(2, 1, '')], [edit(0, 4, '')], [edit(-1, 1, '')], [edit(1, 2, ''), edit(0, 1, '')], [edit(0, 2, ''), edit(1, 3, '')],
  ]) {
    test(`refuses ${JSON.stringify(edits)}`, () => {
      const patched = new Patched('abc')
      assert.throws(() => patched.apply(edits), { code: 'internal' })
      assert.equal(patched.current, 'abc')
    })
  }

  test('after any steps the patches make the original the current text, and stay sorted and apart', () => {
    fc.assert(fc.property(words, steps, (original, applied) => {
      const patched = new Patched(original)
      for (const some of applied) {
        const before = patched.current
        const edits = editsOf(before, some).filter(({ start, end }) => !cutsPair(before, start) && !cutsPair(before, end))
        patched.apply(edits)
        assert.equal(patched.current, patch(before, edits))
      }
      assert.equal(patch(original, patched.patches), patched.current)
      let done = -1
      for (const { start, end, text } of patched.patches) {
        assert(start > done && end >= start && end <= original.length)
        assert.notEqual(text, original.slice(start, end))
        done = end
      }
    }), { numRuns: 1000 })
  })

  test('no edit cuts a pair', () => {
    fc.assert(fc.property(words, steps, (original, applied) => {
      const patched = new Patched(original)
      for (const some of applied) {
        patched.apply(editsOf(patched.current, some))
        assert(patched.current.isWellFormed())
      }
      assert.equal(patch(original, patched.patches), patched.current)
    }), { numRuns: 500 })
  })
})

const rewrite = (json: string, edits: readonly TextEdit[]): string => {
  const tape = new Scanner().scan(Buffer.from(json), { depth: 1000 })
  const node = tape.find(0, 'text')
  const patched = new Patched(tape.text(node)!)
  patched.apply(edits)
  return splice(tape.bytes, toByteEdits(tape, node, patched.patches)).toString()
}

suite('toByteEdits', () => {
  const cases: [string, TextEdit[], string][] = [
    ['{"text":"\\u003cb\\u003e"}', [edit(1, 2, 'c"')], '{"text":"\\u003cc\\"\\u003e"}'],
    ['{ "text" : "a\\/\\uD83D\\uDE00b", "n": 1.0 }', [edit(2, 4, '\n')], '{ "text" : "a\\/\\nb", "n": 1.0 }'],
    ['{"text":""}', [edit(0, 0, 'é')], '{"text":"é"}'],
    ['{"text":"abc"}', [edit(0, 1, ''), edit(2, 3, '')], '{"text":"b"}'],
    ['{"text":"\\u00e9\\u00e9"}', [], '{"text":"\\u00e9\\u00e9"}'],
    ['{"text":"\\u00e9\\u00e9"}', [edit(0, 1, 'é')], '{"text":"\\u00e9\\u00e9"}'],
  ]
  for (const [json, edits, expected] of cases) test(json, () => assert.equal(rewrite(json, edits), expected))

  test('the string becomes the current text; every other byte stays', () => {
    fc.assert(fc.property(wildJson, wildString, steps, (other, string, applied) => {
      const before = Buffer.from(`{"a":${other},"text" :${string} ,"z":${other}}`)
      const tape = new Scanner().scan(before, { depth: 1000 })
      const node = tape.find(0, 'text')
      const patched = new Patched(tape.text(node)!)
      for (const some of applied) patched.apply(editsOf(patched.current, some))
      const edits = toByteEdits(tape, node, patched.patches)
      const after = splice(before, edits)
      const parsed = JSON.parse(before.toString()) as { text: string }
      parsed.text = patched.current
      assert.deepEqual(JSON.parse(after.toString()), parsed)

      let done = 0
      let at = 0
      for (const { start, end, text } of edits) {
        assert(start > tape.start(node) && end < tape.end(node))
        assert.deepEqual(after.subarray(at, at + start - done), before.subarray(done, start))
        at += start - done + Buffer.byteLength(text)
        done = end
      }
      assert.deepEqual(after.subarray(at), before.subarray(done))
    }), { numRuns: 500 })
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../law.ts'
import { Scanner } from '../../core/json-tape.ts'
import { patch, type TextEdit } from '../../core/patch.ts'
import { Piece } from '../../core/piece.ts'
import { PLACE } from './toy-step.ts'

const { id: _, ...place } = PLACE
const pieceOf = (text: string, isJson = false): Piece => new Piece({ ...place, id: 7 }, text, isJson ? new Scanner() : undefined)

/** The edit that puts a text in the place of the first `found` that a detector sees. */
function editOf(piece: Piece, found: string, text: string): TextEdit {
  const start = piece.segment.text.indexOf(found)
  assert.notEqual(start, -1, piece.segment.text)
  return { start, end: start + found.length, text }
}

test('a text comes as it is, under its own place', () => {
  const piece = pieceOf('{"a":1}')
  assert.deepEqual(piece.segment, { ...place, id: 7, text: '{"a":1}' })
  assert.deepEqual([piece.text, piece.isJson, piece.changed, piece.patches], ['{"a":1}', false, false, []])
})

test('each step sees what the step before it left, and the patches lead from what came', () => {
  const round = fc.array(fc.tuple(fc.nat(5), fc.nat(5), fc.constantFrom('', 'x', 'longer')), { maxLength: 3 })
  const rounds = fc.array(round, { maxLength: 4 })
  fc.assert(fc.property(fc.string({ maxLength: 30 }), rounds, (text, all) => {
    const piece = pieceOf(text)
    let expected = text
    for (const one of all) {
      const edits: TextEdit[] = []
      let at = 0
      for (const [gap, length, replacement] of one) {
        const start = Math.min(expected.length, at + gap)
        at = Math.min(expected.length, start + length)
        edits.push({ start, end: at, text: replacement })
      }
      expected = patch(expected, edits)
      assert.equal(piece.edit(edits), undefined)
      assert.equal(piece.segment.text, expected)
    }
    assert.equal(piece.text, expected)
    assert.equal(patch(text, piece.patches), expected)
    assert.equal(piece.changed, expected !== text)
  }))
})

test('JSON is seen as its values, edited as JSON, and seen anew after that', () => {
  const piece = pieceOf('{"to":"jane\\u0040x.y","n":1}', true)
  assert.equal(piece.segment.text, 'to: jane@x.y\nn: 1')
  assert.equal(piece.edit([editOf(piece, 'jane@x.y', 'a "b"')]), undefined)
  assert.equal(piece.text, '{"to":"a \\"b\\"","n":1}')
  assert.equal(piece.segment.text, 'to: a "b"\nn: 1')
  assert.equal(piece.edit([editOf(piece, '"b"', 'c')]), undefined)
  assert.deepEqual(JSON.parse(piece.text), { to: 'a c', n: 1 })
  assert.equal(patch('{"to":"jane\\u0040x.y","n":1}', piece.patches), piece.text)
})

for (const [what, found] of [['a key', 'card'], ['a number', '4111'], ['two values', 'jane\ncard']] as const) {
  test(`an edit of ${what} of JSON does nothing, and says so`, () => {
    const json = '{"to":"jane","card":4111}'
    const piece = pieceOf(json, true)
    assert.equal(piece.edit([editOf(piece, found, 'x')]), 'found where nothing can be edited')
    assert.deepEqual([piece.text, piece.changed], [json, false])
  })
}

test('an edit that does not fit does nothing, and says so; a rewrite is not asked', () => {
  const asked: unknown[] = []
  const piece = new Piece({ ...place, id: 7 }, '{"to":["jane"],"n":"x"}', new Scanner(), (path, text) => asked.push([path, text]) === 1)
  assert.equal(piece.edit([editOf(piece, 'jane', 'J'), editOf(piece, 'x', 'y')]), 'its edit does not fit what the request declares')
  assert.deepEqual(asked, [[['to', 0], 'J'], [['n'], 'y']])
  assert.equal(piece.changed, false)
  piece.rewrite([{ start: 8, end: 12, text: 'Jim' }])
  assert.equal(piece.text, '{"to":["Jim"],"n":"x"}')
  assert.equal(asked.length, 2)
})

test('what should be JSON and is none is read and edited as it stands', () => {
  const piece = pieceOf('{"to":"jane', true)
  assert.equal(piece.segment.text, '{"to":"jane')
  assert.equal(piece.edit([editOf(piece, 'jane', '[NAME]')]), undefined)
  assert.equal(piece.text, '{"to":"[NAME]')
})

test('a rewrite works on the text as the wire has it', () => {
  const piece = pieceOf('{"to":"EMAIL_1"}', true)
  piece.rewrite([{ start: 7, end: 14, text: 'jane@x.y' }])
  assert.equal(piece.text, '{"to":"jane@x.y"}')
  assert.equal(piece.segment.text, 'to: jane@x.y')
})

test('an edit that brings back what came is no change', () => {
  const piece = pieceOf('jane')
  piece.edit([editOf(piece, 'jane', 'x')])
  assert.ok(piece.changed)
  piece.edit([editOf(piece, 'x', 'jane')])
  assert.equal(piece.changed, false)
})

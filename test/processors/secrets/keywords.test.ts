import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../../law.ts'
import { ANYWHERE, APART, isGlued, Keywords, NOWHERE } from '../../../processors/secrets/keywords.ts'

const LIST = ['ab', 'abc', 'bca', 'a-b', 'ccc', 'ka']
const keywords = new Keywords(LIST.map((keyword, value) => ({ keyword, value, leads: NOWHERE })))
const letters = fc.constantFrom('a', 'b', 'c', 'A', 'C', '-', 'K', 'é', '\u0141', ' ')
const texts = fc.array(letters, { maxLength: 12 }).map(all => all.join(''))

test('finds what a search for each would find', () => {
  fc.assert(fc.property(texts, fc.nat(12), (text, skipped) => {
    const from = Math.min(skipped, text.length)
    const found: [number, number][] = []
    keywords.find(text, from, (at, value) => { if (at >= from) found.push([at, value]) })
    const expected = [...text].flatMap((_, at) => LIST.flatMap((keyword, value): [number, number][] =>
      at >= from && text.slice(at, at + keyword.length).toLowerCase() === keyword ? [[at, value]] : []))
    assert.deepEqual(found.toSorted(), expected.toSorted())
  }), { numRuns: 1000 })
})

test('says where a text ends within a keyword', () => {
  const ends = new Keywords([
    { keyword: 'abcd', value: 0, leads: ANYWHERE }, { keyword: 'xyz', value: 0, leads: APART },
    { keyword: 'key', value: 0, leads: NOWHERE },
  ])
  const open: readonly (readonly [text: string, at: number])[] = [
    ['', 0], ['1a', 1], ['1ABC', 1], ['abx', 3], ['1x', 2], ['=xy', 1], ['ke', 2], ['abcd', 0], ['ab ', 3],
  ]
  for (const [text, at] of open) assert.equal(ends.open(text), at, text)
})

test('knows what is glued to a name', () => {
  for (const text of ['a', '_', '-', '/n']) assert.equal(isGlued(text, text.length), true, text)
  for (const text of ['', '=', '\\n', '\n']) assert.equal(isGlued(text, text.length), false, text)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { passagesOf } from '../../../processors/retrieve/chunks.ts'
import { fc } from '../../law.ts'

test('paragraphs go together as far as they fit, each under its heading', () => {
  assert.deepEqual(passagesOf('one\n\ntwo\r\n\r\n## Next\nthree\n  \nfour\n\n# Empty\n\n# Last\n\nfive'), ['one\n\ntwo', 'Next\nthree\n\nfour', 'Last\nfive'])
  const long = 'a'.repeat(400)
  assert.deepEqual(passagesOf([long, long].join('\n\n')), [long, long])
})

test('a long paragraph is cut behind a sentence, or a word, or anywhere', () => {
  const [first] = passagesOf(`${'a'.repeat(700)}. ${'b'.repeat(700)}`)
  assert.equal(first, `${'a'.repeat(700)}.`)
  assert.equal(passagesOf(`${'word '.repeat(300)}`)[0]!.endsWith('word'), true)
  assert.deepEqual(passagesOf('x'.repeat(2500)).map(({ length }) => length), [1000, 1000, 500])
})

test('nothing that was written is lost, and no passage is long', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '.', '\n', '#'), maxLength: 3000 })
  fc.assert(fc.property(line, text => {
    const passages = passagesOf(text)
    const bare = (words: string): string => words.replace(/[\s#]/g, '')
    for (const passage of passages) assert.ok(passage.length <= 1202 && passage.trim() !== '')
    const kept = bare(passages.join(''))
    for (const word of bare(text).match(/.{1,50}/g) ?? []) if (!text.includes('#')) assert.ok(kept.includes(word))
  }))
})

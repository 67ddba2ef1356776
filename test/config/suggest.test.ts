import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../law.ts'
import { didYouMean, oneOf, suggest } from '../../config/suggest.ts'

const NAMES = ['pii', 'prompt-decorate', 'moderation', 'meter', 'guarded']

test('the nearest name, where one is near', () => {
  const cases: [string, string | undefined][] = [
    ['gaurded', 'guarded'], ['piii', 'pii'], ['pi', 'pii'], ['PII', 'pii'], ['moderatoin', 'moderation'],
    ['prompt_decorate', 'prompt-decorate'], ['metre', 'meter'],
    ['cache', undefined], ['', undefined], ['guard', undefined], ['x'.repeat(10_000), undefined],
  ]
  for (const [word, name] of cases) assert.equal(suggest(word, NAMES), name, word)
})

test('of two that are near, the nearer; of two equals, the first', () => {
  assert.equal(suggest('abcdef', ['abcxyf', 'abcdex']), 'abcdex')
  assert.equal(suggest('abcd', ['abcx', 'abxd']), 'abcx')
})

test('one slip in a longer word is always seen', () => {
  const slips = fc.record({
    word: fc.stringMatching(/^[a-z]{3,20}$/),
    at: fc.nat(),
    letter: fc.stringMatching(/^[a-z]$/),
    kind: fc.constantFrom('more', 'less', 'other', 'swapped'),
  })
  fc.assert(fc.property(slips, ({ word, at: anywhere, letter, kind }) => {
    const at = anywhere % (word.length - 1)
    const [before, here, next, after] = [word.slice(0, at), word[at]!, word[at + 1]!, word.slice(at + 2)]
    const slipped = {
      more: before + letter + here + next + after,
      less: before + next + after,
      other: before + letter + next + after,
      swapped: before + next + here + after,
    }
    assert.equal(suggest(slipped[kind as keyof typeof slipped], [word]), word)
  }))
})

test('as the tail of a sentence', () => {
  assert.equal(didYouMean('gaurded', NAMES), 'did you mean "guarded"?')
  assert.equal(didYouMean('nothing like it', NAMES), '')
})

test('as a choice', () => {
  assert.equal(oneOf(['only']), 'only')
  assert.equal(oneOf(['a', 'b']), 'one of a, b')
  assert.equal(oneOf(Array.from({ length: 14 }, (_, index) => `n${index}`)),
    'one of n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, n11 and 2 more')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../law.ts'
import { compileMatch, glob } from '../../core/router.ts'

for (const [pattern, value, expected] of [
  ['gpt-4o', 'gpt-4o', true], ['gpt-4o', 'gpt-4o-mini', false], ['*', '', true], ['*', 'any/thing', true],
  ['gpt-*', 'gpt-', true], ['gpt-*', 'xgpt-4', false], ['*-mini', 'gpt-4o-mini', true], ['a*a', 'a', false], ['a*a', 'aa', true],
  ['a*b*c', 'a1b2c', true], ['a*b*c', 'acb', false], ['*b*', 'abc', true], ['a**c', 'abc', true], ['meta-llama/*', 'meta-llama/Llama-3', true],
  ['a.c', 'abc', false],
] as const) {
  test(`${pattern} ${expected ? 'takes' : 'leaves'} ${JSON.stringify(value)}`, () => {
    assert.equal(glob(pattern)(value), expected)
  })
}

test('a glob says what the regular expression for it says', () => {
  const piece = fc.stringMatching(/^[ab*]{0,8}$/)
  fc.assert(fc.property(piece, fc.stringMatching(/^[ab]{0,10}$/), (pattern, value) => {
    assert.equal(glob(pattern)(value), new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(value))
  }), { numRuns: 2000 })
})

const request = { model: 'gpt-4o', dialect: 'openai-chat', path: '/v1/chat/completions', consumer: 'research', unread: false }

test('every field of a match must hold, a list where one member does', () => {
  assert.ok(compileMatch({})(request))
  assert.ok(compileMatch({ model: ['x', 'gpt-*'], consumer: ['research'] })(request))
  assert.ok(!compileMatch({ model: ['gpt-*'], consumer: ['sales'] })(request))
  assert.ok(!compileMatch({ dialect: ['openai-embeddings'] })(request))
  assert.ok(compileMatch({ path: ['/v1/chat/*'] })(request))
})

test('a path that is passed on unread is only reached by name', () => {
  const image = { ...request, path: '/v1/images/generations', model: '', unread: true }
  assert.ok(!compileMatch({})(image))
  assert.ok(!compileMatch({ model: ['*'] })(image))
  assert.ok(compileMatch({ path: ['/v1/images/*'] })(image))
  assert.ok(compileMatch({ path: ['/v1/images/*'], model: ['gpt-*'] })(image), 'an unread body has no model to match')
})

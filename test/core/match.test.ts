import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../law.ts'
import { admits, compileMatch, glob, termsOf, type Matched } from '../../core/match.ts'

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

const request: Matched = {
  model: 'gpt-4o', dialect: 'openai-chat', path: '/v1/chat/completions', consumer: 'research', tags: { team: 'lab' },
  headers: { 'x-tier': 'gold', 'set-cookie': ['a', 'b'] }, size: 1000, unread: false,
}

test('every field of a match must hold, a list where one member does', () => {
  assert.ok(compileMatch({})(request))
  assert.ok(compileMatch({ model: ['x', 'gpt-*'], consumer: ['research'] })(request))
  assert.ok(!compileMatch({ model: ['gpt-*'], consumer: ['sales'] })(request))
  assert.ok(!compileMatch({ dialect: ['openai-embeddings'] })(request))
  assert.ok(compileMatch({ path: ['/v1/chat/*'] })(request))
})

for (const [match, expected] of [
  [{ header: { 'x-tier': ['gold'] } }, true],
  [{ header: { 'x-tier': ['silver', 'g*'] } }, true],
  [{ header: { 'x-tier': ['Gold'] } }, false],
  [{ header: { 'x-tier': ['gold'], 'x-other': ['*'] } }, false],
  [{ header: { 'set-cookie': ['*'] } }, false],
  [{ header: { constructor: ['*'] } }, false],
  [{ tags: { team: ['l*'] } }, true],
  [{ tags: { team: ['sales'] } }, false],
  [{ tags: { role: ['*'] } }, false],
  [{ tags: { toString: ['*'] } }, false],
  [{ size: { above: 999 } }, true],
  [{ size: { above: 1000 } }, false],
  [{ size: { below: 1001 } }, true],
  [{ size: { below: 1000 } }, false],
  [{ size: { above: 999, below: 1001 } }, true],
] as const) {
  test(`${JSON.stringify(match)} ${expected ? 'holds' : 'does not hold'}`, () => assert.equal(compileMatch(match)(request), expected))
}

test('an upload that does not say how long it is is within no bounds', () => {
  const upload = { ...request, unread: true, size: Number.NaN }
  for (const size of [{ above: 1 }, { below: 1000 }]) assert.ok(!compileMatch({ path: ['*'], size })(upload))
})

test('who is let in does not depend on what is asked', () => {
  const caller = { consumer: 'research', tags: { team: 'lab' } }
  assert.ok(admits({ model: ['none'], size: { below: 1 }, tags: { team: ['lab'] } }, caller))
  assert.ok(!admits({ tags: { team: ['sales'] } }, caller))
  assert.ok(!admits({ consumer: ['sales'] }, caller))
})

test('a match in words', () => {
  const match = { model: ['gpt-*', 'o1'], tags: { team: ['lab'] }, header: { 'x-tier': ['gold'] }, size: { above: 10, below: 20 } }
  assert.deepEqual(termsOf(match).map(({ says }) => says).filter(says => says !== ''),
    ['model gpt-* | o1', 'tag team lab', 'header x-tier gold', 'size above 10 and below 20 bytes'])
})

test('a path that is passed on unread is only reached by name', () => {
  const image = { ...request, path: '/v1/images/generations', model: '', unread: true }
  assert.ok(!compileMatch({})(image))
  assert.ok(!compileMatch({ model: ['*'] })(image))
  assert.ok(compileMatch({ path: ['/v1/images/*'] })(image))
  assert.ok(compileMatch({ path: ['/v1/images/*'], model: ['gpt-*'] })(image), 'an unread body has no model to match')
})

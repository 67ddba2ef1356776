import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPattern } from '../../../processors/secrets/syntax.ts'

const REFUSED: readonly (readonly [source: string, expected: RegExp])[] = [
  ['(?=a)b', /expected \(\?:, .* and no look around/], ['(?<!a)b', /no look around/],
  ['(a)\\1', /an escape that is known .* at character 5/],
  ['\\pL', /an escape that is known/], ['\\Qa\\E', /an escape/], ['é', /letters of ASCII/], ['[a-é]', /letters of ASCII/],
  ['(a', /a \) for each group/], ['a)', /a group for each \)/], ['[a', /a \] for each \[/], ['[z-a]', /a range from low to high/],
  ['*a', /something to repeat/], ['a**', /one quantifier/], ['a{2,1}', /repeats up to 1000/], ['a{1001}', /repeats up to 1000/],
  ['(?U)a', /the flags i, m and s/], ['[[:vowel:]]', /a class that is known/], ['a\\', /something behind \\/],
  ['('.repeat(101), /at most 100 groups/],
]
for (const [source, expected] of REFUSED) {
  test(`${source.slice(0, 20)} is refused`, () => assert.throws(() => readPattern(source), expected))
}

test('counts its groups', () => {
  assert.equal(readPattern('(a)(?:b)(?P<c>c(d))').groups, 3)
})

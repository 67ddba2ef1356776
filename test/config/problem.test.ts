import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigError, isSecret, show, type Problem } from '../../config/problem.ts'

const problem: Problem = {
  file: 'gateway.yaml', path: '/routes/0/chain', line: 12, column: 5,
  expected: 'one of guarded, open', got: '"gaurded"', message: 'did you mean "guarded"?',
}

describe('the message of a ConfigError', () => {
  const cases: [string, Partial<Problem>, string][] = [
    ['a place, what was expected, what came, and a hint', {},
      'gateway.yaml:12:5 /routes/0/chain expected one of guarded, open; got "gaurded"; did you mean "guarded"?'],
    ['no hint', { message: '' }, 'gateway.yaml:12:5 /routes/0/chain expected one of guarded, open; got "gaurded"'],
    ['the whole file', { path: '', line: 1, column: 1, message: '' },
      'gateway.yaml:1:1 expected one of guarded, open; got "gaurded"'],
    ['a file without places', { path: '', line: 0, column: 0, message: '' },
      'gateway.yaml expected one of guarded, open; got "gaurded"'],
    ['line breaks and terminal commands', { path: '/a\nb', got: '\u001B[2J\u202E', message: '' },
      'gateway.yaml:12:5 /a\\u{a}b expected one of guarded, open; got \\u{1b}[2J\\u{202e}'],
    ['a very long key', { path: `/${'k'.repeat(500)}`, message: '' },
      `gateway.yaml:12:5 /${'k'.repeat(79)}… expected one of guarded, open; got "gaurded"`],
  ]
  for (const [name, change, message] of cases) {
    test(name, () => assert.equal(new ConfigError([{ ...problem, ...change }]).message, message))
  }

  test('a problem without a file says where in the config it is', () => {
    const { file: _, ...placeless } = problem
    assert.match(new ConfigError([{ ...placeless, line: 0, column: 0 }]).message, /^\/routes\/0\/chain expected/)
  })

  test('lists twenty problems and counts the rest; keeps them all', () => {
    const error = new ConfigError(Array.from({ length: 23 }, (_, line) => ({ ...problem, line: line + 1 })))
    const lines = error.message.split('\n')
    assert.equal(lines.length, 21)
    assert.equal(lines.at(-1), '... and 3 more')
    assert.equal(error.problems.length, 23)
  })

  test('says the same thing once', () => {
    assert.equal(new ConfigError([problem, problem]).message.split('\n').length, 1)
  })
})

test('values in words', () => {
  const cases: [unknown, string][] = [
    [undefined, 'nothing'], [null, 'nothing'],
    [[], 'an empty list'], [[1], 'a list'], [{}, 'an empty mapping'], [{ a: 1 }, 'a mapping'],
    [5, '5'], [Number.NaN, 'NaN'], [true, 'true'], ['a "word"', '"a \\"word\\""'], ['x'.repeat(81), `"${'x'.repeat(80)}…"`],
    ['https://user:word@host/v1', '(hidden)'], ['https://host/@v1', '"https://host/@v1"'],
  ]
  for (const [value, words] of cases) assert.equal(show(value), words)
})

test('fields that hold secrets, by name', () => {
  const secret = [
    '/providers/openai/key', '/consumers/0/keys', '/consumers/0/keys/1/sha256', '/a/options/apiKey', '/a/options/client_secret/x',
    '/PASSWORD', '/token', '/secret',
  ]
  for (const pointer of secret) assert.ok(isSecret(pointer), pointer)
  const plain = ['', '/providers/openai/url', '/routes/0/match/model/0', '/keyboard', '/providers/openai/withoutKey']
  for (const pointer of plain) assert.ok(!isSecret(pointer), pointer)
})

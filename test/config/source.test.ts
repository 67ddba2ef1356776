import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fc } from '../law.ts'
import { ConfigError } from '../../config/problem.ts'
import { LONGEST_SOURCE, readSource } from '../../config/source.ts'

const nested = (levels: number): string => `a: ${'['.repeat(levels)}${']'.repeat(levels)}`
const read = (text: string): unknown => readSource(text, 'f').value

describe('what a text says', () => {
  const cases: [string, string, unknown][] = [
    ['YAML', 'a: 1\nb: [x, "y", 3.5]\nc:\n  d: null\n  e:\n', { a: 1, b: ['x', 'y', 3.5], c: { d: null, e: null } }],
    ['JSON', '{"a": 1, "b": ["\\ud83d\\ude00\\/", true],\r\n\t"c": {}}', { a: 1, b: ['😀/', true], c: {} }],
    ['the words of YAML 1.2, not 1.1', 'a: off\nb: no\nc: 012', { a: 'off', b: 'no', c: 12 }],
    ['keys as strings', '1: a\nnull: b\ntrue: c', { 1: 'a', null: 'b', true: 'c' }],
    ['anchors', 'a: &x [1, {b: 2}]\nc: *x\nd: [*x]', { a: [1, { b: 2 }], c: [1, { b: 2 }], d: [[1, { b: 2 }]] }],
    ['an anchor that is set again', 'a: &x 1\nb: *x\nc: &x 2\nd: *x', { a: 1, b: 1, c: 2, d: 2 }],
    ['no merging of mappings', 'a: &x {b: 1}\nc: {<<: *x}', { a: { b: 1 }, c: { '<<': { b: 1 } } }],
    ['text over several lines', 'a: |\n  one\n  two\n', { a: 'one\ntwo\n' }],
    ['one document with its marks', '---\na: 1\n...\n', { a: 1 }],
  ]
  for (const [name, text, value] of cases) test(name, () => assert.deepEqual(read(text), value))

  test('__proto__ is a key like any other', () => {
    const value = read('__proto__: {polluted: true}') as object
    assert.ok(Object.hasOwn(value, '__proto__'))
    assert.equal(Object.getPrototypeOf(value), Object.prototype)
  })

  test('any JSON is read as JSON.parse reads it', () => {
    const text = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })).map(value => JSON.stringify(value, null, 2))
    fc.assert(fc.property(text, json => assert.deepEqual(read(json), JSON.parse(json))))
  })
})

describe('what is no config', () => {
  const mapping = 'expected a mapping with providers and routes'
  const syntax = 'expected valid YAML or JSON; got broken syntax'
  const quotes = 'expected an alias with its anchor above; got one without; a text that begins with * needs quotes'
  const indentation = 'the indentation does not fit the lines above, or'
  const plainKey = `${syntax}; a key is a plain text; put a text that begins with { or [ in quotes`
  const cases: [string, string, string][] = [
    ['an empty file', '', `1:1 ${mapping}; got an empty file`],
    ['comments alone', '# later\n', `1:1 ${mapping}; got an empty file`],
    ['null', 'null', `1:1 ${mapping}; got an empty file`],
    ['a list', '\n- a', `2:1 ${mapping}; got a list`],
    ['a word', 'hello', `1:1 ${mapping}; got a single value`],
    ['a key that stands twice', 'a: 1\nb: {c: 1, d: 2, c: 3}', '2:17 /b/c expected each key once; got "c" again'],
    ['a key that stands twice, in JSON', '{\n  "a": 1,\n  "a": 2\n}', '3:3 /a expected each key once; got "a" again'],
    ['half of a mapping', 'a: {b: 1', `1:9 ${syntax}; ${indentation} a bracket is not closed`],
    ['half of a JSON text', '{"a": {"b":', `1:12 ${syntax}; ${indentation} a bracket is not closed`],
    ['half of a string', 'a: "b\nc: d', `2:5 ${syntax}; a quote, bracket, comma or colon is missing`],
    ['tabs', 'a:\n\tb: 1', `2:1 ${syntax}; indent with spaces, not with tabs`],
    ['a wrong indentation', 'a: 1\n  b: 2', `1:4 ${syntax}; ${indentation} a text with a colon needs quotes`],
    ['a colon in a text', 'a: b: c', `1:4 ${syntax}; ${indentation} a text with a colon needs quotes`],
    ['a lone asterisk', 'a: *', `1:4 ${syntax}; put a text that begins with * in quotes`],
    ['an asterisk before a word', 'a: *-mini', `1:4 /a ${quotes}`],
    ['an alias as a key', 'a: &x b\n*x : 1', `2:1 ${plainKey}`],
    ['a list as a key', '? [a]\n: 1', `1:3 ${plainKey}`],
    ['an anchor that holds itself', 'a: &x [1, *x]', `1:11 /a/1 ${quotes}`],
    ['a tag', 'a: !secret b', `1:4 ${syntax}; tags are not used here; put a text that begins with ! in quotes`],
    ['binary data', 'a: !!binary aGk=', `1:4 ${syntax}; tags are not used here; put a text that begins with ! in quotes`],
    ['placeholders of a template', 'a: {{ name }}', `1:5 ${plainKey}`],
    ['a reserved character', 'a: @b', `1:4 ${syntax}; put a text with a special character in quotes`],
    ['a backslash', 'a: "C:\\dir"',
      `1:7 ${syntax}; between double quotes a backslash begins an escape; between single quotes it is itself`],
    ['two documents', 'a: 1\n---\nb: 2', `2:1 ${syntax}; a file holds one config: take out the line ---`],
    ['a reference without quotes between brackets', 'a: {b: ${env:NAME}}',
      `1:9 ${syntax}; between brackets a reference needs quotes: "\${env:NAME}"`],
    ['a bracket too many', '{"a": 1}}',
      `1:9 ${syntax}; something stands here that does not belong; a quote or bracket may be missing before it`],
    ['too many levels', nested(64), `1:67 /a${'/0'.repeat(39)}… expected at most 64 levels; got more of them`],
    ['too many levels by way of aliases', `a: &a ${'['.repeat(40)}${']'.repeat(40)}\nb: ${'['.repeat(30)}*a${']'.repeat(30)}`,
      `2:34 /b${'/0'.repeat(30)} expected at most 64 levels; got more of them`],
    ['far too many levels', nested(50_000), `${syntax}; the brackets are nested too deeply`],
    ['too long a text', `a: ${'b'.repeat(LONGEST_SOURCE)}`, '1:1 expected at most 1048576 characters; got 1048579'],
    ['a bomb of anchors', `${'a: &a [x, x, x, x, x, x, x, x, x, x]\n'}${'bcdefgh'.replace(/./g, name =>
      `${name}: &${name} [${Array(10).fill(`*${String.fromCodePoint(name.codePointAt(0)! - 1)}`).join(', ')}]\n`)}`,
    'expected a config of at most 200000 values; got more of them'],
  ]
  for (const [name, text, message] of cases) {
    test(name, () => {
      assert.throws(() => readSource(text, 'f'), (error: Error) =>
        error instanceof ConfigError && error.message.startsWith('f:') && error.message.endsWith(message))
    })
  }

  test('what is not understood is not repeated: it may be a secret', () => {
    const texts = [
      'key: !sk-secret x', 'key: *sk-secret', 'key: |sk-secret', 'key: "\\sk-secret"',
      '{key: sk-secret}}', 'key: [sk-secret', 'sk-secret',
    ]
    for (const text of texts) {
      assert.throws(() => read(text), (error: Error) => error instanceof ConfigError && !error.message.includes('secret'))
    }
  })

  test('whatever the text, it is read or refused as a config', () => {
    const piece = fc.constantFrom(
      'a', ': ', '\n', '  ', '- ', '[', ']', '{', '}', '"', '\'',
      '&a ', '*a', '#', '!', '|', '>', '%', '---\n', '? ', ',', '\t', '\0', '\\',
    )
    const yaml = fc.array(piece, { maxLength: 40 }).map(pieces => pieces.join(''))
    fc.assert(fc.property(fc.oneof(yaml, fc.string()), text => {
      try {
        assert.equal(typeof read(text), 'object')
      } catch (error) {
        assert.ok(error instanceof ConfigError, String(error))
      }
    }), { numRuns: 2000 })
  })
})

describe('the place of a value', () => {
  const { locate } = readSource([
    '# a comment', 'listen:', '  host: here',
    'routes:', '  - name: one', '    targets: [{ provider: p }]', '  - name: two', '  - { name: &x three, like: *x }',
  ].join('\n'), 'f')
  const cases: [string, string][] = [
    ['', '2:1'], ['/listen', '2:1'], ['/listen/host', '3:3'], ['/routes', '4:1'], ['/routes/0', '5:5'], ['/routes/1/name', '7:5'],
    ['/routes/0/targets/0/provider', '6:17'], ['/routes/0/targets/0', '6:15'],
  ]
  for (const [pointer, place] of cases) {
    test(pointer || 'the whole', () => {
      const { line, column } = locate(pointer)
      assert.equal(`${line}:${column}`, place)
    })
  }

  test('of what is not there: the nearest above', () => {
    assert.deepEqual(locate('/routes/0/targets/0/weight/x'), locate('/routes/0/targets/0'))
    assert.deepEqual(locate('/routes/9/name'), locate('/routes'))
    assert.deepEqual(locate('/routes/-1'), locate('/routes'))
    assert.deepEqual(locate('/admin/port'), locate(''))
    assert.deepEqual(locate('/listen/host/deeper'), locate('/listen/host'))
  })

  test('below an alias: where the alias stands', () => {
    assert.deepEqual(locate('/routes/2/like/deeper'), { line: 8, column: 23 })
  })
})

test('many anchors and many keys take linear time', { timeout: 10_000 }, () => {
  const names = Array.from({ length: 20_000 }, (_, index) => `k${index}`)
  const text = `${names.map(name => `${name}: &${name} 1`).join('\n')}\nall: [${names.map(name => `*${name}`).join(', ')}]`
  assert.equal((read(text) as { all: number[] }).all.length, names.length)
})

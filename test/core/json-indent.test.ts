import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../law.ts'
import { indented } from '../../core/json-indent.ts'

test('JSON is laid out as everybody does, however it came', () => {
  fc.assert(fc.property(fc.jsonValue(), fc.constantFrom(0, 1, '\t', '\n\r'), (value, space) => {
    assert.equal(indented(JSON.stringify(value, null, space)), JSON.stringify(value, null, 2))
  }))
})

const kept: { name: string; json: string; becomes: string }[] = [
  { name: 'numbers as they are written', json: '[1.0,12345678901234567890,1e2]', becomes: '[\n  1.0,\n  12345678901234567890,\n  1e2\n]' },
  { name: 'escapes as they are written', json: '"\\u0041\\"\\\\"', becomes: '"\\u0041\\"\\\\"' },
  { name: 'names that come twice', json: '{"a":1,"a":2}', becomes: '{\n  "a": 1,\n  "a": 2\n}' },
  { name: 'marks and spaces within strings', json: '{"a":"{ [,:] }"}', becomes: '{\n  "a": "{ [,:] }"\n}' },
  { name: 'what is empty', json: '{"a":{ },"b":[]}', becomes: '{\n  "a": {},\n  "b": []\n}' },
  { name: 'what is no JSON', json: '{"a": 1', becomes: '{"a": 1' },
]
for (const { name, json, becomes } of kept) test(`keeps ${name}`, () => assert.equal(indented(json), becomes))

test('a deep body and a long string take room in proportion to them', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000)
  assert.ok(indented(deep).length < 150 * deep.length)
  const long = JSON.stringify('x"\\'.repeat(1_000_000))
  assert.equal(indented(long), long)
})

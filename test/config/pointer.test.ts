import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../law.ts'
import { below, keysOf, pointerTo } from '../../config/pointer.ts'

test('the examples of RFC 6901, section 5', () => {
  const cases: [string[], string][] = [
    [[], ''], [['foo'], '/foo'], [['foo', '0'], '/foo/0'], [[''], '/'],
    [['a/b'], '/a~1b'], [['m~n'], '/m~0n'], [['c%d'], '/c%d'], [[' '], '/ '],
  ]
  for (const [keys, pointer] of cases) {
    assert.equal(pointerTo(...keys), pointer)
    assert.deepEqual(keysOf(pointer), keys)
  }
})

test('a number is the index of an element', () => {
  assert.equal(below('/routes', 3), '/routes/3')
})

test('keys come back from a pointer as they went in', () => {
  fc.assert(fc.property(fc.array(fc.string()), keys => {
    assert.deepEqual(keysOf(pointerTo(...keys)), keys)
  }))
})

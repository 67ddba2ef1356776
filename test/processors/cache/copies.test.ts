import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Copies } from '../../../processors/cache/copies.ts'

const copy = (text: string, more: object = {}) => ({ text, source: 's', at: Date.now(), tags: [], ...more })

test('the least used make room', () => {
  const copies = new Copies(3 * 1000, 1000)
  for (const key of ['a', 'b', 'c']) copies.put(key, copy('x'.repeat(250)))
  assert.ok(copies.find('a'))
  copies.put('d', copy('x'.repeat(250)))
  assert.deepEqual(['a', 'b', 'c', 'd'].map(key => copies.find(key) !== undefined), [true, false, true, true])
})

test('one that is larger than all the room is not kept, and what it would replace is gone', () => {
  const copies = new Copies(3000, 1000)
  copies.put('a', copy('short'))
  copies.put('a', copy('x'.repeat(3000)))
  assert.equal(copies.find('a'), undefined)
})

test('none stays beyond its time', () => {
  const copies = new Copies(3000, 1000)
  copies.put('a', copy('late', { at: Date.now() - 1001 }))
  copies.put('b', copy('in time', { at: Date.now() - 500 }))
  assert.equal(copies.find('a'), undefined)
  assert.equal(copies.find('b')?.text, 'in time')
})

test('it forgets by tag', () => {
  const copies = new Copies(10_000, 1000)
  for (const tag of ['x', 'y', 'z']) copies.put(tag, copy(tag, { tags: [tag, 'all'] }))
  assert.equal(copies.forget(['x', 'y']), 2)
  assert.equal(copies.find('z')?.text, 'z')
  assert.equal(copies.forget(['all']), 1)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../../law.ts'
import * as own from '../../../core/sandbox/utf-8.ts'

const text = fc.string({ unit: fc.oneof(fc.constantFrom('a', '%', 'ß', '👩‍👧', '\ufeff', '\ud83d', '\udc00', '\0'), fc.string({ unit: 'binary', maxLength: 1 })) })

test('encodes as the web does, halves of surrogate pairs too', () => fc.assert(fc.property(text, value => {
  assert.deepEqual(new own.TextEncoder().encode(value), new TextEncoder().encode(value))
})))

test('decodes what was encoded, and refuses what is not UTF-8', () => {
  fc.assert(fc.property(text, value => {
    assert.equal(new own.TextDecoder().decode(new TextEncoder().encode(value)), value.toWellFormed())
  }))
  for (const bytes of [[0x80], [0xc3], [0xed, 0xa0, 0x80]]) {
    assert.throws(() => new own.TextDecoder().decode(Uint8Array.from(bytes)), URIError)
  }
})

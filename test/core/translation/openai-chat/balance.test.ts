import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../../../law.ts'
import { Balance } from '../../../../core/translation/openai-chat/balance.ts'

test('an object is whole with its last character and not before, however it is cut', () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.integer({ min: 1, max: 3 }), (value, size) => {
    const json = JSON.stringify(value)
    const balance = new Balance()
    for (let at = 0; at < json.length; at += size) {
      assert.equal(balance.whole, false)
      balance.add(json.slice(at, at + size))
    }
    assert.equal(balance.whole, true)
  }))
})

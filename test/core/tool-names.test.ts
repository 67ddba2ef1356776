import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../law.ts'
import { legalName } from '../../core/tool-names.ts'

test('P35: every name becomes legal, legal ones stay, and no two become one', () => {
  fc.assert(fc.property(fc.string({ maxLength: 100 }), fc.string({ maxLength: 100 }), (a, b) => {
    assert.match(legalName(a), /^[\w-]{1,64}$/)
    assert.equal(legalName(legalName(a)), legalName(a))
    if (a !== b && !/^[\w-]{1,64}$/.test(a)) assert.notEqual(legalName(a), legalName(b))
  }))
  assert.deepEqual(['get_weather', 'files.read'].map(legalName), ['get_weather', 'files_read_601e4eb6'])
})

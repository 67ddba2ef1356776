import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { fc } from '../law.ts'
import { isText, Names } from '../../core/json-names.ts'

suite('Names', () => {
  test('a name met again is the same text, whatever came between', () => {
    const known = fc.constantFrom('', 'role', 'rope', 'content', 'é', 'Ã©', '😀', 'x'.repeat(64), 'x'.repeat(65))
    const name = fc.oneof(known, fc.string({ unit: 'binary' }))
    fc.assert(fc.property(fc.array(name, { maxLength: 100 }), texts => {
      const names = new Names()
      for (const text of [...texts, ...texts]) {
        const bytes = Buffer.from(`<${text}>`)
        assert.equal(names.of(bytes, 1, bytes.length - 1), text)
      }
    }))
  })

  test('more names than it holds', () => {
    const names = new Names()
    for (let index = 0; index < 5000; index++) {
      const bytes = Buffer.from(`key${index % 1250}`)
      assert.equal(names.of(bytes, 0, bytes.length), `key${index % 1250}`)
    }
  })
})

suite('isText', () => {
  const texts = ['', 'a', 'ab', 'aé', 'é', 'Ã©', 'Ã', '😀', 'b']
  for (const text of texts) {
    test(JSON.stringify(text), () => {
      const bytes = Buffer.from(`${text}b`)
      for (const other of texts) assert.equal(isText(bytes, 0, bytes.length - 1, other), text === other)
    })
  }
})

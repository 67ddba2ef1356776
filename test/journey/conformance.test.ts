// Every processor of the house passes the kit that its authors are given.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { printable, testProcessor } from 'gatehouse/sdk/testing'
import { EQUIPPED, SHIPPED } from './shipped.ts'

test('none is left out', () => {
  const files = readdirSync(join(import.meta.dirname, '../../processors'), { withFileTypes: true }).filter(entry => entry.isFile())
  assert.deepEqual(files.map(entry => entry.name.replace(/\.\w+$/, '')).toSorted(), [...Object.keys(SHIPPED), ...EQUIPPED].toSorted())
})

for (const [name, given] of Object.entries(SHIPPED)) {
  test(`${name} passes every check`, async () => {
    const result = await testProcessor(name, given)
    assert.ok(result.ok, printable(result))
  })
}

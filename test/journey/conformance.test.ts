// Every processor of the house passes the kit that its authors are given.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { printable, testProcessor, type Given } from 'gatehouse/sdk/testing'

const SHIPPED: Readonly<Record<string, Given>> = {
  meter: {},
  moderation: {
    options: { words: { threat: ['kill all of you', 'stop!'], place: ['Straße'] } },
    samples: ['I will KILL all of you', 'stop!', 'die straße', 'ｋｉｌｌ ａｌｌ ｏｆ ｙｏｕ'],
  },
  pii: {
    samples: [
      'jane.roe@example.com', 'call +1 202-555-0143', 'card 4111 1111 1111 1111', 'IBAN DE89 3704 0044 0532 0130 00', 'SSN 536-90-4399',
    ],
  },
  'prompt-decorate': {
    options: { prepend: [{ role: 'system', text: 'Be "kind".' }], append: [{ role: 'user', text: 'Answer briefly.' }] },
    samples: ['anything'],
  },
}

test('none is left out', () => {
  const files = readdirSync(join(import.meta.dirname, '../../processors'), { withFileTypes: true }).filter(entry => entry.isFile())
  assert.deepEqual(files.map(entry => entry.name.replace(/\.\w+$/, '')).toSorted(), Object.keys(SHIPPED).toSorted())
})

for (const [name, given] of Object.entries(SHIPPED)) {
  test(`${name} passes every check`, async () => {
    const result = await testProcessor(name, given)
    assert.ok(result.ok, printable(result))
  })
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkPlaces } from '../../../core/conformance/places.ts'
import { detector, processorFile, type Written } from './author.ts'

const cases: { name: string; written: Written; fails?: RegExp }[] = [
  { name: 'uses only the language', written: { inspect: 'return find(/secret/g)' } },
  {
    name: 'asks where it runs', written: { inspect: "return find(typeof process === 'undefined' ? /x/g : /secret/g)" },
    fails: /^openai-chat, "secret": not the same result with run: sandbox as inline; use only the language/,
  },
]
for (const { name, written, fails } of cases) {
  test(`a detector that ${name} ${fails === undefined ? 'passes' : 'fails'}`, async t => {
    const file = await processorFile(t, detector(written))
    const { cases: tried, failures } = await checkPlaces(file, {}, ['sandbox'], [['a secret, and another secret'], ['secret']])
    assert.ok(tried > 0)
    if (fails === undefined) assert.deepEqual(failures, [])
    else assert.match(failures[0] ?? 'nothing failed', fails)
  })
}

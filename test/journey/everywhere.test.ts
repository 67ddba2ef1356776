// Every processor of the house gives the same results on the loop, in a thread and in a sandbox.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HALVES, shortTexts } from '../../core/conformance/texts.ts'
import { checkPlaces } from '../../core/conformance/places.ts'
import { SHIPPED } from './shipped.ts'

for (const [name, { options = {}, samples = [] }] of Object.entries(SHIPPED)) {
  test(`${name} gives the same results everywhere`, async () => {
    // All short texts at once are the choices of one answer, and the messages of one request.
    const { cases, failures } = await checkPlaces(name, options, ['pool', 'sandbox'], [
      shortTexts(samples), [HALVES], ...samples.map(text => [text]),
    ])
    assert.deepEqual(failures, [])
    assert.ok(cases > 20, String(cases))
  })
}

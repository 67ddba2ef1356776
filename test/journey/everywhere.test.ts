// Every processor of the house gives the same results on the loop, in a thread and in a sandbox.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HALVES, shortTexts } from '../../core/conformance/texts.ts'
import { checkPlaces } from '../../core/conformance/places.ts'
import { INLINE, SHIPPED } from './shipped.ts'
import { compile, onto } from './rig.ts'

for (const [name, { options = {}, samples = [] }] of Object.entries(SHIPPED)) {
  if (INLINE.includes(name)) continue
  test(`${name} gives the same results everywhere`, async () => {
    // All short texts at once are the choices of one answer, and the messages of one request.
    const { cases, failures } = await checkPlaces(name, options, ['pool', 'sandbox'], [
      shortTexts(samples), [HALVES], ...samples.map(text => [text]),
    ])
    assert.deepEqual(failures, [])
    assert.ok(cases > 20, String(cases))
  })
}

for (const name of INLINE) {
  test(`${name} runs inline, and anywhere else is refused`, async () => {
    const chain = (run: string): Parameters<typeof compile>[0] => onto('http://127.0.0.1:1', { chain: [{ use: name, run }] })
    await (await compile(chain('inline'))).close()
    for (const run of ['pool', 'sandbox']) await assert.rejects(compile(chain(run)), run)
  })
}

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { fc } from '../../law.ts'
import type { Detector } from 'gatehouse/sdk'
import { InlineExecutor } from '../../../core/executor/inline.ts'
import { PoolExecutor } from '../../../core/executor/pool.ts'
import { Pool } from '../../../core/pool/pool.ts'
import { loadProcessor } from '../../../core/registry.ts'
import { SCOPE, segment } from '../../processors/law.ts'

const pool = new Pool({ threads: 2 })
after(() => pool.close())

const CASES = [
  { use: 'pii', options: { action: 'mask' }, words: ['jane@example.com', '4111 1111 1111 1111', '+1 212 555 0134', 'GB33BUKB20201555555555'] },
  { use: 'moderation', options: { words: { project: ['blue heron', 'Straße'] } }, words: ['Blue Heron', 'STRASSE', 'blue\u00adheron'] },
]
for (const { use, options, words } of CASES) {
  test(`${use} finds the same in a thread`, async () => {
    const definition = await loadProcessor(use)
    const inline = new InlineExecutor(await definition.setup(options) as Detector)
    await pool.register({ id: use, use, options })
    const pooled = new PoolExecutor(pool, use)
    assert.equal(pooled.name, 'pool')
    const word = fc.oneof(fc.constantFrom(...words), fc.string({ unit: 'binary', maxLength: 20 }), fc.constant(' '))
    const texts = fc.array(fc.array(word, { maxLength: 8 }).map(parts => parts.join('')), { minLength: 1, maxLength: 6 })
    let found = 0
    await fc.assert(fc.asyncProperty(texts, async list => {
      const segments = list.map((text, id) => segment(text, id))
      const findings = inline.call('inspect', [segments, SCOPE], 1000) as readonly unknown[]
      found += findings.length
      assert.deepEqual(await pooled.call('inspect', [segments, SCOPE], 5000), findings)
      assert.equal(await pooled.call('undecided', [list[0]], 5000), inline.call('undecided', [list[0]], 1000))
    }), { numRuns: 150 })
    assert.ok(found > 0)
  })
}

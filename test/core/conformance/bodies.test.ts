import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkBodies } from '../../../core/conformance/bodies.ts'
import { Subject } from '../../../core/conformance/subject.ts'
import { detector, openRigOf, openSubject, type Written } from './author.ts'

const GROUPS = [['a secret'], ['nothing here', 'nor here']]

const cases: { name: string; written: Written; samples?: string[]; check?: string; fails?: RegExp }[] = [
  { name: 'that is pure', written: { inspect: 'return find(/secret/g)' }, samples: ['my secret'] },
  {
    name: 'that counts', written: { more: 'let calls = 0', inspect: 'return calls++ % 7 === 0 ? find(/e/g) : []' },
    check: 'repeat', fails: /^[a-z-]+, .*: the same body gave another result the second time; remember nothing between calls/,
  },
  {
    name: 'whose pattern remembers where it was',
    written: { more: 'const pattern = /a secret/g', inspect: 'return pattern.test(segments[0].text) ? find(/secret/g) : []' },
    check: 'repeat', fails: /, "a secret": the same body gave another result/,
  },
  {
    name: 'that misses a sample', written: { inspect: 'return find(/secret/g)' }, samples: ['my secret', 'my own'],
    check: 'samples', fails: /^"my own" was not found, neither in a request nor in an answer$/,
  },
]
for (const { name, written, samples = [], check, fails } of cases) {
  test(`a detector ${name} ${fails === undefined ? 'passes' : 'fails'}`, async t => {
    const subject = await openSubject(t, detector(written), samples)
    const rows = await checkBodies(subject, GROUPS)
    assert.deepEqual(rows.map(row => row.check), ['untouched', 'repeat', 'samples'])
    assert.deepEqual(rows.filter(row => row.failures.length > 0).map(row => row.check), check === undefined ? [] : [check])
    if (fails !== undefined) assert.match(rows.find(row => row.check === check)!.failures[0]!, fails)
    else assert.ok(rows.every(row => row.cases > 0))
  })
}

test('a gateway that writes anew what passed fails', async t => {
  const { definition, rig } = await openRigOf(t, detector({ inspect: 'return []' }))
  const subject = new Subject(definition, [], {
    async send(...call) {
      const exchange = await rig.send(...call)
      return { ...exchange, asked: Buffer.from(JSON.stringify(JSON.parse(exchange.asked!.toString()))) }
    },
    close: () => rig.close(),
  }, { inspect: () => [] })
  const [untouched] = await checkBodies(subject, GROUPS)
  assert.match(untouched!.failures[0]!, /^openai-chat, .*: the request passed, but its bytes are others than came in$/)
})

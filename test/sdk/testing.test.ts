import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printable, testProcessor } from 'gatehouse/sdk/testing'
import { detector, processorFile } from '../core/conformance/author.ts'

const CHECKS = ['results', 'untouched', 'repeat', 'samples', 'limits', 'streams', 'time']

test('a detector that does as it says passes every check', async t => {
  const file = await processorFile(t, detector({ inspect: 'return find(/secret/g)' }))
  const result = await testProcessor(file, { samples: ['my secret'], quick: true })
  assert.ok(result.ok, printable(result))
  assert.deepEqual([result.processor, result.kind, result.rows.map(row => row.check)], ['written', 'detector', CHECKS])
  assert.ok(result.rows.every(row => row.cases > 0), printable(result))
})

test('a detector with a fault of each kind fails the checks that are meant for them', async t => {
  const file = await processorFile(t, detector({
    more: 'let calls = 0',
    inspect: `
      if (segments.some(({ text }) => text.includes('EMAIL_1_'))) throw new TypeError('no placeholders, please')
      return calls++ % 2 === 0 ? find(/<[^>]*>/g) : find(/<[^>]*>|coffee/g)`,
  }))
  const result = await testProcessor(file, { samples: ['a <rather long tag> b', 'never found'], quick: true })
  assert.equal(result.ok, false)
  const failed = result.rows.filter(row => row.failures.length > 0).map(row => row.check)
  assert.deepEqual(failed, ['results', 'repeat', 'samples', 'limits', 'streams'], printable(result))
})

test('a processor that does not load is an error, not a result', async () => {
  await assert.rejects(testProcessor('pie'), /expected a processor \(.*as "pii"/)
  await assert.rejects(testProcessor('pii', { options: { regions: ['XX'] } }), /countries by their two letters/)
})

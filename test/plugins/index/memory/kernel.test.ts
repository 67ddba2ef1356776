import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openKernel } from '../../../../plugins/index/memory/kernel.ts'
import { fc } from '../../../law.ts'

test('the kernel adds up products as plain arithmetic does', () => {
  const { memory, dot } = openKernel()
  const row = fc.array(fc.integer({ min: -128, max: 127 }), { minLength: 1, maxLength: 200 })
  fc.assert(fc.property(row, row, (a, b) => {
    const width = Math.ceil(Math.max(a.length, b.length) / 16) * 16
    const numbers = new Int8Array(memory.buffer, 0, 2 * width).fill(0)
    numbers.set(a)
    numbers.set(b, width)
    assert.equal(dot(0, width, width), a.reduce((sum, one, at) => sum + one * (b[at] ?? 0), 0))
  }), { numRuns: 300 })
})

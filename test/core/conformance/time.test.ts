import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkTime } from '../../../core/conformance/time.ts'
import { detector, openSubject } from './author.ts'

// 1.1 s of processor time in each direction, however busy the machine is.
const SPIN = `
  const spent = () => process.cpuUsage().user + process.cpuUsage().system
  const until = spent() + 1_100_000
  while (segments.some(({ text }) => text.length >= 1_000_000) && spent() < until);
  return []`

test('a detector that needs much longer for a long line fails', async t => {
  const { failures } = await checkTime(await openSubject(t, detector({ inspect: SPIN })))
  assert.equal(failures.length, 1)
  assert.match(failures[0]!, /^a line of 1000000 characters \(one letter\) takes \d+ ms both ways.*; make every pass linear$/)
})

test('a detector that looks at every character once passes', async t => {
  const { cases, failures } = await checkTime(await openSubject(t, detector({ inspect: 'return find(/secret/g)' })))
  assert.deepEqual([cases, failures], [20, []])
})

// Rounds of work for so many milliseconds: twice the time is about twice the work.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { roundsFor } from '../../../bench/places/effort.ts'
import { burn } from '../../../bench/processors/burn.ts'

test('the work takes about the time that was asked for', () => {
  const rounds = roundsFor(20, burn)
  const before = process.threadCpuUsage()
  burn(rounds)
  const { user, system } = process.threadCpuUsage(before)
  const ms = (user + system) / 1000
  assert.ok(ms > 10 && ms < 60, `${ms} ms`)
})

// Units of work: requests as they were counted, streams with those that the end of a measurement cut off.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unitsOf } from '../../bench/measure.ts'

const seen = { requests: 256, seconds: 4, mean: 800, p50: 790, p99: 900 }

test('whole answers', () => assert.equal(unitsOf(seen, 1), 256))

test('streams: 64 connections, five streams of 0.8 s in each, of which wrk may have counted four', () => {
  assert.equal(unitsOf(seen, 10), 64 * 5 * 10)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Health } from '../../core/health.ts'

const RULE = { failures: 3, pause: 1000, concurrency: 2 }

function failing(times: number, now = 0): Health {
  const health = new Health(RULE)
  for (let i = 0; i < times; i++) {
    health.begin()
    health.fail(now)
    health.leave()
  }
  return health
}

test('the breaker opens after failures in a row, and lets one request try when its pause is over', () => {
  assert.equal(failing(2).restAt(0), 0)
  const health = failing(3)
  assert.deepEqual([health.restAt(0), health.restAt(400), health.restAt(1000)], [1000, 600, 0])
  health.begin()
  assert.equal(health.restAt(1001), Infinity, 'one at a time')
  health.succeed(5, 1002)
  health.leave()
  assert.equal(health.restAt(1002), 0)
})

test('a trial that fails doubles the pause, up to a minute', () => {
  const health = failing(3)
  let now = 0
  const pauses: number[] = []
  for (let i = 0; i < 8; i++) {
    now += health.restAt(now)
    health.begin()
    health.fail(now)
    health.leave()
    pauses.push(health.restAt(now))
  }
  assert.deepEqual(pauses, [2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000])
})

test('a success between failures starts the count anew', () => {
  const health = failing(2)
  health.begin()
  health.succeed(5, 0)
  health.leave()
  health.begin()
  health.fail(0)
  assert.equal(health.restAt(0), 0)
})

test('a rest that it asked for is kept, up to a minute', () => {
  for (const [asked, rest] of [[500, 500], [3_600_000, 60_000]] as const) {
    const health = new Health(RULE)
    health.begin()
    health.fail(0, asked)
    assert.equal(health.restAt(0), rest)
  }
})

test('a trial that nobody waited for to the end may be made again', () => {
  const health = failing(3)
  health.begin()
  health.forget()
  health.leave()
  assert.equal(health.restAt(1000), 0)
})

test('it takes as many requests at once as it may', () => {
  const health = new Health(RULE)
  health.begin()
  assert.equal(health.restAt(0), 0)
  health.begin()
  assert.equal(health.restAt(0), Infinity)
  health.leave()
  assert.equal(health.restAt(0), 0)
})

test('its latency jumps with a slow answer, and fades with fast ones', () => {
  const health = new Health(RULE)
  health.succeed(10, 0)
  health.succeed(500, 1)
  assert.equal(health.latency, 500)
  health.succeed(10, 10_001)
  assert.ok(Math.abs(health.latency - (500 / Math.E + 10 * (1 - 1 / Math.E))) < 0.1, String(health.latency))
})

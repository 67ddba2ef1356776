import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Health } from '../../core/health.ts'
import { Waiter } from '../../core/queue.ts'

const RULE = { failures: 3, pause: 1000, concurrency: 2 }

function failing(times: number, now = 0): Health {
  const health = new Health(RULE)
  for (let i = 0; i < times; i++) health.fail(now, health.begin())
  return health
}

test('the breaker opens after failures in a row, and lets one request try when its pause is over', () => {
  assert.equal(failing(2).restAt(0), 0)
  const health = failing(3)
  assert.deepEqual([health.restAt(0), health.restAt(400), health.restAt(1000)], [1000, 600, 0])
  health.begin()
  assert.equal(health.restAt(1001), Infinity, 'one at a time')
  health.succeed(5, 1002)
  assert.equal(health.restAt(1002), 0)
})

test('a trial that fails doubles the pause, up to a minute', () => {
  const health = failing(3)
  let now = 0
  const pauses: number[] = []
  for (let i = 0; i < 8; i++) {
    now += health.restAt(now)
    health.fail(now, health.begin())
    pauses.push(health.restAt(now))
  }
  assert.deepEqual(pauses, [2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000])
})

test('a success between failures starts the count anew', () => {
  const health = failing(2)
  health.begin()
  health.succeed(5, 0)
  health.fail(0, health.begin())
  assert.equal(health.restAt(0), 0)
})

test('a rest that it asked for is kept, up to a minute', () => {
  for (const [asked, rest] of [[500, 500], [3_600_000, 60_000]] as const) {
    const health = new Health(RULE)
    health.fail(0, health.begin(), asked)
    assert.equal(health.restAt(0), rest)
    health.succeed(5, 0)
    assert.equal(health.restAt(0), rest, 'an answer to an earlier request does not shorten it')
  }
})

test('a trial that nobody waited for to the end may be made again', () => {
  const health = failing(3)
  health.forget(health.begin())
  assert.equal(health.restAt(1000), 0)
})

test('what was under way when the breaker opened is no trial: its failures lengthen nothing, and a trial stays the only one', () => {
  const health = new Health({ ...RULE, concurrency: 50 })
  const underWay = Array.from({ length: 20 }, () => health.begin())
  for (const isTrial of underWay.slice(0, 10)) health.fail(0, isTrial)
  assert.equal(health.restAt(0), RULE.pause)
  const trial = health.begin()
  for (const isTrial of underWay.slice(10, 15)) health.fail(RULE.pause, isTrial)
  for (const isTrial of underWay.slice(15)) health.forget(isTrial)
  assert.equal(health.isOnTrial, true)
  health.fail(RULE.pause, trial)
  assert.equal(health.restAt(RULE.pause), 2 * RULE.pause)
})

test('it takes as many requests at once as it may', () => {
  const health = new Health(RULE)
  health.enter()
  assert.equal(health.restAt(0), 0)
  health.enter()
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

test('streams that break off in the middle, one after the other, open the breaker as well', () => {
  const health = new Health(RULE)
  const streams = (complete: boolean): void => {
    health.begin()
    health.succeed(5, 0)
    health.ended(0, complete)
  }
  for (const complete of [false, false, true, false, false]) streams(complete)
  assert.equal(health.restAt(0), 0)
  streams(false)
  assert.equal(health.restAt(0), 1000)
})

test('a check closes the breaker, counts as a failure while it is closed, and keeps it open for as long as before', () => {
  const health = new Health(RULE)
  for (let i = 0; i < 2; i++) health.checked(0, false)
  assert.deepEqual([health.isOpen, health.restAt(0)], [false, 0])
  health.checked(0, false)
  assert.deepEqual([health.isOpen, health.restAt(0)], [true, 1000])
  for (const now of [900, 1800]) {
    health.checked(now, false)
    assert.equal(health.restAt(now), 1000)
  }
  health.checked(1900, true)
  assert.deepEqual([health.isOpen, health.restAt(1900), health.heardAt], [false, 0, 1900])
})

test('one that was outrun is as slow as it was waited for, at the least', () => {
  const health = new Health(RULE)
  health.succeed(900, 0)
  health.outrun(500, 1)
  assert.equal(health.latency, 900)
  health.outrun(2000, 2)
  assert.equal(health.latency, 2000)
  assert.equal(health.restAt(2), 0)
})

test('a place that is given back goes to one that waits, unless the target is left alone', () => {
  const health = new Health({ ...RULE, concurrency: 1, queue: { size: 5, wait: 1000 } })
  const woken: string[] = []
  const waiters = ['a', 'b'].map(name => new Waiter<Health>(name, () => { woken.push(name) }))
  health.enter()
  assert.equal(health.isFullAt(0), true)
  for (const waiter of waiters) health.queue!.enter(waiter)
  health.leave()
  assert.deepEqual([woken, waiters[0]!.granted, health.busy], [['a'], health, 1])
  health.fail(performance.now(), false, 5000)
  health.leave()
  assert.deepEqual([woken, waiters[1]!.granted, health.busy, health.queue!.length], [['a', 'b'], undefined, 0, 0])
})

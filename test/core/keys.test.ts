import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeyRing, type Key } from '../../core/keys.ts'
import { Troubles } from '../../core/troubles.ts'
import type { Connection } from '../../sdk/index.ts'
import { fc } from '../law.ts'

const MINUTE = 60_000
const connection: Connection = { origin: 'http://127.0.0.1', dialects: [], streamUsage: true, path: path => path, headers: [] }
const ring = (size: number, troubles = new Troubles()): KeyRing => new KeyRing('p', Array.from({ length: size }, () => ({ ...connection })), troubles)
const names = (keys: KeyRing, now: number, times: number): string => Array.from({ length: times }, () => keys.take(now)?.name.at(-1) ?? '-').join('')

test('keys are taken in turn, without those that the request has had', () => {
  const keys = ring(3)
  assert.equal(names(keys, 0, 7), '1231231')
  const spent: Key[] = []
  for (let i = 0; i < 3; i++) spent.push(keys.take(0, spent)!)
  assert.deepEqual(spent.map(({ name }) => name), ['key 2', 'key 3', 'key 1'])
  assert.equal(keys.take(0, spent), undefined)
})

test('a throttled key rests as long as it was asked to, a second at least and a minute at most', () => {
  for (const [asked, rests] of [[5000, 5000], [0, 1000], [3_600_000, MINUTE]] as const) {
    const keys = ring(2)
    keys.answered(keys.take(0)!, 429, 0, asked)
    assert.equal(names(keys, rests - 1, 3), '222')
    assert.match(names(keys, rests, 4), /^(12){2}$|^(21){2}$/)
  }
})

test('where all of them rest, the ring tells for how long', () => {
  const keys = ring(2)
  keys.answered(keys.take(0)!, 429, 0, 9000)
  assert.equal(keys.restAt(0), 0)
  keys.answered(keys.take(0)!, 429, 0, 4000)
  assert.deepEqual([keys.restAt(0), keys.take(0), keys.restAt(4000)], [4000, undefined, 0])
})

test('a refused key is left out for minutes, told once, and told again once it serves', () => {
  const troubles = new Troubles()
  const told: string[] = []
  troubles.listener = ({ about }, isOver) => { told.push(`${about} ${isOver}`) }
  const keys = ring(2, troubles)
  const first = keys.take(0)!
  for (let i = 0; i < 3; i++) keys.answered(first, 401, 0, 0)
  assert.equal(names(keys, 4 * MINUTE, 3), '222')
  assert.match(names(keys, 5 * MINUTE, 2), /12|21/)
  keys.answered(first, 200, 5 * MINUTE, 0)
  assert.deepEqual([told, troubles.all], [['key 1 false', 'key 1 true'], []])
})

test('a refused key is no reason to wait: while the others rest, so does the ring; where all are refused, the oldest serves', () => {
  const keys = ring(2)
  const [first, second] = [keys.take(0)!, keys.take(0)!]
  keys.answered(first, 403, 0, 0)
  keys.answered(second, 429, 0, 2000)
  assert.deepEqual([keys.restAt(0), keys.take(0)], [2000, undefined])
  keys.answered(second, 403, 2000, 0)
  assert.equal(keys.restAt(2000), 0)
  assert.equal(keys.take(2000), first)
})

test('an only key is always the one', () => {
  const keys = ring(1)
  const only = keys.take(0)!
  for (const status of [429, 401]) keys.answered(only, status, 0, 9000)
  assert.deepEqual([keys.restAt(0), keys.take(0)], [0, only])
})

test('law: a key is there wherever the ring says so, and no request gets one twice', () => {
  const step = fc.record({ status: fc.constantFrom(200, 401, 403, 429, 500), rest: fc.integer({ min: 0, max: 90_000 }), pass: fc.integer({ min: 0, max: 200_000 }) })
  fc.assert(fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 40 }), (size, steps) => {
    const keys = ring(size)
    let now = 0
    for (const { status, rest, pass } of steps) {
      now += pass
      assert.equal(keys.take(now) !== undefined, keys.restAt(now) === 0)
      const spent: Key[] = []
      for (let key = keys.take(now); key !== undefined; key = keys.take(now, spent)) {
        assert.ok(!spent.includes(key) && key.restsUntil <= now)
        keys.answered(key, status, now, rest)
        spent.push(key)
      }
    }
  }))
})

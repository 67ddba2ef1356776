import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { order } from '../../core/balancer.ts'

const target = (name: string, weight: number): { name: string; weight: number } => ({ name, weight })
const names = (targets: readonly { name: string }[]): string => targets.map(({ name }) => name).join(' ')

const cases = [
  { name: 'a single target is itself', targets: [target('a', 1)], random: 0.7, order: 'a' },
  { name: 'the lot falls on the first', targets: [target('a', 9), target('b', 1)], random: 0.89, order: 'a b' },
  { name: 'the lot falls on the second', targets: [target('a', 9), target('b', 1)], random: 0.9, order: 'b a' },
  { name: 'the heaviest follows', targets: [target('a', 1), target('b', 2), target('c', 3)], random: 0, order: 'a c b' },
  { name: 'equal weights keep order', targets: [target('a', 1), target('b', 1), target('c', 1)], random: 0.4, order: 'b a c' },
  { name: 'a weight of 0 is a next choice only', targets: [target('a', 0), target('b', 1)], random: 0, order: 'b a' },
  { name: 'no weight at all keeps the order', targets: [target('a', 0), target('b', 0)], random: 0.9, order: 'a b' },
  { name: 'no targets', targets: [], random: 0.5, order: '' },
]

for (const { name, targets, random, order: expected } of cases) {
  test(name, () => assert.equal(names(order(targets, random)), expected))
}

const lists = fc.array(fc.nat({ max: 5 }).map(weight => target('t', weight)), { minLength: 1, maxLength: 6 })

test('every target is named once, and none of weight 0 comes first while another has weight', () => {
  fc.assert(fc.property(lists, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (targets, random) => {
    const before = [...targets]
    const ordered = order(targets, random)
    assert.deepEqual(targets, before)
    assert.equal(ordered.length, targets.length)
    assert.deepEqual(new Set(ordered), new Set(targets))
    if (targets.some(({ weight }) => weight > 0)) assert.ok(ordered[0]!.weight > 0)
  }))
})

test('lots over the whole range fall in proportion to the weights', () => {
  const targets = [target('a', 5), target('b', 3), target('c', 2)]
  const firsts = { a: 0, b: 0, c: 0 } as Record<string, number>
  for (let i = 0; i < 1000; i++) firsts[order(targets, i / 1000)[0]!.name]!++
  assert.deepEqual(firsts, { a: 500, b: 300, c: 200 })
})

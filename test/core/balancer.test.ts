import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../law.ts'
import { Price } from '../../sdk/index.ts'
import { order, type Choice, type Lot } from '../../core/balancer.ts'

const target = (name: string, weight: number, busy = 0, latency = 0, cost = 0): Choice =>
  ({ name, model: undefined, weight, price: () => cost === -1 ? undefined : Price.own({ input: cost, output: cost }), health: { busy, latency } })
const lot = (random: number, turn = 0, key = 'me'): Lot => ({ random, turn, key, model: 'm' })
const weighted = <T extends Choice>(targets: readonly T[], random: number): readonly T[] => order(targets, 'weighted', lot(random))
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
  test(name, () => assert.equal(names(weighted(targets, random)), expected))
}

const lists = fc.array(fc.nat({ max: 5 }).map(weight => target('t', weight)), { minLength: 1, maxLength: 6 })

test('every target is named once, and none of weight 0 comes first while another has weight', () => {
  fc.assert(fc.property(lists, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (targets, random) => {
    const before = [...targets]
    const ordered = weighted(targets, random)
    assert.deepEqual(targets, before)
    assert.equal(ordered.length, targets.length)
    assert.deepEqual(new Set(ordered), new Set(targets))
    if (targets.some(({ weight }) => weight > 0)) assert.ok(ordered[0]!.weight > 0)
  }))
})

test('lots over the whole range fall in proportion to the weights', () => {
  const targets = [target('a', 5), target('b', 3), target('c', 2)]
  const firsts = { a: 0, b: 0, c: 0 } as Record<string, number>
  for (let i = 0; i < 1000; i++) firsts[weighted(targets, i / 1000)[0]!.name]!++
  assert.deepEqual(firsts, { a: 500, b: 300, c: 200 })
})

for (const [balance, targets, at, expected] of [
  ['priority', [target('a', 1), target('b', 9)], lot(0.9), 'a b'],
  ['round-robin', [target('a', 1), target('b', 1), target('c', 1)], lot(0, 0), 'a b c'],
  ['round-robin', [target('a', 1), target('b', 1), target('c', 1)], lot(0, 5), 'c a b'],
  ['least-busy', [target('a', 1, 3), target('b', 1, 1), target('c', 1, 2)], lot(0), 'b c a'],
  ['least-busy', [target('a', 4, 3), target('b', 1, 1)], lot(0), 'a b'],
  ['fastest', [target('a', 1, 0, 90), target('b', 1, 0, 40)], lot(0.5), 'b a'],
  ['fastest', [target('a', 1, 0, 90), target('b', 1, 9, 40)], lot(0.5), 'a b'],
  ['fastest', [target('a', 1, 0, 90), target('b', 1, 0, 40)], lot(0.01, 1), 'a b'],
  ['cheapest', [target('a', 1, 0, 0, 7), target('b', 9, 0, 0, 9), target('c', 0, 9, 9, 2)], lot(0.9), 'c a b'],
  ['cheapest', [target('a', 1, 0, 0, 7), target('b', 9, 0, 0, 7)], lot(0.9), 'a b'],
  ['cheapest', [target('a', 1, 0, 0, -1), target('b', 1, 0, 0, -1), target('c', 1, 0, 0, 1000), target('d', 1, 0, 0, 0)], lot(0), 'd c a b'],
] as const) {
  test(`${balance}: ${expected}`, () => assert.equal(names(order(targets, balance, at)), expected))
}

test('sticky: a key stays where it is when others leave, and keys spread by weight', () => {
  const all = [target('a', 2), target('b', 1), target('c', 1)]
  const firsts: Record<string, number> = { a: 0, b: 0, c: 0 }
  for (let i = 0; i < 2000; i++) {
    const [first, second] = order(all, 'sticky', lot(Math.random(), i, `consumer ${i}`))
    firsts[first!.name]!++
    const without = all.filter(({ name }) => name !== first!.name)
    assert.equal(order(without, 'sticky', lot(0, 0, `consumer ${i}`))[0]!.name, second!.name)
    assert.equal(order(all.toReversed(), 'sticky', lot(0, 7, `consumer ${i}`))[0]!.name, first!.name)
  }
  assert.ok(Math.abs(firsts['a']! - 1000) < 120 && Math.abs(firsts['b']! - 500) < 120, JSON.stringify(firsts))
})

test('sticky: a canary of 5 in 100 gets the same few consumers each time, and one of 6 takes none of them back', () => {
  const canaries = (weight: number): string[] => Array.from({ length: 2000 }, (_, i) => `consumer ${i}`)
    .filter((key, i) => order([target('stable', 100 - weight), target('canary', weight)], 'sticky', lot(Math.random(), i, key))[0]!.name === 'canary')
  const five = canaries(5)
  assert.ok(five.length > 70 && five.length < 130, String(five.length))
  assert.deepEqual(canaries(5), five)
  const six = new Set(canaries(6))
  assert.ok(five.every(key => six.has(key)) && six.size > five.length)
})

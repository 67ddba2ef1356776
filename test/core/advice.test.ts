import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../law.ts'
import { Adviser, LoopClock, loopTimesOf } from '../../core/advice.ts'
import { NO_CHAIN, type Chain } from '../../core/chain.ts'
import { openLogger } from '../../core/logger.ts'
import type { Step } from '../../core/step.ts'

function clocked(...times: readonly (readonly [count: number, ms: number])[]): LoopClock {
  const clock = new LoopClock()
  for (const [count, ms] of times) for (let i = 0; i < count; i++) clock.add(ms)
  return clock
}

test('p99 is what 99 of 100 calls do not pass, to the next fifth', () => fc.assert(fc.property(
  fc.array(fc.double({ min: 0.01, max: 5000, noNaN: true }), { minLength: 1, maxLength: 400 }),
  times => {
    const clock = clocked(...times.map(ms => [1, ms] as const))
    const exact = times.toSorted((a, b) => b - a)[Math.floor(times.length * 0.01)]!
    assert.equal(clock.calls, times.length)
    assert.ok(exact <= clock.p99 * 1.000001 && clock.p99 < exact * 1.2, `${exact} ${clock.p99}`)
  },
)))

test('times beyond both ends are counted in the last bucket of each', () => {
  assert.equal(clocked([5, 0]).p99, 2 ** -7)
  assert.equal(clocked([5, 1e9]).p99, 2 ** 13)
  assert.equal(new LoopClock().p99, 0)
})

/** A step as far as its clock is concerned: one without runs elsewhere. */
const step = (name: string, clock?: LoopClock): Step => ({ name, executor: { clock } }) as unknown as Step
const route = (chain: Partial<Chain>): { chain: Chain } => ({ chain: { ...NO_CHAIN, name: 'guarded', ...chain } })

const cases: { name: string; clock: LoopClock; advised: boolean }[] = [
  { name: 'just as long as allowed', clock: clocked([1000, 2]), advised: false },
  { name: 'longer in two of a hundred calls', clock: clocked([980, 0.1], [20, 3]), advised: true },
  { name: 'longer in one of a hundred calls', clock: clocked([990, 0.1], [10, 30]), advised: false },
  { name: 'longer, in too few calls', clock: clocked([99, 50]), advised: false },
  { name: 'longer, in just enough calls', clock: clocked([100, 50]), advised: true },
]
for (const { name, clock, advised } of cases) {
  test(`a step that takes ${name} is ${advised ? '' : 'not '}advised on`, () => {
    const [time] = loopTimesOf([route({ request: [step('pii', clock)] })])
    assert.deepEqual([time!.chain, time!.step, time!.calls, time!.p99], ['guarded', 'pii', clock.calls, clock.p99])
    assert.equal(time!.advice !== undefined && /run: pool.*run: sandbox/.test(time!.advice), advised)
  })
}

test('each step counts once, wherever in the routes it stands; those elsewhere and those not called do not', () => {
  const pii = step('pii', clocked([1, 1]))
  const routes = [
    route({ request: [pii, step('pooled')], response: [pii] }), route({ request: [pii], beside: [step('beside', clocked([1, 1]))] }),
    route({ observers: [step('meter', clocked([1, 1])), step('idle', clocked())] }),
  ]
  assert.deepEqual(loopTimesOf(routes).map(time => time.step), ['pii', 'beside', 'meter'])
})

test('a slow step is warned of once, and again where a new config still has it on the loop', () => {
  const lines: { chain: string; step: string; calls: number; p99: number; advice: string; level: string }[] = []
  const adviser = new Adviser(openLogger('info', {}, { write: line => void lines.push(JSON.parse(line) as typeof lines[0]) }))
  const clock = clocked([99, 10])
  const routes = [route({ request: [step('burn', clock), step('quick', clocked([500, 0.1]))] })]
  adviser.look(routes)
  assert.equal(lines.length, 0)
  clock.add(10)
  adviser.look(routes)
  adviser.look(routes)
  assert.deepEqual(lines.map(({ level, chain, step: name, calls, p99 }) => [level, chain, name, calls, p99]), [['warn', 'guarded', 'burn', 100, 11.3]])
  assert.match(lines[0]!.advice, /run: pool.*run: sandbox/)
  adviser.look([route({ request: [step('burn', clocked([100, 10]))] })])
  assert.equal(lines.length, 2)
})

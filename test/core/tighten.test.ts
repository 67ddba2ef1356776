import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Context } from '../../core/context.ts'
import { NO_CHAIN } from '../../core/chain.ts'
import type { Route } from '../../core/router.ts'
import { tighten } from '../../core/tighten.ts'

const chain = { ...NO_CHAIN, name: 'as written' }
const strict = { ...NO_CHAIN, name: 'all enforced' }

/** What tightening makes of a route's care and the caller's headers. */
function tightened(
  headers: Readonly<Record<string, unknown>>, onUncovered: Route['onUncovered'] = 'warn',
): readonly [chain: string, onUncovered: string, total: number, onLoss: string] {
  let clock = -1
  const context = {
    route: { chain, strict, onUncovered, onLoss: 'warn', total: 5000 }, request: { headers }, chain: NO_CHAIN, onUncovered: 'allow', onLoss: 'warn',
    startClock: (total: number) => { clock = total },
  }
  tighten(context as unknown as Context)
  return [context.chain.name, context.onUncovered, clock, context.onLoss]
}

for (const [headers, onUncovered, expected] of [
  [{}, 'warn', ['as written', 'warn', 5000, 'warn']],
  [{ 'x-gatehouse-shadow': 'enforce' }, 'allow', ['all enforced', 'allow', 5000, 'warn']],
  [{ 'x-gatehouse-uncovered': 'reject' }, 'allow', ['as written', 'reject', 5000, 'warn']],
  [{ 'x-gatehouse-uncovered': 'reject' }, 'warn', ['as written', 'reject', 5000, 'warn']],
  [{ 'x-gatehouse-loss': 'reject' }, 'warn', ['as written', 'warn', 5000, 'reject']],
  [{ 'x-gatehouse-timeout': '1' }, 'reject', ['as written', 'reject', 1, 'warn']],
  [{ 'x-gatehouse-timeout': '4999' }, 'warn', ['as written', 'warn', 4999, 'warn']],
  [{ 'x-gatehouse-timeout': '999999999' }, 'warn', ['as written', 'warn', 5000, 'warn']],
  [
    { 'x-gatehouse-shadow': 'enforce', 'x-gatehouse-uncovered': 'reject', 'x-gatehouse-timeout': '200' }, 'allow',
    ['all enforced', 'reject', 200, 'warn'],
  ],
] as const) {
  test(`a caller who says ${JSON.stringify(headers)} on a route that says ${onUncovered}`, () => {
    assert.deepEqual(tightened(headers, onUncovered), expected)
  })
}

for (const [name, values] of [
  ['x-gatehouse-shadow', ['', 'off', 'shadow', 'Enforce', 'enforce, enforce', ['enforce', 'enforce']]],
  ['x-gatehouse-uncovered', ['', 'allow', 'warn', 'REJECT', 'reject ']],
  ['x-gatehouse-loss', ['', 'warn', 'Reject']],
  ['x-gatehouse-timeout', ['', '0', '-1', '+1', '01', '1.5', '1e3', '5s', 'Infinity', '1000000000', '1, 2', ['1', '2']]],
] as const) {
  for (const value of values) {
    test(`${name}: ${JSON.stringify(value)} is refused, and by name`, () => {
      assert.throws(() => tightened({ [name]: value }), { code: 'invalid_header', status: 400, message: new RegExp(name) })
    })
  }
}

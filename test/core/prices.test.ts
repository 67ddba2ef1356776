import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Price, PriceBook } from '../../sdk/index.ts'
import type { Config } from '../../config/config.ts'
import type { Chain } from '../../core/chain.ts'
import { loadPrices, pricesAt, usualCost, usualDollars } from '../../core/prices.ts'
import type { Step } from '../../core/step.ts'

const book = new PriceBook({ cheap: { input: 1, output: 2 }, dear: { input: 3, output: 15 }, free: { input: 0, output: 0 }, 'own/dear': { input: 1, output: 1 } })

test('a usual request is three tokens in for each one out, in nano-dollars', () => {
  assert.equal(usualCost(pricesAt(book, 'mine', 'openai', 'cheap')('any')), 3000 * 1000 + 1000 * 2000)
  assert.equal(usualCost(pricesAt(book, 'mine', 'openai', undefined)('dear')), 3000 * 3000 + 1000 * 15_000)
  assert.equal(usualDollars(pricesAt(book, 'mine', 'openai', undefined)('dear')), 0.024)
})

test('a price of a provider\'s model is stronger, and a price of nothing is one', () => {
  assert.equal(usualCost(pricesAt(book, 'own', 'openai', 'dear')('any')), 4_000_000)
  assert.equal(usualDollars(pricesAt(book, 'mine', 'openai', 'free')('any')), 0)
})

test('what nobody knows the price of is dearer than anything', () => {
  const unknown = pricesAt(book, 'mine', 'openai', undefined)('unknown')
  assert.ok(usualCost(unknown) > usualCost(Price.own({ input: 1_000_000, output: 1_000_000 })))
  assert.deepEqual([usualDollars(unknown), usualDollars(undefined)], [undefined, undefined])
})

describe('prices are loaded where something goes by them', () => {
  const config = (more: object = {}): Config => ({ prices: {}, providers: {}, routes: [{ balance: 'weighted' }], budgets: [{ of: 'tokens' }], ...more }) as unknown as Config
  const chain = (...needs: boolean[]): Pick<Chain, 'observers'> => ({ observers: needs.map(needsUsage => ({ needsUsage }) as Step) })
  for (const [name, given, chains] of [
    ['a route', config({ routes: [{ balance: 'weighted' }, { balance: 'cheapest' }] }), []],
    ['a budget', config({ budgets: [{ of: 'tokens' }, { of: 'cost' }] }), []],
    ['an observer', config(), [chain(), chain(false, true)]],
    ['the operator', config({ prices: { x: { input: 1, output: 1 } } }), []],
  ] as const) {
    test(name, async () => {
      const of = pricesAt(await loadPrices(given, chains), 'mine', 'openai', undefined)
      assert.ok(usualCost(of('gpt-4o-mini')) < usualCost(of('gpt-4o')))
    })
  }

  test('nothing', async () => assert.equal(await loadPrices(config(), [chain(false)]), undefined))
})

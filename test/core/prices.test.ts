import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PriceBook } from '../../sdk/index.ts'
import type { Config } from '../../config/config.ts'
import { loadPrices, pricesAt, usualCost, usualDollars } from '../../core/prices.ts'

const book = new PriceBook({ cheap: { input: 1, output: 2 }, dear: { input: 3, output: 15 }, free: { input: 0, output: 0 } })

test('a usual request is three tokens in for each one out, in nano-dollars', () => {
  assert.equal(usualCost(pricesAt(book, 'openai', 'cheap', undefined)('any')), 3000 * 1000 + 1000 * 2000)
  assert.equal(usualCost(pricesAt(book, 'openai', undefined, undefined)('dear')), 3000 * 3000 + 1000 * 15_000)
  assert.equal(usualDollars(pricesAt(book, 'openai', undefined, undefined)('dear')), 0.024)
})

test("the operator's price of a target is stronger, and a price of nothing is one", () => {
  assert.equal(usualCost(pricesAt(book, 'openai', 'dear', { input: 1, output: 1 })('any')), 4_000_000)
  assert.equal(usualDollars(pricesAt(undefined, 'openai', 'unknown', { input: 0, output: 0 })('any')), 0)
  assert.equal(usualDollars(pricesAt(book, 'openai', 'free', undefined)('any')), 0)
})

test('what nobody knows the price of is dearer than anything', () => {
  const unknown = pricesAt(book, 'openai', undefined, undefined)('unknown')
  assert.ok(usualCost(unknown) > usualCost(pricesAt(book, 'openai', 'x', { input: 1_000_000, output: 1_000_000 })('any')))
  assert.deepEqual([usualDollars(unknown), usualDollars(undefined)], [undefined, undefined])
})

test('the catalogue is loaded where a route goes by it', async () => {
  const config = (balance: string): Config => ({ routes: [{ balance: 'weighted' }, { balance }], budgets: [] }) as unknown as Config
  assert.equal(await loadPrices(config('fastest')), undefined)
  const of = pricesAt(await loadPrices(config('cheapest')), 'openai', undefined, undefined)
  assert.ok(usualCost(of('gpt-4o-mini')) < usualCost(of('gpt-4o')))
})

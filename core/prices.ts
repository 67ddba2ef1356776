// What tokens cost at a target: by the operator's `prices`, else by the catalogue. The one truth of it, for `balance: cheapest`,
// budgets and the records; made by gateway.ts, asked by balancer.ts, reservation.ts and settle.ts.
import { PriceBook, type Cost, type Price, type Usage } from '../sdk/index.ts'
import type { Config } from '../config/config.ts'
import type { Chain } from './chain.ts'

/** The price at a target of the model that the client named; undefined where nobody loaded any prices. */
export type PriceOf = (model: string) => Price | undefined

/** Targets are compared by three tokens in for each one out, which is what conversations come to. */
const USUAL: Usage = { input: 3000, output: 1000, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'estimated' }
/** What nobody knows the price of comes last. */
const UNPRICED = Number.MAX_SAFE_INTEGER
const NANO = 1e9

/** All prices, where the operator wrote some, or a route, a budget or an observer goes by them: loading the catalogue takes 40 ms. */
export async function loadPrices({ prices, providers, routes, budgets }: Config, chains: readonly Pick<Chain, 'observers'>[]): Promise<PriceBook | undefined> {
  const goesByThem = Object.keys(prices).length > 0
    || routes.some(({ balance }) => balance === 'cheapest')
    || budgets.some(({ of }) => of === 'cost')
    || chains.some(({ observers }) => observers.some(({ needsUsage }) => needsUsage))
  return goesByThem ? new PriceBook(prices, await import('@pydantic/genai-prices'), Object.keys(providers)) : undefined
}

/** The prices of a target: `provider` by its name in the config, `vendor` whose catalogue prices apply, and its model, or the client's own choice. */
export function pricesAt(book: PriceBook | undefined, provider: string, vendor: string, model: string | undefined): PriceOf {
  return asked => book?.find(provider, model ?? asked, Date.now(), vendor)
}

/** What a usage costs. */
export function costOf(price: Price, usage: Usage): Cost {
  return { dollars: price.costOf(usage) / NANO, price: price.statusOf(usage), version: price.version }
}

/** A cost in whole nano-dollars. */
export const nanoDollars = ({ dollars }: Cost): number => Math.round(dollars * NANO)

/** Nano-dollars of a usual request. */
export function usualCost(price: Price | undefined): number {
  return price?.status === 'exact' ? price.costOf(USUAL) : UNPRICED
}

/** The same in dollars; undefined where nobody knows. */
export function usualDollars(price: Price | undefined): number | undefined {
  const cost = usualCost(price)
  return cost === UNPRICED ? undefined : cost / NANO
}

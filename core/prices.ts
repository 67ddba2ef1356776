// What tokens cost at a target: by the operator's own price of it, else by the catalogue. For `balance: cheapest` and budgets
// of cost; made by gateway.ts, asked by balancer.ts and reservation.ts.
import { Price, PriceBook, type OwnPrice, type Usage } from '../sdk/index.ts'
import type { Config } from '../config/config.ts'

/** The price at a target of the model that the client named; undefined where nobody loaded any prices. */
export type PriceOf = (model: string) => Price | undefined

/** Targets are compared by three tokens in for each one out, which is what conversations come to. */
const USUAL: Usage = { input: 3000, output: 1000, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'estimated' }
/** What nobody knows the price of comes last. */
const UNPRICED = Number.MAX_SAFE_INTEGER

/** The catalogue, where a route or a budget goes by it: loading it takes 40 ms. */
export async function loadPrices({ routes, budgets }: Config): Promise<PriceBook | undefined> {
  if (!routes.some(({ balance }) => balance === 'cheapest') && !budgets.some(({ of }) => of === 'cost')) return undefined
  return new PriceBook({}, await import('@pydantic/genai-prices'))
}

/** The prices of a target whose model is `model`, or the client's own choice. `vendor` is whose prices apply. */
export function pricesAt(book: PriceBook | undefined, vendor: string, model: string | undefined, own: OwnPrice | undefined): PriceOf {
  const known = own && Price.own(own)
  return asked => known ?? book?.find(vendor, model ?? asked, Date.now())
}

/** Nano-dollars of a usual request. */
export function usualCost(price: Price | undefined): number {
  return price?.status === 'exact' ? price.costOf(USUAL) : UNPRICED
}

/** The same in dollars; undefined where nobody knows. */
export function usualDollars(price: Price | undefined): number | undefined {
  const cost = usualCost(price)
  return cost === UNPRICED ? undefined : cost / 1e9
}

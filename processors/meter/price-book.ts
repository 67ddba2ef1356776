// What a token costs: the operator's prices first, else the catalogue of @pydantic/genai-prices, looked up once a model.
// From there on all arithmetic is on integers. Called by ../meter.ts.
import { calcPrice, type ModelPrice } from '@pydantic/genai-prices'
import type { Notes, Usage } from 'gatehouse/sdk'

/** Whole pico-dollars a token: a dollar per million tokens is a million of them. By the request's input, last that applies. */
type Rate = readonly { readonly above: number; readonly pico: number }[]

/** What the tokens of one model cost. A part without its own rate costs what its whole does. */
export interface Price {
  readonly input: Rate
  readonly output: Rate
  readonly cacheRead: Rate | undefined
  readonly cacheWrite: Rate | undefined
  readonly reasoning: Rate | undefined
  /** Pico-dollars a request. */
  readonly request: number
}

/** Prices of the operator, in dollars per million tokens. */
export type Overrides = Readonly<Record<string, { input: number; output: number; cacheRead?: number; cacheWrite?: number }>>

/** Models remembered at most; the oldest gives way. */
const MOST_MODELS = 1000
const MINUTE = 60_000
const PICO = 1_000_000

interface Entry {
  readonly price: Price | undefined
  /** The minute that the price holds for; undefined where it does not depend on the time. */
  readonly minute: number | undefined
}

/** Prices by provider and model. */
export class PriceBook {
  readonly #overrides: ReadonlyMap<string, Price>
  readonly #entries = new Map<string, Entry>()

  constructor(overrides: Overrides) {
    this.#overrides = new Map(Object.entries(overrides).map(([model, { input, output, cacheRead, cacheWrite }]) => [
      model, priceOf({ input_mtok: input, output_mtok: output, cache_read_mtok: cacheRead, cache_write_mtok: cacheWrite }),
    ]))
  }

  /** The price at a time in milliseconds since 1970; undefined for a model that nobody knows. */
  find(provider: string, model: string, at: number): Price | undefined {
    const override = this.#overrides.get(model)
    if (override !== undefined) return override
    const key = `${provider}\0${model}`
    const minute = Math.floor(at / MINUTE)
    const known = this.#entries.get(key)
    if (known !== undefined && (known.minute === undefined || known.minute === minute)) return known.price
    const entry = look(provider, model, at, minute)
    this.#entries.delete(key)
    if (this.#entries.size >= MOST_MODELS) this.#entries.delete(this.#entries.keys().next().value!)
    this.#entries.set(key, entry)
    return entry.price
  }
}

function look(provider: string, model: string, at: number, minute: number): Entry {
  const found = calcPrice({}, model, { providerId: provider, timestamp: new Date(at) })
  if (found === null) return { price: undefined, minute: undefined }
  // A list of prices goes by the date or the time of day.
  return { price: priceOf(found.model_price), minute: Array.isArray(found.model.prices) ? minute : undefined }
}

function priceOf(prices: ModelPrice): Price {
  return {
    input: rateOf(prices['input_mtok']) ?? [],
    output: rateOf(prices['output_mtok']) ?? [],
    cacheRead: rateOf(prices['cache_read_mtok']),
    cacheWrite: rateOf(prices['cache_write_mtok']),
    reasoning: rateOf(prices['output_reasoning_mtok']),
    // Dollars per thousand requests.
    request: typeof prices['requests_kcount'] === 'number' ? Math.round(prices['requests_kcount'] * 1e9) : 0,
  }
}

function rateOf(price: ModelPrice[string]): Rate | undefined {
  if (price === undefined) return undefined
  if (typeof price === 'number') return [{ above: -1, pico: Math.round(price * PICO) }]
  const tiers = price.tiers.map(tier => ({ above: tier.start, pico: Math.round(tier.price * PICO) }))
  return [{ above: -1, pico: Math.round(price.base * PICO) }, ...tiers.toSorted((a, b) => a.above - b.above)]
}

/** The cost of an exchange, rounded once, to whole nano-dollars. */
export function costOf(price: Price | undefined, usage: Usage): NonNullable<Notes['cost']> {
  if (price === undefined) return { dollars: 0, price: 'missing' }
  if (isFree(price)) return { dollars: 0, price: 'unpriced' }
  const at = (rate: Rate): number => rate.findLast(({ above }) => usage.input > above)?.pico ?? 0
  const input = at(price.input)
  const output = at(price.output)
  const pico = price.request
    + Math.max(0, usage.input - usage.cacheRead - usage.cacheWrite) * input
    + usage.cacheRead * (price.cacheRead === undefined ? input : at(price.cacheRead))
    + usage.cacheWrite * (price.cacheWrite === undefined ? input : at(price.cacheWrite))
    + Math.max(0, usage.output - usage.reasoning) * output
    + usage.reasoning * (price.reasoning === undefined ? output : at(price.reasoning))
  return { dollars: Math.round(pico / 1000) / 1e9, price: 'exact' }
}

function isFree({ input, output, cacheRead, cacheWrite, reasoning, request }: Price): boolean {
  const rates = [input, output, cacheRead ?? [], cacheWrite ?? [], reasoning ?? []]
  return request === 0 && rates.every(rate => rate.every(({ pico }) => pico === 0))
}

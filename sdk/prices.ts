// Where prices come from: the operator first, else a catalogue, asked once a model. Who wants the catalogue loads it (40 ms):
// `new PriceBook(own, await import('@pydantic/genai-prices'))`.
import type { calcPrice, findProvider } from '@pydantic/genai-prices'
import { Price, type OwnPrice } from './price.ts'

/** What the book asks of the package @pydantic/genai-prices. */
export interface Catalogue {
  readonly calcPrice: typeof calcPrice
  readonly findProvider: typeof findProvider
}

/** The edition of the catalogue that this version of the house comes with. */
export const CATALOGUE_VERSION = 'genai-prices@0.1.8'

const MISSING = new Price({}, 'missing', '')

/** The catalogue's names of providers that the house calls otherwise. */
const CATALOGUED: ReadonlyMap<string, string> = new Map([['gemini', 'google'], ['vertex', 'google'], ['bedrock', 'aws'], ['xai', 'x-ai']])

/** Models remembered at most; the oldest gives way. */
const MOST_MODELS = 1000
const LONGEST_MODEL = 256
const MINUTE = 60_000

interface Entry {
  readonly price: Price
  /** The minute that the price holds for; undefined where it does not depend on the time. */
  readonly minute: number | undefined
}

/** Prices by provider and model. */
export class PriceBook {
  readonly #own: ReadonlyMap<string, Price>
  /** Of these, what may be a model's whole name, whoever provides it. */
  readonly #ofModels: ReadonlyMap<string, Price>
  readonly #catalogue: Catalogue | undefined
  readonly #entries = new Map<string, Entry>()

  /**
   * Prices of the operator by `model` or, before that, `provider/model`. Of a name that begins like one of the `providers` it is
   * the latter alone, since routers call their models so too. Without a catalogue, what they do not name is missing.
   */
  constructor(own: Readonly<Record<string, OwnPrice>>, catalogue?: Catalogue, providers: readonly string[] = []) {
    this.#own = new Map(Object.entries(own).map(([name, price]) => [name, Price.own(price)]))
    this.#ofModels = new Map([...this.#own].filter(([name]) => !providers.some(provider => name.startsWith(`${provider}/`))))
    this.#catalogue = catalogue
  }

  /** The price at a time in milliseconds since 1970. The operator goes by the provider, the catalogue by the vendor that it is of. */
  find(provider: string, model: string, at: number, vendor = provider): Price {
    const own = this.#own.get(`${provider}/${model}`) ?? this.#ofModels.get(model)
    if (own !== undefined) return own
    if (this.#catalogue === undefined || model.length > LONGEST_MODEL) return MISSING
    const key = `${vendor}\0${model}`
    const minute = Math.floor(at / MINUTE)
    const known = this.#entries.get(key)
    if (known !== undefined && (known.minute === undefined || known.minute === minute)) return known.price
    const entry = look(this.#catalogue, CATALOGUED.get(vendor) ?? vendor, model, minute)
    this.#entries.delete(key)
    if (this.#entries.size >= MOST_MODELS) this.#entries.delete(this.#entries.keys().next().value!)
    this.#entries.set(key, entry)
    return entry.price
  }
}

function look({ calcPrice, findProvider }: Catalogue, provider: string, model: string, minute: number): Entry {
  // The catalogue also finds providers by words in their names, and would take `openai-compatible` for OpenAI.
  const known = findProvider({ providerId: provider })?.id === provider
  const found = known ? calcPrice({}, model, { providerId: provider, timestamp: new Date(minute * MINUTE) }) : null
  if (found === null) return { price: MISSING, minute: undefined }
  const price = Price.listed(found.model_price, CATALOGUE_VERSION)
  // A list of prices goes by the date or the time of day.
  return { price, minute: Array.isArray(found.model.prices) ? minute : undefined }
}

// What the tokens of one model cost: a rate for each part of a usage, and the sums. All arithmetic is on integers. Looked up
// by prices.ts.
import type { ModelPrice } from '@pydantic/genai-prices'
import { Type, type Static } from 'typebox'
import type { Usage } from './usage.ts'

const PER_MILLION = Type.Number({ minimum: 0, maximum: 1_000_000 })

/** What an operator may write about a price: dollars per million tokens, and dollars a request. A part left out costs what `Rates` says. */
export const OwnPrice = Type.Object({
  input: PER_MILLION,
  output: PER_MILLION,
  cacheRead: Type.Optional(PER_MILLION),
  cacheWrite: Type.Optional(PER_MILLION),
  cacheWriteHour: Type.Optional(PER_MILLION),
  reasoning: Type.Optional(PER_MILLION),
  inputAudio: Type.Optional(PER_MILLION),
  inputImage: Type.Optional(PER_MILLION),
  outputAudio: Type.Optional(PER_MILLION),
  outputImage: Type.Optional(PER_MILLION),
  request: Type.Optional(Type.Number({ minimum: 0, maximum: 1000, description: 'Dollars for each request.' })),
}, { additionalProperties: false, description: 'Dollars per million tokens.' })
export type OwnPrice = Static<typeof OwnPrice>

/** Whole pico-dollars a token (a dollar per million tokens is a million of them) by the request's input: the last that applies. */
export type Rate = readonly { readonly above: number; readonly pico: number }[]

/**
 * A rate for each part of a usage; a part without its own costs what its whole does. Only what is written into a cache for an
 * hour costs twice the input then, where writing has a price: https://platform.claude.com/docs/en/build-with-claude/prompt-caching.
 */
export interface Rates {
  readonly input: Rate
  readonly cacheRead: Rate
  readonly cacheWrite: Rate
  readonly cacheWriteHour: Rate
  readonly inputAudio: Rate
  readonly inputImage: Rate
  readonly cacheReadAudio: Rate
  readonly cacheReadImage: Rate
  readonly output: Rate
  readonly reasoning: Rate
  readonly outputAudio: Rate
  readonly outputImage: Rate
  /** Pico-dollars a request. */
  readonly request: number
}

type Parts = readonly (readonly [tokens: number, rate: Rate])[]

/**
 * What vendors bill at rates of their own, so that the rate of texts is wrong where a list has none for it. Pictures in a prompt
 * are not among them: a list names their rate where it is not that of texts (OpenAI: GPT Image and realtime; Google: Live).
 */
const APART = [
  ['inputAudio', 'input_audio_mtok'], ['cacheReadAudio', 'cache_audio_read_mtok'],
  ['outputAudio', 'output_audio_mtok'], ['outputImage', 'output_image_mtok'],
] as const satisfies readonly (readonly [part: keyof Usage, rate: string])[]

const PICO = 1_000_000
const PICO_IN_NANO = 1000

/** What the tokens of one model cost. Pure. Money is in whole nano-dollars, exact up to 9,000 dollars a request. */
export class Price {
  /** `exact`; `unpriced` where the catalogue knows the model but no price for its tokens; `missing` where nobody knows it. */
  readonly status: 'exact' | 'unpriced' | 'missing'
  /** Where it comes from: `config`, the edition of the catalogue, or empty where it is missing. */
  readonly version: string
  readonly rates: Rates
  /** Of a usage, what it has no price for. */
  readonly #gaps: readonly (keyof Usage)[]

  constructor(prices: ModelPrice, status: Price['status'], version: string, gaps: readonly (keyof Usage)[] = []) {
    this.status = status
    this.version = version
    this.rates = ratesOf(prices)
    this.#gaps = gaps
  }

  /** The price that an operator wrote. It is `exact` for any usage, also where it says that the tokens cost nothing. */
  static own(price: OwnPrice): Price {
    return new Price({
      input_mtok: price.input, output_mtok: price.output, cache_read_mtok: price.cacheRead, cache_write_mtok: price.cacheWrite,
      cache_write_1h_mtok: price.cacheWriteHour, output_reasoning_mtok: price.reasoning,
      input_audio_mtok: price.inputAudio, input_image_mtok: price.inputImage,
      output_audio_mtok: price.outputAudio, output_image_mtok: price.outputImage,
      requests_kcount: price.request === undefined ? undefined : price.request * 1000,
    }, 'exact', 'config')
  }

  /** The price that a catalogue tells. One by the hour or the page is no help, and 0 is what it says of what it does not know. */
  static listed(prices: ModelPrice, version: string): Price {
    const { input, output, request } = ratesOf(prices)
    const isKnown = request > 0 || [...input, ...output].some(({ pico }) => pico > 0)
    const gaps = APART.filter(([, rate]) => prices[rate] === undefined).map(([part]) => part)
    return new Price(prices, isKnown ? 'exact' : 'unpriced', version, ['offList', ...gaps])
  }

  /** What the cost of a usage is: `unpriced` also where a list has a price for the model, but not for all of the usage. */
  statusOf(usage: Usage): Price['status'] {
    if (this.status !== 'exact') return this.status
    for (const part of this.#gaps) if (usage[part]) return 'unpriced'
    return 'exact'
  }

  /** The cost in nano-dollars, rounded once. Each token is paid for once, also where the parts come to more than their total. */
  costOf(usage: Usage): number {
    const { rates } = this
    const { input, output, cacheRead, cacheWrite, reasoning } = usage
    const { billedInput = input, billedOutput = output, cacheWriteHour = 0, cacheReadAudio = 0, cacheReadImage = 0 } = usage
    const pico = rates.request
      + sum(billedInput, input, [
        [cacheReadAudio, rates.cacheReadAudio], [cacheReadImage, rates.cacheReadImage],
        [cacheRead - cacheReadAudio - cacheReadImage, rates.cacheRead],
        [cacheWriteHour, rates.cacheWriteHour], [cacheWrite - cacheWriteHour, rates.cacheWrite],
        [(usage.inputAudio ?? 0) - cacheReadAudio, rates.inputAudio], [(usage.inputImage ?? 0) - cacheReadImage, rates.inputImage],
      ], rates.input)
      + sum(billedOutput, input, [
        [reasoning, rates.reasoning], [usage.outputAudio ?? 0, rates.outputAudio], [usage.outputImage ?? 0, rates.outputImage],
      ], rates.output)
    return Math.round(pico / PICO_IN_NANO)
  }

  /** The most that so many tokens can cost, in nano-dollars, whatever they turn out to be: never less than `costOf`. */
  worstCase(input: number, maxOutput: number): number {
    const { rates } = this
    const dearestIn = dearest(input, [
      rates.input, rates.cacheRead, rates.cacheWrite, rates.cacheWriteHour, rates.inputAudio, rates.inputImage,
      rates.cacheReadAudio, rates.cacheReadImage,
    ])
    const dearestOut = dearest(input, [rates.output, rates.reasoning, rates.outputAudio, rates.outputImage])
    return Math.ceil((rates.request + input * dearestIn + maxOutput * dearestOut) / PICO_IN_NANO)
  }
}

function ratesOf(prices: ModelPrice): Rates {
  const input = rateOf(prices['input_mtok']) ?? []
  const output = rateOf(prices['output_mtok']) ?? []
  const cacheRead = rateOf(prices['cache_read_mtok'])
  const cacheWrite = rateOf(prices['cache_write_mtok'])
  const inputAudio = rateOf(prices['input_audio_mtok'])
  const inputImage = rateOf(prices['input_image_mtok'])
  return {
    input, output, cacheRead: cacheRead ?? input, inputAudio: inputAudio ?? input, inputImage: inputImage ?? input,
    cacheWrite: cacheWrite ?? input,
    cacheWriteHour: rateOf(prices['cache_write_1h_mtok']) ?? (cacheWrite === undefined ? input : twice(input)),
    cacheReadAudio: rateOf(prices['cache_audio_read_mtok']) ?? cacheRead ?? inputAudio ?? input,
    cacheReadImage: rateOf(prices['cache_image_read_mtok']) ?? cacheRead ?? inputImage ?? input,
    reasoning: rateOf(prices['output_reasoning_mtok']) ?? output,
    outputAudio: rateOf(prices['output_audio_mtok']) ?? output,
    outputImage: rateOf(prices['output_image_mtok']) ?? output,
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

const twice = (rate: Rate): Rate => rate.map(({ above, pico }) => ({ above, pico: 2 * pico }))

/** Pico-dollars of the parts in turn, none beyond what is left of the total, and of what remains. */
function sum(total: number, tier: number, parts: Parts, rest: Rate): number {
  let left = total
  let pico = 0
  for (const [tokens, rate] of parts) {
    const paid = Math.min(Math.max(0, tokens), left)
    left -= paid
    pico += paid * rateAt(rate, tier)
  }
  return pico + left * rateAt(rest, tier)
}

const rateAt = (rate: Rate, tier: number): number => rate.findLast(({ above }) => tier > above)?.pico ?? 0

const dearest = (tier: number, rates: readonly Rate[]): number =>
  Math.max(0, ...rates.flatMap(rate => rate.filter(({ above }) => tier > above).map(({ pico }) => pico)))

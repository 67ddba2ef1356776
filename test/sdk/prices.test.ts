import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import * as catalogue from '@pydantic/genai-prices'
import { CATALOGUE_VERSION, Price, PriceBook, type Catalogue, type OwnPrice, type Usage } from '../../sdk/index.ts'
import { fc } from '../law.ts'

const NOON = Date.UTC(2026, 0, 15, 12)
const PROVIDERS = [
  'openai', 'anthropic', 'google', 'azure', 'aws', 'mistral', 'deepseek', 'groq', 'x-ai', 'cohere', 'perplexity', 'together',
  'openrouter',
]
const MODELS = PROVIDERS.flatMap(providerId => {
  const models = catalogue.findProvider({ providerId })?.models ?? []
  return models.map(({ id }) => [providerId, id] as const)
}).filter(([providerId, id]) => catalogue.calcPrice({}, id, { providerId }) !== null)

const part = fc.nat(300_000)

/** Usages whose parts add up: what is fresh, read and written, each in texts, sounds and pictures. */
const usages: fc.Arbitrary<Usage> = fc.record({
  fresh: fc.tuple(part, part, part), read: fc.tuple(part, part, part), written: fc.tuple(part, part), said: fc.tuple(part, part, part, part),
}).map(({ fresh: [words, audio, image], read: [readWords, readAudio, readImage], written: [short, hour], said }) => {
  const cacheRead = readWords + readAudio + readImage
  const [plain, reasoning, outputAudio, outputImage] = said
  return {
    input: words + audio + image + cacheRead + short + hour, cacheRead, cacheWrite: short + hour, cacheWriteHour: hour,
    inputAudio: audio + readAudio, inputImage: image + readImage, cacheReadAudio: readAudio, cacheReadImage: readImage,
    output: plain + reasoning + outputAudio + outputImage, reasoning, outputAudio, outputImage, source: 'provider',
  }
})

function theirUsage(ours: Usage): catalogue.Usage {
  return {
    input_tokens: ours.input, cache_read_tokens: ours.cacheRead, cache_write_tokens: ours.cacheWrite,
    cache_write_1h_tokens: ours.cacheWriteHour, input_audio_tokens: ours.inputAudio, input_image_tokens: ours.inputImage,
    cache_audio_read_tokens: ours.cacheReadAudio, cache_image_read_tokens: ours.cacheReadImage,
    output_tokens: ours.output, output_reasoning_tokens: ours.reasoning,
    output_audio_tokens: ours.outputAudio, output_image_tokens: ours.outputImage,
  }
}

function usage(input: number, output: number, more: Partial<Usage> = {}): Usage {
  return { input, output, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider', ...more }
}

describe('a price', () => {
  // Nano-dollars a token are dollars per million tokens, times a thousand.
  const own: OwnPrice = {
    input: 0.003, output: 0.02, cacheRead: 0.001, cacheWrite: 0.004, cacheWriteHour: 0.006, reasoning: 0.03,
    inputAudio: 0.01, inputImage: 0.005, outputAudio: 0.05, outputImage: 0.04,
  }
  const rows: readonly (readonly [name: string, usage: Usage, nano: number, price?: Partial<OwnPrice>])[] = [
    ['of nothing', usage(0, 0), 0],
    ['of texts', usage(100, 10), 100 * 3 + 10 * 20],
    ['of what was read from the cache', usage(100, 0, { cacheRead: 60 }), 40 * 3 + 60 * 1],
    ['of what was written into it', usage(100, 0, { cacheWrite: 60 }), 40 * 3 + 60 * 4],
    ['of what was written for an hour', usage(100, 0, { cacheWrite: 60, cacheWriteHour: 50 }), 40 * 3 + 10 * 4 + 50 * 6],
    ['of thoughts', usage(0, 100, { reasoning: 30 }), 70 * 20 + 30 * 30],
    ['of sounds', usage(100, 50, { inputAudio: 90, outputAudio: 40 }), 10 * 3 + 90 * 10 + 10 * 20 + 40 * 50],
    ['of pictures', usage(100, 50, { inputImage: 90, outputImage: 40 }), 10 * 3 + 90 * 5 + 10 * 20 + 40 * 40],
    ['of sounds from the cache', usage(100, 0, { inputAudio: 90, cacheRead: 50, cacheReadAudio: 40 }), 0 * 3 + 10 * 1 + 40 * 1 + 50 * 10],
    ['of a request', usage(0, 0), 5_000_000, { request: 0.005 }],
    ['of what is billed instead of what was used', usage(100, 50, { billedInput: 7, billedOutput: 0 }), 7 * 3],
    ['of parts that come to more than their total', usage(100, 0, { cacheRead: 70, inputAudio: 80 }), 70 * 1 + 30 * 10],
    ['of half a nano-dollar', usage(1, 0), 1, { input: 0.0005 }],
    ['of less than half', usage(1, 0), 0, { input: 0.0004 }],
  ]
  for (const [name, used, nano, more = {}] of rows) {
    it(`${name} is ${nano}`, () => assert.equal(Price.own({ ...own, ...more }).costOf(used), nano))
  }

  it('of a part without a rate of its own is that of the whole', () => {
    const plain = Price.own({ input: 0.003, output: 0.02 })
    fc.assert(fc.property(usages, used => {
      assert.equal(plain.costOf(used), used.input * 3 + used.output * 20)
    }))
  })

  it('of what was written for an hour is twice the input where only writing has one, which is what the lists say that have it', () => {
    assert.equal(Price.own({ input: 0.003, output: 0.02, cacheWrite: 0.004 }).costOf(usage(100, 0, { cacheWrite: 60, cacheWriteHour: 50 })), 40 * 3 + 10 * 4 + 50 * 6)
    const written = usage(100_000, 0, { cacheWrite: 100_000, cacheWriteHour: 100_000 })
    const listed = MODELS.map(([providerId, id]) => catalogue.calcPrice({}, id, { providerId })!.model_price).filter(price => price['cache_write_1h_mtok'] !== undefined)
    assert.ok(listed.length > 20)
    for (const { cache_write_1h_mtok: hour, ...price } of listed) {
      assert.equal(Price.listed(price, '').costOf(written), Price.listed({ ...price, cache_write_1h_mtok: hour }, '').costOf(written))
    }
  })

  it('goes by the size of the request', () => {
    const tiers = { base: 0.003, tiers: [{ start: 1000, price: 0.009 }, { start: 200, price: 0.006 }] }
    const price = new Price({ input_mtok: tiers, output_mtok: 0.02 }, 'exact', 'test')
    assert.deepEqual([200, 201, 1000, 1001].map(input => price.costOf(usage(input, 0))), [200 * 3, 201 * 6, 1000 * 6, 1001 * 9])
  })

  it('at worst is never less than what it comes to', () => {
    const book = new PriceBook({}, catalogue)
    fc.assert(fc.property(fc.constantFrom(...MODELS), usages, fc.nat(1000), fc.nat(1000), ([provider, model], used, more, longer) => {
      const price = book.find(provider, model, NOON)
      assert.ok(price.worstCase(used.input + more, used.output + longer) >= price.costOf(used), `${provider} ${model}`)
    }), { numRuns: 1000 })
    assert.equal(Price.own(own).worstCase(10, 20), 10 * 10 + 20 * 50)
  })
})

describe('the price book', () => {
  it('comes to what the catalogue itself comes to, for any model and usage', () => {
    const book = new PriceBook({}, catalogue)
    assert.ok(MODELS.length > 500)
    fc.assert(fc.property(fc.constantFrom(...MODELS), usages, ([provider, model], drawn) => {
      // The catalogue takes an hour for five minutes where it does not list it.
      const { cache_write_1h_mtok: hour } = catalogue.calcPrice({}, model, { providerId: provider, timestamp: new Date(NOON) })?.model_price ?? {}
      const used = hour === undefined ? { ...drawn, cacheWriteHour: 0 } : drawn
      const theirs = catalogue.calcPrice(theirUsage(used), model, { providerId: provider, timestamp: new Date(NOON) })
      const price = book.find(provider, model, NOON)
      assert.equal(price.status === 'missing', theirs === null)
      const dollars = theirs?.total_price ?? 0
      const ours = price.costOf(used) / 1e9
      // Half a pico-dollar a token at most is lost to the rate, half a nano-dollar to the sum.
      const near = Math.abs(ours - dollars) <= 1e-9 + (used.input + used.output) * 1e-12
      assert.ok(near, `${provider} ${model}: ${ours}, not ${dollars}`)
    }), { numRuns: 2000 })
  })

  const statuses: readonly (readonly [provider: string, model: string, status: Price['status'], version: string])[] = [
    ['openai', 'gpt-4o', 'exact', CATALOGUE_VERSION],
    ['gemini', 'gemini-2.5-pro', 'exact', CATALOGUE_VERSION],
    ['vertex', 'gemini-2.5-pro', 'exact', CATALOGUE_VERSION],
    ['bedrock', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'exact', CATALOGUE_VERSION],
    ['azure', 'gpt-4o', 'exact', CATALOGUE_VERSION],
    ['xai', 'grok-4-0709', 'exact', CATALOGUE_VERSION],
    ['groq', 'llama-3.3-70b-versatile', 'exact', CATALOGUE_VERSION],
    ['together', 'meta-llama/Llama-3.3-70B-Instruct-Turbo', 'exact', CATALOGUE_VERSION],
    ['fireworks', 'accounts/fireworks/models/deepseek-v3-0324', 'exact', CATALOGUE_VERSION],
    ['perplexity', 'sonar', 'exact', CATALOGUE_VERSION],
    // Known, and free, or by the hour: nothing that a budget could go by.
    ['openai', 'omni-moderation-latest', 'unpriced', CATALOGUE_VERSION],
    ['openai', 'whisper-1', 'unpriced', CATALOGUE_VERSION],
    ['openai', 'gpt-unheard-of', 'missing', ''],
    ['openai', 'x'.repeat(300), 'missing', ''],
    ['echo', 'gpt-4o', 'missing', ''],
    // A server of one's own may call its model anything.
    ['openai-compatible', 'gpt-4o', 'missing', ''],
    ['ollama', 'llama3', 'missing', ''],
    ['anything', 'our-own', 'exact', 'config'],
    ['anything', 'free', 'exact', 'config'],
  ]
  for (const [provider, model, status, version] of statuses) {
    it(`finds ${model.slice(0, 50)} of ${provider} ${status}`, () => {
      const book = new PriceBook({ 'our-own': { input: 1, output: 2 }, free: { input: 0, output: 0 } }, catalogue)
      const price = book.find(provider, model, NOON)
      assert.deepEqual([price.status, price.version], [status, version])
    })
  }

  it('takes what the operator says of a provider\'s model before what is said of the model', () => {
    const book = new PriceBook({ 'gpt-4o': { input: 1, output: 2 }, 'azure/gpt-4o': { input: 3, output: 4 } }, catalogue)
    const cost = (provider: string): number => book.find(provider, 'gpt-4o', NOON).costOf(usage(1000, 0))
    assert.deepEqual([cost('azure'), cost('openai')], [3_000_000, 1_000_000])
  })

  it('goes by the provider where the operator speaks, and by its vendor where the catalogue does', () => {
    const book = new PriceBook({ 'mine/gpt-4o': { input: 1, output: 2 }, 'openai/gpt-4o-mini': { input: 3, output: 4 } }, catalogue)
    const cost = (model: string): number => book.find('mine', model, NOON, 'openai').costOf(usage(1000, 0))
    assert.deepEqual([cost('gpt-4o'), cost('gpt-4o-mini')], [1_000_000, 150_000])
  })

  it('takes a name that begins like a provider for its model, and for none of a router', () => {
    const own = { 'openai/gpt-4o': { input: 2, output: 8 }, 'meta/llama': { input: 1, output: 1 } }
    const book = new PriceBook(own, catalogue, ['openai', 'router'])
    const versions = [['openai', 'gpt-4o'], ['router', 'openai/gpt-4o'], ['router', 'meta/llama']] as const
    assert.deepEqual(versions.map(([provider, model]) => book.find(provider, model, NOON, 'openrouter').version), ['config', CATALOGUE_VERSION, 'config'])
  })

  it('names the edition of the catalogue that is installed', () => {
    const { dependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    assert.equal(CATALOGUE_VERSION, `genai-prices@${dependencies['@pydantic/genai-prices']}`)
  })

  /** The catalogue, and how often it was asked for a price. */
  function counted(): { catalogue: Catalogue, asked: () => number } {
    let asked = 0
    return { asked: () => asked, catalogue: { ...catalogue, calcPrice: (...args) => (asked++, catalogue.calcPrice(...args)) } }
  }

  it('looks a model up once, and a price that goes by the time once a minute', () => {
    const { catalogue: watched, asked } = counted()
    const book = new PriceBook({}, watched)
    for (const at of [NOON, NOON + 86_400_000]) book.find('openai', 'gpt-4o', at)
    assert.equal(asked(), 1)
    for (const at of [NOON, NOON + 59_999, NOON + 60_000]) book.find('deepseek', 'deepseek-chat', at)
    assert.equal(asked(), 3)
  })

  it('follows a price that goes by the time of day, and one that goes by the date', () => {
    const book = new PriceBook({}, catalogue)
    for (const [provider, model, times] of [
      ['deepseek', 'deepseek-chat', [NOON, Date.UTC(2026, 0, 15, 20)]],
      ['openai', 'gpt-5.6', [Date.UTC(2026, 7, 20), Date.UTC(2026, 7, 22)]],
    ] as const) {
      const costs = times.map(at => {
        const theirs = catalogue.calcPrice({ input_tokens: 100_000 }, model, { providerId: provider, timestamp: new Date(at) })
        const ours = book.find(provider, model, at).costOf(usage(100_000, 0)) / 1e9
        assert.equal(ours, theirs?.total_price)
        return ours
      })
      assert.notEqual(costs[0], costs[1])
    }
  })

  it('forgets the oldest models when there are too many', () => {
    const { catalogue: watched, asked } = counted()
    const book = new PriceBook({}, watched)
    for (let i = 0; i <= 1000; i++) book.find('openai', `nobody-knows-${i}`, NOON)
    book.find('openai', 'nobody-knows-1000', NOON)
    assert.equal(asked(), 1001)
    book.find('openai', 'nobody-knows-0', NOON)
    assert.equal(asked(), 1002)
  })
})

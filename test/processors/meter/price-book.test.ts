import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { calcPrice, findProvider } from '@pydantic/genai-prices'
import { fc } from '../../law.ts'
import { costOf, PriceBook } from '../../../processors/meter/price-book.ts'

const NOON = Date.UTC(2026, 0, 15, 12)
const PROVIDERS = [
  'openai', 'anthropic', 'google', 'azure', 'aws', 'mistral', 'deepseek', 'groq', 'x-ai', 'cohere', 'perplexity', 'together',
  'openrouter',
]
const MODELS = PROVIDERS.flatMap(providerId => {
  const models = findProvider({ providerId })?.models ?? []
  return models.map(({ id }) => [providerId, id] as const)
})

describe('price book', () => {
  it('comes to what the catalogue itself comes to, for any model and usage', () => {
    const book = new PriceBook({})
    const part = fc.nat(300_000)
    const usages = fc.record({ plain: part, cacheRead: part, cacheWrite: part, said: part, reasoning: part })
    assert.ok(MODELS.length > 500)
    fc.assert(fc.property(fc.constantFrom(...MODELS), usages, ([provider, model], used) => {
      const { plain, cacheRead, cacheWrite, said, reasoning } = used
      const input = plain + cacheRead + cacheWrite
      const output = said + reasoning
      const theirs = calcPrice({
        input_tokens: input, cache_read_tokens: cacheRead, cache_write_tokens: cacheWrite,
        output_tokens: output, output_reasoning_tokens: reasoning,
      }, model, { providerId: provider, timestamp: new Date(NOON) })
      const price = book.find(provider, model, NOON)
      const ours = costOf(price, { input, output, cacheRead, cacheWrite, reasoning, source: 'provider' })
      const dollars = theirs?.total_price ?? 0
      assert.equal(ours.price === 'missing', theirs === null)
      // Half a pico-dollar a token at most is lost to the rate, half a nano-dollar to the sum.
      const near = Math.abs(ours.dollars - dollars) <= 1e-9 + (input + output) * 1e-12
      assert.ok(near, `${provider} ${model}: ${ours.dollars}, not ${dollars}`)
    }), { numRuns: 2000 })
  })

  it('looks a model up once', () => {
    const book = new PriceBook({})
    assert.equal(book.find('openai', 'gpt-4o', NOON), book.find('openai', 'gpt-4o', NOON + 86_400_000))
  })

  it('follows a price that goes by the time of day', () => {
    const book = new PriceBook({})
    const usage = { input: 1_000_000, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider' } as const
    const [noon, night] = [NOON, Date.UTC(2026, 0, 15, 20)].map(at => {
      const options = { providerId: 'deepseek', timestamp: new Date(at) }
      const theirs = calcPrice({ input_tokens: usage.input }, 'deepseek-chat', options)
      const ours = costOf(book.find('deepseek', 'deepseek-chat', at), usage)
      assert.equal(ours.dollars, theirs?.total_price)
      return ours.dollars
    })
    assert.notEqual(noon, night)
  })

  it('forgets the oldest models when there are too many', () => {
    const book = new PriceBook({})
    const first = book.find('openai', 'gpt-4o', NOON)
    for (let i = 0; i < 1000; i++) book.find('openai', `nobody-knows-${i}`, NOON)
    const again = book.find('openai', 'gpt-4o', NOON)
    assert.notEqual(again, first)
    assert.deepEqual(again, first)
  })

  it('rounds once, to whole nano-dollars', () => {
    const book = new PriceBook({ odd: { input: 0.0004, output: 0.0003 } })
    const usage = { input: 1, output: 2, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider' } as const
    assert.deepEqual(costOf(book.find('x', 'odd', NOON), usage), { dollars: 0.000000001, price: 'exact' })
  })
})

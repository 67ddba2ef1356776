import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Exchange, Usage } from 'gatehouse/sdk'
import meter from '../../processors/meter.ts'

function usage(input: number, output: number, more: Partial<Usage> = {}): Usage {
  return { input, output, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider', ...more }
}

function exchange(more: Partial<Exchange>): Exchange {
  return {
    id: '1', at: Date.UTC(2026, 0, 15, 12), dialect: 'openai-chat', route: 'r', consumer: 'c', tags: {},
    provider: 'openai', model: 'gpt-4o', status: 200, streamed: false, ending: 'complete',
    usage: undefined, asked: [], answered: [], ...more,
  }
}

const { observe } = await meter.setup({})

describe('meter', () => {
  // A million tokens of gpt-4o cost $2.50 in, $1.25 from the cache, $10 out; of claude-sonnet-4-5 $3 in, $0.30 from the
  // cache, $3.75 into it, $15 out, and beyond 200,000 tokens of input $6 and $22.50.
  const claude = { provider: 'anthropic', model: 'claude-sonnet-4-5' }
  const priced: readonly (readonly [name: string, exchange: Partial<Exchange>, dollars: number, price: string])[] = [
    ['input and output', { usage: usage(1000, 100) }, 0.0035, 'exact'],
    ['one token', { usage: usage(1, 0) }, 0.0000025, 'exact'],
    ['the prompt cache', { usage: usage(1000, 100, { cacheRead: 400 }) }, 0.003, 'exact'],
    ['reasoning as the output that it is', { usage: usage(1000, 100, { reasoning: 60 }) }, 0.0035, 'exact'],
    ['cache writes', { ...claude, usage: usage(10_000, 0, { cacheRead: 2000, cacheWrite: 3000 }) }, 0.02685, 'exact'],
    ['the last token of a tier', { ...claude, usage: usage(200_000, 1000) }, 0.615, 'exact'],
    ['the tier above', { ...claude, usage: usage(200_001, 1000) }, 1.222506, 'exact'],
    ['a model without a price', { model: 'omni-moderation-latest', usage: usage(1000, 0) }, 0, 'unpriced'],
    ['a model that nobody knows', { model: 'gpt-unheard-of', usage: usage(1000, 0) }, 0, 'missing'],
    ['a provider that nobody knows', { provider: 'echo', usage: usage(1000, 0) }, 0, 'missing'],
    ['nothing used', { usage: usage(0, 0) }, 0, 'exact'],
  ]
  for (const [name, given, dollars, price] of priced) {
    it(`prices ${name}`, async () => {
      assert.deepEqual(await observe(exchange(given)), { usage: given.usage, cost: { dollars, price } })
    })
  }

  it('takes the operator\'s prices before all others', async () => {
    const own = await meter.setup({
      prices: {
        'gpt-4o': { input: 1, output: 2 }, 'my-llama': { input: 0.1, output: 0.3, cacheRead: 0.01, cacheWrite: 0.2 },
        free: { input: 0, output: 0 },
      },
    })
    const cost = async (model: string, used: Usage) => (await own.observe(exchange({ model, usage: used })))?.cost
    const cached = usage(1000, 100, { cacheRead: 500, cacheWrite: 100 })
    assert.deepEqual(await cost('gpt-4o', cached), { dollars: 0.0012, price: 'exact' })
    assert.deepEqual(await cost('my-llama', cached), { dollars: 0.000095, price: 'exact' })
    assert.deepEqual(await cost('free', usage(1000, 100)), { dollars: 0, price: 'unpriced' })
    assert.deepEqual(await cost('gpt-4o-mini', usage(1_000_000, 0)), { dollars: 0.15, price: 'exact' })
  })

  it('counts where the provider reported nothing, and says so', async () => {
    const noted = await observe(exchange({ asked: ['You are helpful.', 'Hello, world!'], answered: ['Hello to you.'] }))
    assert.deepEqual(noted, {
      usage: { input: 8, output: 4, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'estimated' },
      cost: { dollars: 0.00006, price: 'exact' },
    })
  })

  it('never counts over what the provider reported', async () => {
    assert.equal((await observe(exchange({ usage: usage(7, 3), asked: ['Hello, world!'] })))?.usage?.source, 'provider')
  })

  const silent: readonly (readonly [name: string, exchange: Partial<Exchange>])[] = [
    ['there is no text', {}], ['the texts are empty', { asked: [''], answered: [''] }],
    ['the upstream refused', { asked: ['hello'], status: 503, ending: 'upstream_failed' }],
  ]
  for (const [name, given] of silent) {
    it(`counts nothing where ${name}`, async () => {
      assert.equal(await observe(exchange(given)), undefined)
    })
  }

  it('counts what was said before the client left', async () => {
    const noted = await observe(exchange({ asked: ['Hello, world!'], answered: ['Hello'], status: 499, ending: 'client_closed' }))
    assert.deepEqual([noted?.usage?.input, noted?.usage?.output], [4, 1])
  })
})

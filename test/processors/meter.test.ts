import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CATALOGUE_VERSION, type Exchange, type Usage } from 'gatehouse/sdk'
import { validator } from '../../config/validator.ts'
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
    ['nothing used', { usage: usage(0, 0) }, 0, 'exact'],
    ['an answer that was blocked when it was there', { usage: usage(1000, 100), ending: 'blocked', answered: ['Hello'] }, 0.0035, 'exact'],
  ]
  for (const [name, given, dollars, price] of priced) {
    it(`prices ${name}`, async () => {
      assert.deepEqual(await observe(exchange(given)), { usage: given.usage, cost: { dollars, price, version: CATALOGUE_VERSION } })
    })
  }

  for (const [name, given] of [['a model', { model: 'gpt-unheard-of' }], ['a provider', { provider: 'echo' }]] as const) {
    it(`says that it has no price for ${name} that nobody knows`, async () => {
      const noted = await observe(exchange({ ...given, usage: usage(1000, 0) }))
      assert.deepEqual(noted?.cost, { dollars: 0, price: 'missing', version: '' })
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
    assert.deepEqual(await cost('gpt-4o', cached), { dollars: 0.0012, price: 'exact', version: 'config' })
    assert.deepEqual(await cost('my-llama', cached), { dollars: 0.000095, price: 'exact', version: 'config' })
    assert.deepEqual(await cost('free', usage(1000, 100)), { dollars: 0, price: 'exact', version: 'config' })
    assert.deepEqual(await cost('gpt-4o-mini', usage(1_000_000, 0)), { dollars: 0.15, price: 'exact', version: CATALOGUE_VERSION })
  })

  const said = { asked: ['You are helpful.', 'Hello, world!'], answered: ['Hello to you.'] }

  it('counts at once where the provider reported nothing, and says so', () => {
    assert.deepEqual(observe(exchange(said)), {
      usage: { input: 8, output: 4, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'estimated' },
      cost: { dollars: 0.00006, price: 'exact', version: CATALOGUE_VERSION },
    })
  })

  it('counts where the provider reported zeros for what was said', async () => {
    const noted = await observe(exchange({ ...said, usage: usage(0, 0) }))
    assert.deepEqual([noted?.usage?.input, noted?.usage?.output, noted?.usage?.source], [8, 4, 'estimated'])
  })

  it('counts a stream as the whole that its pieces make', async () => {
    const pieces = ['Hel', 'lo t', 'o yo', 'u', '.']
    const noted = await observe(exchange({ ...said, answered: pieces, streamed: true }))
    assert.equal(noted?.usage?.output, 4)
  })

  it('counts very long texts in turns', async () => {
    const sentence = 'The quick brown fox jumps over the lazy dog.\n'
    const noting = observe(exchange({ asked: [sentence.repeat(4000)], answered: [sentence.repeat(2000)] }))
    assert.ok(noting instanceof Promise)
    const { usage: counted } = (await noting)!
    assert.deepEqual([counted?.input, counted?.output], [40_000, 20_000])
  })

  it('never counts over what the provider reported', async () => {
    assert.equal((await observe(exchange({ usage: usage(7, 3), asked: ['Hello, world!'] })))?.usage?.source, 'provider')
  })

  // Anthropic tells the output of a stream when it ends, and a first guess when it begins.
  const long = ['One two three four five. ', 'Six seven eight nine ten.']
  const early: readonly (readonly [name: string, exchange: Partial<Exchange>, output: number, source: Usage['source']])[] = [
    ['that had told only how it began', { usage: usage(50, 1), ending: 'client_closed' }, 12, 'estimated'],
    ['that was blocked', { usage: usage(50, 1), ending: 'blocked' }, 12, 'estimated'],
    ['that broke off', { usage: usage(50, 1), ending: 'upstream_failed' }, 12, 'estimated'],
    ['that tells as it goes', { usage: usage(50, 11), ending: 'client_closed' }, 11, 'provider'],
    ['that told of thoughts, too', { usage: usage(50, 500, { reasoning: 490 }), ending: 'client_closed' }, 500, 'provider'],
    ['that came to its end', { usage: usage(50, 1), ending: 'complete' }, 1, 'provider'],
  ]
  for (const [name, given, output, source] of early) {
    it(`takes for a stream ${name} the ${source === 'provider' ? 'provider\'s count' : 'count of what was said'}`, async () => {
      const noted = await observe(exchange({ ...given, streamed: true, answered: long }))
      assert.deepEqual([noted?.usage?.input, noted?.usage?.output, noted?.usage?.source], [50, output, source])
    })
  }

  const silent: readonly (readonly [name: string, exchange: Partial<Exchange>])[] = [
    ['there is no text', {}], ['the texts are empty', { asked: [''], answered: [''] }],
    ['the upstream refused', { asked: ['hello'], status: 503, ending: 'upstream_failed' }],
    ['the gateway refused', { asked: ['hello'], status: 429, ending: 'refused' }],
  ]
  for (const [name, given] of silent) {
    it(`counts nothing where ${name}`, async () => {
      assert.equal(await observe(exchange(given)), undefined)
    })
  }

  const left: readonly (readonly [name: string, exchange: Partial<Exchange>, output: number])[] = [
    ['the client left', { answered: ['Hello'], status: 499, ending: 'client_closed' }, 1],
    ['the client left before the first word', { status: 499, ending: 'client_closed' }, 0],
    ['the time was over', { status: 504, ending: 'deadline' }, 0],
    ['a step ended it', { status: 400, ending: 'blocked' }, 0],
  ]
  for (const [name, given, output] of left) {
    it(`counts what the upstream had been asked, and had said, when ${name}`, async () => {
      const noted = await observe(exchange({ asked: ['Hello, world!'], ...given }))
      assert.deepEqual([noted?.usage?.input, noted?.usage?.output], [4, output])
    })
  }

  const wrong: readonly (readonly [price: object, pointer: string])[] = [
    [{ input: -1, output: 2 }, '/prices/m/input'], [{ input: 1 }, '/prices/m/output'], [{ input: 1, output: 2, cached: 3 }, '/prices/m/cached'],
    [{ input: 1, output: 2, request: '1 cent' }, '/prices/m/request'],
  ]
  for (const [price, pointer] of wrong) {
    it(`takes no price of ${JSON.stringify(price)}`, () => {
      assert.deepEqual(validator(meter.options!)({ prices: { m: price } }).map(problem => problem.pointer), [pointer])
    })
  }
})

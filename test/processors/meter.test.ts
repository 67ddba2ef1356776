import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Exchange, Usage } from 'gatehouse/sdk'
import { validator } from '../../config/validator.ts'
import meter from '../../processors/meter.ts'

function usage(input: number, output: number, more: Partial<Usage> = {}): Usage {
  return { input, output, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider', ...more }
}

function exchange(more: Partial<Exchange>): Exchange {
  return {
    id: '1', at: Date.UTC(2026, 0, 15, 12), dialect: 'openai-chat', route: 'r', consumer: 'c', tags: {},
    provider: 'openai', model: 'gpt-4o', status: 200, streamed: false, ending: 'complete',
    free: false, usage: undefined, asked: [], answered: [], ...more,
  }
}

const { observe } = await meter.setup({})

describe('meter', () => {
  const told: readonly (readonly [name: string, exchange: Partial<Exchange>])[] = [
    ['whole', { usage: usage(1000, 100) }],
    ['a stream that came to its end', { usage: usage(1000, 100), streamed: true, answered: ['Hello'] }],
    ['of nothing used', { usage: usage(0, 0) }],
    ['of an answer that was blocked when it was there', { usage: usage(1000, 100), ending: 'blocked', answered: ['Hello'] }],
  ]
  for (const [name, given] of told) {
    it(`leaves the provider's counts as they are: ${name}`, async () => assert.equal(await observe(exchange(given)), undefined))
  }

  const said = { asked: ['You are helpful.', 'Hello, world!'], answered: ['Hello to you.'] }

  it('counts at once where the provider reported nothing, and says so', () => {
    assert.deepEqual(observe(exchange(said)), { usage: usage(8, 4, { source: 'estimated' }) })
  })

  it('counts where the provider reported zeros for what was said', async () => {
    const noted = await observe(exchange({ ...said, usage: usage(0, 0) }))
    assert.deepEqual([noted?.usage?.input, noted?.usage?.output, noted?.usage?.source], [8, 4, 'estimated'])
  })

  it('counts nothing of a call that nobody bills', async () => {
    assert.equal(await observe(exchange({ ...said, free: true })), undefined)
  })

  it('counts very long texts in turns', async () => {
    const sentence = 'The quick brown fox jumps over the lazy dog.\n'
    const noting = observe(exchange({ asked: [sentence.repeat(4000)], answered: [sentence.repeat(2000)] }))
    assert.ok(noting instanceof Promise)
    const { usage: counted } = (await noting)!
    assert.deepEqual([counted?.input, counted?.output], [40_000, 20_000])
  })

  // Anthropic tells the output of a stream when it ends, and a first guess when it begins.
  const long = ['One two three four five. Six seven eight nine ten.']
  const early: readonly (readonly [name: string, exchange: Partial<Exchange>, isCounted: boolean])[] = [
    ['that had told only how it began', { usage: usage(50, 1), ending: 'client_closed' }, true],
    ['that was blocked', { usage: usage(50, 1), ending: 'blocked' }, true],
    ['that broke off', { usage: usage(50, 1), ending: 'upstream_failed' }, true],
    ['that tells as it goes', { usage: usage(50, 11), ending: 'client_closed' }, false],
    ['that told of thoughts, too', { usage: usage(50, 500, { reasoning: 490 }), ending: 'client_closed' }, false],
    ['that came to its end', { usage: usage(50, 1), ending: 'complete' }, false],
  ]
  for (const [name, given, isCounted] of early) {
    it(`takes for a stream ${name} the ${isCounted ? 'count of what was said' : 'provider\'s count'}`, async () => {
      const noted = await observe(exchange({ ...given, streamed: true, answered: long }))
      assert.deepEqual(noted, isCounted ? { usage: usage(50, 12, { source: 'estimated' }) } : undefined)
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

  it('has no prices of its own any more, and says where they are', () => {
    const [fault] = validator(meter.options!)({ prices: { m: { input: 1, output: 2 } } })
    assert.deepEqual([fault?.pointer, fault?.expected], ['/prices', 'no prices here: they stand under `prices` at the top of the config'])
  })
})

// Tokens and money of one exchange: what the provider reported, else what the texts come to; priced by a catalogue that
// the operator may override. Looks on when the last byte has left.
import { defineProcessor, type Exchange, type Notes, Type, type Usage } from 'gatehouse/sdk'
import { costOf, PriceBook } from './meter/price-book.ts'
import { loadCounter } from './meter/token-counter.ts'

const DOLLARS = Type.Number({ minimum: 0, maximum: 1_000_000 })

export default defineProcessor({
  name: 'meter',
  kind: 'observer',
  rights: ['annotate'],
  needs: ['usage'],
  reads: {
    origins: ['system', 'developer', 'user', 'assistant', 'tool_result', 'tool_def', 'file', 'gateway'],
    channels: ['text', 'reasoning', 'refusal', 'tool_args'],
  },
  options: Type.Object({
    prices: Type.Optional(Type.Record(
      Type.String(),
      Type.Object({
        input: DOLLARS, output: DOLLARS, cacheRead: Type.Optional(DOLLARS), cacheWrite: Type.Optional(DOLLARS),
      }, { additionalProperties: false }),
      { default: {}, description: 'Dollars per million tokens, by the model that the target is asked for.' },
    )),
  }, { additionalProperties: false }),
  setup({ prices = {} }) {
    const book = new PriceBook(prices)
    let counter: ReturnType<typeof loadCounter> | undefined

    function price({ provider, model, at }: Exchange, usage: Usage): Notes {
      return { usage, cost: costOf(book.find(provider, model, at), usage) }
    }

    return {
      observe(exchange) {
        if (exchange.usage !== undefined) return price(exchange, exchange.usage)
        if (!wasServed(exchange)) return undefined
        counter ??= loadCounter()
        return counter.then(count => price(exchange, {
          input: count(exchange.asked), output: count(exchange.answered),
          cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'estimated',
        }))
      },
    }
  },
})

/** True where a model read something: an upstream that refused before its first word has cost nothing. */
function wasServed({ status, asked, answered }: Exchange): boolean {
  return answered.some(text => text !== '') || (status >= 200 && status < 300 && asked.some(text => text !== ''))
}

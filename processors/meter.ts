// Tokens and money of one exchange: what the provider reported, else what the texts come to; priced by a catalogue that
// the operator may override. Looks on when the last byte has left.
import { defineProcessor, OwnPrice, PriceBook, Type, type Exchange, type Notes, type Usage } from 'gatehouse/sdk'
import { loadCounter } from './meter/token-counter.ts'

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
      Type.String(), OwnPrice,
      { default: {}, description: 'By the model that the target is asked for, or by provider and model: `bedrock/MODEL`.' },
    )),
  }, { additionalProperties: false }),
  async setup({ prices = {} }) {
    const [catalogue, count] = await Promise.all([import('@pydantic/genai-prices'), loadCounter()])
    const book = new PriceBook(prices, catalogue)

    function priced({ provider, model, at }: Exchange, usage: Usage): Notes {
      const price = book.find(provider, model, at)
      return { usage, cost: { dollars: price.costOf(usage) / 1e9, price: price.status, version: price.version } }
    }

    function estimated(exchange: Exchange, input: number, output: number): Notes {
      return priced(exchange, { input, output, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'estimated' })
    }

    /** The provider's counts of an answer that ended early; some tell the output's only at its end. */
    function corrected(exchange: Exchange, usage: Usage, said: number): Notes {
      return priced(exchange, said > 2 * usage.output ? { ...usage, output: said, source: 'estimated' } : usage)
    }

    return {
      observe(exchange) {
        const { usage, streamed, ending } = exchange
        const isTold = usage !== undefined && (usage.input + usage.output > 0 || !wasServed(exchange))
        if (isTold && (ending === 'complete' || !streamed)) return priced(exchange, usage)
        if (!isTold && !wasServed(exchange)) return undefined
        const said = count(saidIn(exchange))
        if (isTold) return after(said, output => corrected(exchange, usage, output))
        return after(count(exchange.asked), input => after(said, output => estimated(exchange, input, output)))
      },
    }
  },
})

/** The pieces of a stream end within words. */
const saidIn = ({ streamed, answered }: Exchange): readonly string[] => streamed ? [answered.join('')] : answered

/** At once where it can be: what is counted at once is in the ledger before the last byte leaves. */
const after = <T, R>(value: T | Promise<T>, use: (value: T) => R | Promise<R>): R | Promise<R> =>
  value instanceof Promise ? value.then(use) : use(value)

/**
 * True where a model read something. An upstream that refused before its first word has cost nothing; one that was asked and
 * then left alone has.
 */
function wasServed({ status, ending, asked, answered }: Exchange): boolean {
  const isLeft = ending === 'client_closed' || ending === 'deadline' || ending === 'blocked'
  return answered.some(text => text !== '') || ((isLeft || (status >= 200 && status < 300)) && asked.some(text => text !== ''))
}

// Tokens of one exchange: what the provider reported, else what the texts come to. What they cost, the house reckons. Looks
// on when the last byte has left.
import { defineProcessor, Type, type Exchange, type Notes, type Usage } from 'gatehouse/sdk'
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
    prices: Type.Optional(Type.Never({ title: 'no prices here: they stand under `prices` at the top of the config' })),
  }, { additionalProperties: false }),
  async setup() {
    const count = await loadCounter()
    return {
      observe(exchange) {
        const { usage, streamed, ending, free, asked, answered } = exchange
        if (free) return undefined
        const isServed = wasServed(exchange)
        const isTold = usage !== undefined && (usage.input + usage.output > 0 || !isServed)
        if (isTold ? ending === 'complete' || !streamed : !isServed) return undefined
        const said = count(answered)
        if (isTold) return after(said, output => corrected(usage, output))
        return after(count(asked), input => after(said, output => estimated(input, output)))
      },
    }
  },
})

function estimated(input: number, output: number): Notes {
  return { usage: { input, output, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'estimated' } }
}

/** The provider's counts of an answer that ended early; some tell the output's only at its end. */
function corrected(usage: Usage, said: number): Notes | undefined {
  return said > 2 * usage.output ? { usage: { ...usage, output: said, source: 'estimated' } } : undefined
}

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

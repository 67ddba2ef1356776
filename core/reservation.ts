// What a request may cost in tokens and money: set aside before it leaves, settled when it is over. It comes behind the steps
// of the request, since they change the prompt, and one that they answer or block costs nothing. Called by proxy.ts and
// settle.ts.
import { GatehouseError } from '../sdk/index.ts'
import { lengthIn } from './answer-length.ts'
import type { Budget } from './budget.ts'
import type { Context } from './context.ts'
import { nanoDollars } from './prices.ts'
import { PICTURE, mediaIn } from './prompt-media.ts'
import { likelyTokens, mostTokens } from './prompt-size.ts'

/** Characters of text in a token, about. */
const CHARACTERS = 4

/** Sets aside what the request may cost. Throws, or rejects, where a budget has too little left. */
export function reserve(context: Context): void | Promise<void> {
  const { admission, answer } = context
  if (admission === undefined || answer !== undefined || context.dialect.free === true) return undefined
  const spent = admission.shares.map(({ budget }) => budget).filter(({ of }) => of === 'tokens' || of === 'cost')
  if (spent.length === 0) return undefined
  const strict = spent.filter(({ mode }) => mode === 'strict')
  const worst = strict.length > 0 ? most(context, strict) : undefined
  const guessed = strict.length < spent.length ? likely(context, spent) : undefined
  return admission.take(budget => {
    if (!spent.includes(budget)) return undefined
    const { input, output } = budget.mode === 'strict' ? worst! : guessed!
    return budget.of === 'tokens' ? input + output : worstCost(context, budget, input, output)
  })
}

interface Size {
  readonly input: number
  readonly output: number
}

/** The worst case. An answer that nothing bounds is bounded, by the least that a budget has for such. */
function most(context: Context, budgets: readonly Budget[]): Size {
  const { admission, tape, dialect: { length, request } } = context
  const reserved = Math.min(...budgets.map(budget => budget.reserve))
  // What passes by unread is taken for so much: nothing tells more of it.
  if (tape === undefined) return { input: 0, output: reserved }
  const { pictures, unbounded } = mediaIn(tape, request)
  if (unbounded !== undefined) {
    const why = `Nobody can tell beforehand how many tokens "${unbounded}" comes to, and the budget "${budgets[0]!.name}" has to.`
    throw new GatehouseError('forbidden', why, { param: unbounded })
  }
  const input = mostTokens(tape, context.edits) + pictures * PICTURE
  if (length === undefined) return { input, output: 0 }
  const { most: named, choices } = lengthIn(tape, length)
  if (named === undefined) admission!.bound = reserved
  return { input, output: (named ?? reserved) * choices }
}

function likely(context: Context, budgets: readonly Budget[]): Size {
  const { admission, tape, dialect: { length } } = context
  const reserved = Math.min(...budgets.map(budget => budget.reserve))
  if (tape === undefined) return { input: 0, output: reserved }
  const { most: named = Infinity, choices } = length === undefined ? { most: 0, choices: 1 } : lengthIn(tape, length)
  const output = Math.min(named, reserved) * choices
  admission!.expected = output
  return { input: likelyTokens(tape), output }
}

/** At the dearest target that may be asked, in billionths of a dollar. */
function worstCost({ route, model }: Context, { name, unpriced }: Budget, input: number, output: number): number {
  const costs = [...route!.targets, ...route!.fallback].map(target => {
    const price = target.price(model)
    if (price?.status === 'exact') return price.worstCase(input, output)
    if (unpriced === 'allow') return 0
    throw new GatehouseError('forbidden', `Nobody knows the price of this model at ${target.name}, and the budget "${name}" has to.`, { param: 'model' })
  })
  return Math.max(0, ...costs)
}

/** True where a stream has to be counted as it goes. */
export function isWatched({ admission }: Context): boolean {
  return admission !== undefined && admission.expected >= 0
}

/** False where a stream has used up what there is for it. */
export function mayGoOn({ admission, streamRecord, target, model }: Context): true | Promise<boolean> {
  if (admission === undefined || streamRecord === undefined) return true
  return admission.goesOn(Math.ceil(streamRecord.released / CHARACTERS), tokens => target?.price(model)?.worstCase(0, tokens) ?? 0)
}

/** Settles what the request took: the rest of it is free again for others. */
export function settleUp(context: Context): void {
  const { admission } = context
  if (admission === undefined) return
  const cost = costOf(context)
  const sure = isSure(context) ? cost : undefined
  admission.settle(({ of, mode }) => {
    switch (of) {
      case 'requests': return 1
      case 'concurrency': return 0
      default: return mode === 'strict' ? sure?.[of] : cost === undefined ? guess(context, of) : cost[of]
    }
  })
}

/** What the exchange came to; undefined where nobody knows: then it is what was set aside. */
function costOf(context: Context): Readonly<Record<'tokens' | 'cost', number>> | undefined {
  const { usage, cost, ending, streamed } = context
  if (!wasServed(context)) return { tokens: 0, cost: 0 }
  // A stream that was cut has told of its usage at the beginning, if at all.
  if (usage === undefined || (streamed && ending !== 'complete')) return undefined
  // Providers do not count against their own limits what they read from a cache.
  return { tokens: usage.input - usage.cacheRead + usage.output, cost: cost === undefined ? 0 : nanoDollars(cost) }
}

/**
 * False for counts that a strict budget cannot go by: an estimate knows neither hidden thoughts nor pictures, and some servers
 * tell zeros, or of a stream's answer nothing.
 */
function isSure(context: Context): boolean {
  if (!wasServed(context)) return true
  const { usage, dialect: { length } } = context
  if (usage?.source !== 'provider') return false
  return usage.input > 0 && (usage.output > 0 || length === undefined)
}

/** By the text that came, where only an estimate was set aside. */
function guess({ usage, tape, streamRecord, target, model }: Context, of: 'tokens' | 'cost'): number | undefined {
  if (tape === undefined || streamRecord === undefined) return undefined
  const input = usage?.input ?? likelyTokens(tape)
  const output = Math.max(usage?.output ?? 0, Math.ceil(streamRecord.released / CHARACTERS))
  return of === 'tokens' ? input + output : target?.price(model)?.worstCase(input, output)
}

/** True where some model may have been at work. */
function wasServed({ answer, attempts }: Context): boolean {
  if (answer !== undefined) return false
  return attempts.some(({ status, error }) => (status >= 200 && status < 300) || (status === 0 && !UNSENT.has(error)))
}

/** How tries end that nobody ever heard of. */
const UNSENT: ReadonlySet<string> = new Set(['upstream_refused', 'untranslatable'])

// What happens after the last byte: observers look, what was used is priced, and the record is written. Nothing here can
// delay or fail a request. Called by proxy.ts.
import type { AccessRecord, Cost, Exchange, Notes, Usage } from '../sdk/index.ts'
import type { Context } from './context.ts'
import { MalformedResult } from './findings.ts'
import { beginStep } from './look.ts'
import { costOf } from './prices.ts'
import { settleUp } from './reservation.ts'
import { callStep, type Step } from './step.ts'

/** Runs the observers, writes what they come to into the budgets and the journal, teaches responders, and gives the record. Never fails. */
export function settle(context: Context): AccessRecord | Promise<AccessRecord> {
  const { lessons, chain: { observers } } = context
  const watching = observers.length === 0 || context.target === undefined ? conclude(context) : watch(context, observers).then(() => conclude(context))
  if (watching === undefined && lessons === undefined) return recordOf(context)
  return Promise.all([watching, lessons?.teach(context)]).then(() => recordOf(context))
}

/** In this turn of the loop where the observers were quick: what the client gets leaves at its end, and must not be ahead of the journal. */
function conclude(context: Context): void {
  context.cost = priced(context)
  settleUp(context)
  context.gateway.journal?.settle(context)
}

/** At the target whose answer was taken, or which was the last to be asked. */
function priced({ usage, target, model, dialect: { free } }: Context): Cost | undefined {
  const price = usage === undefined || free === true ? undefined : target?.price(model)
  return price && costOf(price, usage!)
}

async function watch(context: Context, observers: readonly Step[]): Promise<void> {
  const exchange = exchangeOf(context)
  for (const observer of observers) {
    const watching = observe(context, observer, exchange)
    if (watching instanceof Promise) await watching
  }
}

function observe(context: Context, step: Step, exchange: ReturnType<typeof exchangeOf>): void | Promise<void> {
  const record = beginStep(context, step, 'response')
  if (record === undefined) return undefined
  const asked = context.conversation?.segments(step.reads).map(({ text }) => text) ?? []
  const seen: Exchange = { ...exchange, asked, answered: context.answered.read(step.reads) }
  try {
    const noting = callStep(step, record, 'observe', [seen], step.timeout, result => take(context, result), undefined)
    return noting instanceof Promise ? noting.catch(() => {}) : noting
  } catch {
    // callStep has noted the failure in the record, and an observer has no say in what the client got.
    return undefined
  }
}

/** What an observer says is hostile input, as all results are, and its counts are paid for. */
function take(context: Context, result: unknown): void {
  const usage = (result as Notes | undefined)?.usage
  if (usage === undefined) return
  if (!isUsage(usage)) throw new MalformedResult('expected a usage in whole numbers of tokens')
  context.usage = usage
}

const COUNTS = ['input', 'output', 'cacheRead', 'cacheWrite', 'reasoning'] as const satisfies readonly (keyof Usage)[]

function isUsage({ source, offList = true, ...counts }: Usage): boolean {
  return (source === 'provider' || source === 'estimated') && offList === true
    && COUNTS.every(name => Object.hasOwn(counts, name))
    && Object.values(counts).every(count => Number.isSafeInteger(count) && count >= 0)
}

/** All but the texts: of these each observer sees what it reads. */
function exchangeOf(context: Context): Omit<Exchange, 'asked' | 'answered'> {
  return {
    id: context.id, at: context.at, dialect: context.dialect.name, route: context.route?.name ?? '',
    consumer: context.consumer.name, tags: context.consumer.tags,
    provider: context.target?.provider ?? '', model: context.target?.model ?? context.model,
    status: context.status, streamed: context.streamed, ending: context.ending,
    free: context.dialect.free === true, usage: context.usage,
  }
}

function recordOf(context: Context): AccessRecord {
  const now = performance.now()
  return {
    id: context.id, at: context.at, epoch: context.gateway.epoch, dialect: context.dialect.name,
    route: context.route?.name ?? '', consumer: context.consumer.name,
    provider: context.target?.name ?? '', model: context.target?.model ?? context.model,
    status: context.status, streamed: context.streamed, ending: context.ending, error: context.error?.code ?? '',
    ms: now - context.began, firstByteMs: context.firstByte === -1 ? -1 : context.firstByte - context.began,
    usage: context.usage, cost: context.cost, attempts: context.attempts, steps: context.steps, uncovered: context.uncovered, stream: context.streamRecord,
  }
}

// What happens after the last byte: observers look, and the record is written. Nothing here can delay or fail a request.
// Called by proxy.ts.
import type { AccessRecord, Exchange, Notes } from '../sdk/index.ts'
import type { Context } from './context.ts'
import { beginStep } from './look.ts'
import { settleUp } from './reservation.ts'
import { callStep, type Step } from './step.ts'

/** Runs the observers and teaches responders, then writes the journal and the record. Never fails. */
export function settle(context: Context): AccessRecord | Promise<AccessRecord> {
  const { lessons, chain: { observers } } = context
  const watching = observers.length === 0 || context.target === undefined ? undefined : watch(context, observers)
  if (lessons === undefined) return watching === undefined ? close(context) : watching.then(() => close(context))
  return lessons.teach(context).then(() => watching).then(() => close(context))
}

function close(context: Context): AccessRecord {
  settleUp(context)
  context.gateway.journal?.settle(context)
  return recordOf(context)
}

async function watch(context: Context, observers: readonly Step[]): Promise<void> {
  const exchange = exchangeOf(context)
  for (const observer of observers) {
    const watching = observe(context, observer, exchange)
    if (watching instanceof Promise) await watching
  }
}

function observe(context: Context, step: Step, exchange: Exchange): void | Promise<void> {
  const record = beginStep(context, step, 'response')
  if (record === undefined) return undefined
  try {
    const noted = callStep<Notes | undefined>(step, record, 'observe', [exchange], step.timeout, result => result as Notes | undefined, undefined)
    return noted instanceof Promise ? noted.then(notes => take(context, notes), () => {}) : take(context, noted)
  } catch {
    // callStep has noted the failure in the record, and an observer has no say in what the client got.
    return undefined
  }
}

function take(context: Context, notes: Notes | undefined): void {
  context.usage = notes?.usage ?? context.usage
  context.cost = notes?.cost ?? context.cost
}

function exchangeOf(context: Context): Exchange {
  return {
    id: context.id, at: context.at, dialect: context.dialect.name, route: context.route?.name ?? '',
    consumer: context.consumer.name, tags: context.consumer.tags,
    provider: context.target?.provider ?? '', model: context.target?.model ?? context.model,
    status: context.status, streamed: context.streamed, ending: context.ending, usage: context.usage,
    asked: context.asked, answered: context.answered,
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

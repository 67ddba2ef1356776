// A step's look at a conversation: its record, what it reads of it, how long it may take. Called by chain.ts and group.ts
// for whole bodies; stream-guard.ts and settle.ts begin their steps here too.
import type { Direction, Scope, StepRecord } from '../sdk/index.ts'
import type { Context } from './context.ts'
import type { Conversation } from './conversation.ts'
import { inspect, type Found } from './inspection.ts'
import { note, recordOf, type Step } from './step.ts'

/** What a step may know of the call it serves, and of the milliseconds that it has. */
export function scopeOf(context: Context, direction: Direction, remaining = context.remaining): Scope {
  return {
    direction, dialect: context.dialect.name, route: context.route?.name ?? '', model: context.model,
    consumer: context.consumer.name, tags: context.consumer.tags, remaining,
  }
}

/** The record of a step that runs now; undefined where its condition keeps it from running. */
export function beginStep(context: Context, step: Step, direction: Direction): StepRecord | undefined {
  const record = recordOf(step, direction, context.gateway.explains)
  context.steps.push(record)
  if (step.when !== undefined && !step.when(context.facts)) note(record, 'skipped', 'its condition did not hold')
  else if (step.sample < 1 && Math.random() >= step.sample) note(record, 'skipped', 'not in the sample')
  else return record
  return undefined
}

/** Begins a detector's look at a conversation: its record and what it reads; undefined where there is nothing for it. */
export function beginDetector(context: Context, step: Step, conversation: Conversation, direction: Direction): Look | undefined {
  const record = beginStep(context, step, direction)
  if (record === undefined) {
    context.steps.at(-1)!.skipped = conversation.length
    return undefined
  }
  const segments = measure(record, step, conversation)
  if (segments.length > 0) return { record, segments }
  note(record, 'skipped', 'nothing that it reads')
  return undefined
}

/** A detector that looks now. */
export interface Look {
  readonly record: StepRecord
  readonly segments: ReturnType<Conversation['segments']>
}

/** What a step reads, counted in its record. */
export function measure(record: StepRecord, step: Step, conversation: Conversation): Look['segments'] {
  const segments = conversation.segments(step.reads)
  for (const segment of segments) record.scanned += segment.text.length
  record.skipped = conversation.length - record.scanned
  return segments
}

/** Asks a detector, and hands over what it found. */
export function look(context: Context, step: Step, { record, segments }: Look, direction: Direction, use: (found: Found) => void): void | Promise<void> {
  const timeout = timeoutOf(context, step)
  return inspect(step, record, segments, scopeOf(context, direction, timeout), timeout, context.gateway.memory, use)
}

/** Milliseconds that a step may take now: its own, but no more than what is left of the chain's or the request's. */
export const timeoutOf = (context: Context, step: Step): number => Math.min(step.timeout, context.remaining)

// Walks a chain: the request from the top step to the bottom, a whole answer from the bottom back to the top. A step
// says what it saw; the gateway edits. Called by proxy.ts; streams climb through stream-guard.ts instead.
import { GatehouseError, type Direction, type Finding, type Scope, type StepRecord, type Tape } from '../sdk/index.ts'
import { applyAnswer, applyChanges } from './change.ts'
import type { Context } from './context.ts'
import { Conversation } from './conversation.ts'
import { checkFindings, merge } from './findings.ts'
import { read, type Reading } from './reading.ts'
import { redact } from './redaction.ts'
import { RESTORED, restorations } from './restore.ts'
import { splice } from './splice.ts'
import { actionFor, Blocked, callStep, isEdit, note, recordOf, type Step } from './step.ts'

/** A compiled chain. */
export interface Chain {
  readonly name: string
  /** Detectors, transforms and responders, top to bottom. */
  readonly request: readonly Step[]
  /** Detectors, in the order in which an answer meets them. */
  readonly response: readonly Step[]
  readonly observers: readonly Step[]
  /** True where some step needs to know the usage of a stream. */
  readonly needsUsage: boolean
}

/** The chain of a route that names none. */
export const NO_CHAIN: Chain = { name: '', request: [], response: [], observers: [], needsUsage: false }

/** Runs the steps of the request. Afterwards its conversation holds the edits, or `context.answer` is set. */
export function walkDown(context: Context, chain: Chain): void | Promise<void> {
  if (chain.request.length === 0 && chain.observers.length === 0) return
  if (context.tape === undefined) return skipAll(context, chain.request)
  return walk(context, context.tape, chain)
}

async function walk(context: Context, tape: Tape, chain: Chain): Promise<void> {
  const reading = read(tape, context.dialect.request)
  measureUncovered(context, tape, reading)
  const conversation = new Conversation(tape, reading, context.dialect)
  context.conversation = conversation
  for (const step of chain.request) {
    const running = runStep(context, step, conversation, 'request')
    if (running !== undefined) await running
    if (context.answer !== undefined) break
  }
  for (const observer of chain.observers) {
    for (const segment of conversation.segments(observer.reads)) context.asked.push(segment.text)
  }
}

/** Runs the steps of a whole answer and returns its bytes as the client gets them. */
export async function walkUp(context: Context, chain: Chain, tape: Tape): Promise<Buffer> {
  const reading = read(tape, context.dialect.response)
  const conversation = new Conversation(tape, reading, context.dialect)
  for (const observer of chain.observers) {
    for (const segment of conversation.segments(observer.reads)) context.answered.push(segment.text)
  }
  for (const step of chain.response) {
    if (step.position >= context.answeredAt) continue
    const running = runStep(context, step, conversation, 'response')
    if (running !== undefined) await running
  }
  if (context.holdsValues) {
    for (const segment of conversation.segments(RESTORED)) conversation.edit(segment.id, restorations(segment.text, context.vault))
  }
  return splice(tape.bytes, conversation.rewrite())
}

/** True where some step has to see the answer's text, or placeholders have to be turned back. */
export function readsAnswer(context: Context): boolean {
  const { response, observers } = context.route!.chain
  return response.length > 0 || observers.length > 0 || context.holdsValues
}

/** What a step may know of the call it serves. */
export function scopeOf(context: Context, direction: Direction): Scope {
  return {
    direction, dialect: context.dialect.name, route: context.route?.name ?? '', model: context.model,
    consumer: context.consumer.name, tags: context.consumer.tags, remaining: context.remaining,
  }
}

/** The record of a step that runs now; undefined where its condition keeps it from running. */
export function beginStep(context: Context, step: Step, direction: Direction): StepRecord | undefined {
  const record = recordOf(step, direction)
  context.steps.push(record)
  if (step.when === undefined || step.when(context.facts)) return record
  note(record, 'skipped', 'its condition did not hold')
  return undefined
}

function runStep(context: Context, step: Step, conversation: Conversation, direction: Direction): Promise<void> | undefined {
  const record = beginStep(context, step, direction)
  if (record === undefined) return undefined
  const timeout = Math.min(step.timeout, context.remaining)
  const segments = conversation.segments(step.reads)
  for (const segment of segments) record.scanned += segment.text.length
  record.skipped = conversation.length - record.scanned
  const args = (view: unknown): [unknown, Scope] => [view, scopeOf(context, direction)]
  const view = { model: context.model, stream: context.stream, segments }
  let running: void | Promise<void>
  switch (step.kind) {
    case 'detector': {
      if (segments.length === 0) {
        note(record, 'skipped', 'nothing that it reads')
        return undefined
      }
      const found = callStep(step, record, 'inspect', args(segments), timeout, result => checkFindings(result, segments), NOTHING)
      running = found instanceof Promise
        ? found.then(findings => settle(context, step, record, conversation, findings, direction))
        : settle(context, step, record, conversation, found, direction)
      break
    }
    case 'transform':
      running = callStep(step, record, 'transform', args(view), timeout, result => applyChanges(step, record, conversation, result), undefined)
      break
    case 'responder':
      running = callStep(step, record, 'respond', args(view), timeout, result => applyAnswer(context, step, record, result), undefined)
      break
    case 'observer':
      return undefined
  }
  return running instanceof Promise ? running : undefined
}

const NOTHING: ReadonlyMap<number, readonly Finding[]> = new Map()

/** Turns a detector's findings into the verdict and, where they ask for it, into edits. */
function settle(
  context: Context, step: Step, record: StepRecord, conversation: Conversation,
  findings: ReadonlyMap<number, readonly Finding[]>, direction: Direction,
): void {
  for (const [segment, found] of findings) {
    const spans = merge(found, finding => actionFor(step, finding))
    for (const span of spans) {
      record.findings[span.type] = (record.findings[span.type] ?? 0) + 1
      note(record, span.action === 'block' ? 'block' : isEdit(span.action) ? 'edit' : 'annotate')
      if (span.action === 'block' && step.mode === 'enforce') throw new Blocked(step)
    }
    if (step.mode === 'shadow') continue
    const edits = redact(conversation.text(segment) ?? '', spans, context.vault, direction)
    if (edits.length > 0) conversation.edit(segment, edits)
  }
}

function skipAll(context: Context, steps: readonly Step[]): void {
  for (const step of steps) {
    const record = beginStep(context, step, 'request')
    if (record !== undefined) note(record, 'skipped', 'the body is passed on unread')
  }
  if (steps.length > 0 && context.route?.onUncovered === 'reject') {
    throw new GatehouseError('uncovered_text', 'This route only passes on bodies that its chain can read, and this path is passed on unread.')
  }
}

function measureUncovered(context: Context, tape: Tape, reading: Reading): void {
  context.uncovered = 0
  for (const node of reading.uncovered) context.uncovered += tape.text(node)?.length ?? 0
  if (context.uncovered > 0 && context.route?.onUncovered === 'reject') {
    throw new GatehouseError('uncovered_text', `The body holds text in ${reading.uncovered.length} fields that this route's chain cannot read.`)
  }
}

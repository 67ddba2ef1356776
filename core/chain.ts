// Walks a chain: the request from the top step to the bottom, a whole answer from the bottom back to the top. A step
// says what it saw; the gateway edits. Called by proxy.ts; streams climb through stream-guard.ts instead.
import { CHANNELS, GatehouseError, ORIGINS, type Direction, type StepRecord, type Tape } from '../sdk/index.ts'
import { applyAnswer, applyChanges } from './change.ts'
import type { Context } from './context.ts'
import { Conversation, maskOf } from './conversation.ts'
import { Declared } from './declared.ts'
import { runGroup } from './group.ts'
import type { Found } from './inspection.ts'
import { Lessons } from './lessons.ts'
import { beginDetector, beginStep, look, measure, scopeOf, timeoutOf } from './look.ts'
import { questionFor } from './question.ts'
import { read, type Reading } from './reading.ts'
import { restorations } from './restore.ts'
import { splice } from './splice.ts'
import { callStep, note, type Step } from './step.ts'
import { judge } from './verdict.ts'

/** A compiled chain. */
export interface Chain {
  readonly name: string
  /** Detectors, transforms and responders, top to bottom. */
  readonly request: readonly Step[]
  /** The same, members of a group together and every other step by itself. */
  readonly groups: readonly (readonly Step[])[]
  /** Detectors that look at the request while the upstream has it already. */
  readonly beside: readonly Step[]
  /** Detectors, in the order in which an answer meets them. */
  readonly response: readonly Step[]
  readonly observers: readonly Step[]
  /** True where some step needs to know the usage of a stream. */
  readonly needsUsage: boolean
}

/** The chain of a route that names none. */
export const NO_CHAIN: Chain = { name: '', request: [], groups: [], beside: [], response: [], observers: [], needsUsage: false }

const EVERYTHING = maskOf({ origins: ORIGINS, channels: CHANNELS })

/** Runs the steps of the request. Afterwards its conversation holds the edits, or `context.answer` is set. */
export function walkDown(context: Context, chain: Chain): void | Promise<void> {
  const { request, beside, observers } = chain
  // An answer needs it, though no step may read the request.
  if (context.tape !== undefined && request.length + chain.response.length > 0) {
    context.speaksJson = context.dialect.asksForJson?.(context.tape) ?? false
  }
  if (request.length + beside.length + observers.length === 0) return
  if (context.tape === undefined) return skipAll(context, [...request, ...beside])
  return walk(context, context.tape, chain)
}

async function walk(context: Context, tape: Tape, chain: Chain): Promise<void> {
  const reading = read(tape, context.dialect.request)
  measureUncovered(context, tape, reading)
  const conversation = new Conversation(tape, reading, context.dialect, context.gateway.scanner)
  context.conversation = conversation
  context.chainDeadline = performance.now() + context.route!.chainTime
  for (const steps of chain.groups) {
    const running = steps.length === 1
      ? runStep(context, steps[0]!, conversation, 'request')
      : runGroup(context, steps, conversation, 'request')
    if (running !== undefined) await running
    if (context.answer !== undefined) break
  }
  context.chainDeadline = Infinity
}

/**
 * Runs the steps that look at the request while the upstream has it. Rejects where one of them blocks; what comes of the
 * call is then nobody's business any more.
 */
export function walkBeside(context: Context, chain: Chain, reaching: unknown): void | Promise<void> {
  if (chain.beside.length === 0 || context.conversation === undefined || context.answer !== undefined) return undefined
  if (reaching instanceof Promise) reaching.catch(() => {})
  return runGroup(context, chain.beside, context.conversation, 'request')
}

/** Runs the steps of a whole answer and returns its bytes as the client gets them. */
export async function walkUp(context: Context, chain: Chain, tape: Tape): Promise<Buffer> {
  const reading = read(tape, context.dialect.response)
  const declared = new Declared(context.dialect, context.tape)
  const conversation = new Conversation(tape, reading, context.dialect, context.gateway.scanner, context.speaksJson, declared)
  // What the steps make of it is not what the upstream said.
  if (chain.observers.length > 0) context.answered.take(conversation.segments(EVERYTHING))
  for (const step of chain.response) {
    if (step.position >= context.answeredAt) continue
    const running = runStep(context, step, conversation, 'response')
    if (running !== undefined) await running
  }
  if (context.holdsValues) {
    for (const piece of conversation.pieces(context.route!.restores)) piece.rewrite(restorations(piece.text, context.vault, piece.isJson))
  }
  return splice(tape.bytes, conversation.rewrite())
}

/** True where somebody has to know what an answer came to. */
export function needsUsage({ chain, admission }: Context): boolean {
  return chain.needsUsage || (admission?.spends ?? false)
}

/** True where some step has to see the answer's text, or placeholders have to be turned back. */
export function readsAnswer(context: Context): boolean {
  const { response, observers } = context.chain
  return response.length > 0 || observers.length > 0 || context.holdsValues
}

function runStep(context: Context, step: Step, conversation: Conversation, direction: Direction): void | Promise<void> {
  if (step.kind === 'detector') {
    const begun = beginDetector(context, step, conversation, direction)
    return begun && look(context, step, begun, direction, found => settle(context, step, begun.record, conversation, found, direction))
  }
  const record = beginStep(context, step, direction)
  if (record === undefined) return undefined
  const segments = measure(record, step, conversation)
  const scope = scopeOf(context, direction)
  if (step.kind === 'transform') {
    const args = [{ model: context.model, stream: context.stream, segments }, scope]
    return callStep(step, record, 'transform', args, timeoutOf(context, step), result => applyChanges(step, record, conversation, result), undefined)
  }
  const question = questionFor(context, step, conversation, segments)
  if (step.learns) (context.lessons ??= new Lessons()).add({ step, record, question, scope })
  return callStep(step, record, 'respond', [question, scope], timeoutOf(context, step), result => {
    applyAnswer(context, step, record, result)
    if (context.answeredAt === step.position) context.lessons = context.lessons?.withoutLatest()
  }, undefined)
}

function settle(context: Context, step: Step, record: StepRecord, conversation: Conversation, found: Found, direction: Direction): void {
  for (const [segment, findings] of found) {
    const piece = conversation.piece(segment)
    if (piece !== undefined) judge(step, record, piece, findings, context.vault, direction)
  }
}

function skipAll(context: Context, steps: readonly Step[]): void {
  for (const step of steps) {
    const record = beginStep(context, step, 'request')
    if (record !== undefined) note(record, 'skipped', 'the body is passed on unread')
  }
  if (steps.length > 0 && context.onUncovered === 'reject') {
    throw new GatehouseError('uncovered_text', 'This route only passes on bodies that its chain can read, and this path is passed on unread.')
  }
}

function measureUncovered(context: Context, tape: Tape, reading: Reading): void {
  context.uncovered = 0
  for (const node of reading.uncovered) context.uncovered += tape.text(node)?.length ?? 0
  if (context.uncovered === 0 || context.onUncovered === 'allow') return
  if (context.onUncovered === 'reject') {
    throw new GatehouseError('uncovered_text', `The body holds text in ${reading.uncovered.length} fields that this route's chain cannot read.`)
  }
  context.warnings.push(`gatehouse: ${context.uncovered} characters in ${reading.uncovered.length} fields were read by no step`)
}

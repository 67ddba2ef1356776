// Checks and carries out what transforms and responders ask for. Their results are hostile input, as findings are.
// Called by chain.ts.
import type { Answer, Change, NoAnswer, StepRecord } from '../sdk/index.ts'
import type { Context } from './context.ts'
import type { Conversation } from './conversation.ts'
import { MalformedResult } from './findings.ts'
import { note, type Step } from './step.ts'

const ROLES: ReadonlySet<string> = new Set(['system', 'developer', 'user', 'assistant'])
const MOST_CHANGES = 1000
/** It becomes a metric label and a header. */
const WORD = /^[a-z][a-z0-9-]{0,31}$/
const SOURCE = /^[ -~]{0,200}$/
const PARAMETER = /^[a-z][a-z0-9_]{0,63}$/
/** Fields that carry the conversation or steer the gateway itself; a parameter change must not reach them. */
const NOT_PARAMETERS: ReadonlySet<string> = new Set(['messages', 'input', 'prompt', 'model', 'stream', 'stream_options', 'tools'])

/** Applies a transform's changes in their order, or notes them in shadow. */
export function applyChanges(step: Step, record: StepRecord, conversation: Conversation, result: unknown): void {
  if (!Array.isArray(result) || result.length > MOST_CHANGES) throw new MalformedResult('expected an array of changes')
  const changes = (result as unknown[]).map(change => checkChange(change, conversation))
    .filter(change => change.change !== 'insert' || takesMessages(record, conversation))
  if (changes.length === 0) return
  if (!step.rights.has('edit')) throw new MalformedResult('expected no changes without the right to edit')
  note(record, 'edit')
  if (step.mode === 'shadow') return
  for (const change of changes) {
    if (change.change === 'insert') conversation.insert(change.role, change.text, change.at, change.origin)
    else if (change.change === 'set') conversation.set(change.parameter, change.value)
    else conversation.replace(change.segment, change.text)
  }
}

/** Takes a responder's answer, if it gave one. */
export function applyAnswer(context: Context, step: Step, record: StepRecord, result: unknown): void {
  if (result === undefined) return
  const { note: word, source } = result as NoAnswer
  if (source !== undefined && (typeof source !== 'string' || !SOURCE.test(source))) throw new MalformedResult('expected a source of printable words')
  noteWord(record, word)
  if (word !== undefined && step.mode === 'enforce') context.notes.push([step.name, word])
  if (source !== undefined) record.reason = source
  const answer = result as Answer
  if (word !== undefined && answer.text === undefined) return
  if (typeof answer?.text !== 'string') throw new MalformedResult('expected an answer with a text')
  if (answer.finish !== undefined && answer.finish !== 'stop' && answer.finish !== 'content_filter') {
    throw new MalformedResult('expected finish to be stop or content_filter')
  }
  if (!step.rights.has('respond')) throw new MalformedResult('expected no answer without the right to respond')
  note(record, 'respond')
  if (step.mode === 'shadow') return
  context.answer = answer
  context.answeredAt = step.position
}

/** Counts a responder's word among what a step found. */
export function noteWord(record: StepRecord, word: unknown): void {
  if (word === undefined) return
  if (typeof word !== 'string' || !WORD.test(word)) throw new MalformedResult('expected a note of one word')
  record.findings[word] = (record.findings[word] ?? 0) + 1
}

/** Embeddings and the like have no messages to add to; that is no fault of the step. */
function takesMessages(record: StepRecord, conversation: Conversation): boolean {
  if (conversation.dialect.insert !== undefined) return true
  note(record, 'skipped', `${conversation.dialect.name} has no messages`)
  return false
}

function checkChange(change: unknown, conversation: Conversation): Change {
  const { change: kind, ...rest } = (change ?? {}) as Record<string, unknown>
  switch (kind) {
    case 'insert':
      if (!ROLES.has(String(rest['role'])) || typeof rest['text'] !== 'string') throw new MalformedResult('expected an insert with a role and a text')
      if (rest['at'] !== 'start' && rest['at'] !== 'end') throw new MalformedResult('expected an insert at start or end')
      if (![undefined, 'gateway', 'file'].includes(rest['origin'] as string | undefined)) throw new MalformedResult('expected an insert of origin gateway or file')
      break
    case 'replace':
      if (typeof rest['text'] !== 'string' || conversation.text(Number(rest['segment'])) === undefined) throw new MalformedResult('expected a replace of a known segment')
      break
    case 'set':
      if (!PARAMETER.test(String(rest['parameter'])) || NOT_PARAMETERS.has(String(rest['parameter']))) throw new MalformedResult('expected a parameter that may be set')
      if (!(['string', 'number', 'boolean'].includes(typeof rest['value']) || rest['value'] === null)) throw new MalformedResult('expected a plain value')
      if (typeof rest['value'] === 'number' && !Number.isFinite(rest['value'])) throw new MalformedResult('expected a finite number')
      break
    default:
      throw new MalformedResult('expected a change of kind insert, replace or set')
  }
  return change as Change
}

// From what a detector found to what is done about it: the step's verdict in its record, and the edits that follow.
// Called by chain.ts for whole bodies, by hold-back.ts and json-lane.ts for streams.
import type { Direction, Finding, FindingRecord, StepRecord } from '../sdk/index.ts'
import { merge, type Span } from './findings.ts'
import type { TextEdit } from './patch.ts'
import type { Piece } from './piece.ts'
import { redact } from './redaction.ts'
import { actionFor, Blocked, isEdit, note, type Step } from './step.ts'
import type { Vault } from './vault.ts'

/** Findings as spans without overlap, each with what the step is to do about it. */
export function spansOf(step: Step, findings: readonly Finding[]): Span[] {
  return merge(findings, finding => actionFor(step, finding))
}

/** Findings recorded one by one at most. */
const MOST_DETAILS = 100

/** A text that spans lie in: where it stands, and how far from its beginning the part at hand begins. */
export interface Spot {
  readonly text: string
  readonly path: string
  readonly offset: number
}

/** Writes the spans of one text into the record. Throws Blocked where one of them ends the exchange. */
export function noteSpans(step: Step, record: StepRecord, spans: readonly Span[], spot: Spot, vault: Vault): void {
  for (const span of spans) {
    if (record.details !== undefined && record.details.length < MOST_DETAILS) record.details.push(detailOf(span, spot, vault))
    record.findings[span.type] = (Object.hasOwn(record.findings, span.type) ? record.findings[span.type]! : 0) + 1
    note(record, span.action === 'block' ? 'block' : isEdit(span.action) ? 'edit' : 'annotate')
    if (span.action === 'block' && step.mode === 'enforce') throw new Blocked(step)
  }
}

function detailOf({ type, score, action, start, end }: Span, { text, path, offset }: Spot, vault: Vault): FindingRecord {
  return { type, score, action, path, start: offset + start, length: end - start, hash: vault.hash(type, text.slice(start, end)) }
}

/** The edits that the spans of one text ask for; none in shadow. */
export function editsOf(step: Step, text: string, spans: readonly Span[], vault: Vault, direction: Direction): TextEdit[] {
  return step.mode === 'shadow' ? [] : redact(text, spans, vault, direction)
}

/**
 * Notes and carries out what was found in a piece. What cannot be edited is blocked: a key or a number of a JSON text, a
 * value that the edit would make what the request does not allow.
 */
export function judge(step: Step, record: StepRecord, piece: Piece, findings: readonly Finding[], vault: Vault, direction: Direction): void {
  const spans = spansOf(step, findings)
  noteSpans(step, record, spans, { text: piece.segment.text, path: piece.segment.path, offset: 0 }, vault)
  const refusal = piece.edit(editsOf(step, piece.segment.text, spans, vault, direction))
  if (refusal === undefined) return
  note(record, 'block', refusal)
  throw new Blocked(step)
}

// Detectors that read the same text and are judged together: what they find is merged as if one had found it all, and in
// the order of the config, whoever answers first. Called by chain.ts.
import type { Direction, Finding } from '../sdk/index.ts'
import type { Context } from './context.ts'
import type { Conversation } from './conversation.ts'
import { merge } from './findings.ts'
import type { Found } from './inspection.ts'
import { beginDetector, look, type Look } from './look.ts'
import { actionFor, Blocked, note, type Step } from './step.ts'
import { editsOf, noteSpans, spansOf } from './verdict.ts'

/** A member at work. */
interface Member extends Look {
  readonly step: Step
  found: Found
  working: void | Promise<void>
}

/** Runs the members on one snapshot of the conversation. A block of one cancels those after it, not those before it. */
export async function runGroup(context: Context, steps: readonly Step[], conversation: Conversation, direction: Direction): Promise<void> {
  const members: Member[] = []
  for (const step of steps) {
    const begun = beginDetector(context, step, conversation, direction)
    if (begun !== undefined) members.push({ step, ...begun, found: new Map(), working: undefined })
  }
  for (const member of members) {
    try {
      member.working = look(context, member.step, member, direction, found => { member.found = found })
    } catch (error) {
      member.working = Promise.reject(error)
    }
    // It is awaited in its turn, or by nobody where an earlier one blocks.
    member.working?.catch(() => {})
  }
  for (const [index, member] of members.entries()) {
    try {
      if (member.working !== undefined) await member.working
      for (const [id, findings] of member.found) {
        const { text, path } = conversation.piece(id)!.segment
        noteSpans(member.step, member.record, spansOf(member.step, findings), { text, path, offset: 0 }, context.vault)
      }
    } catch (error) {
      for (const later of members.slice(index + 1)) note(later.record, 'skipped', `${member.step.name} ended the exchange before`)
      throw error
    }
  }
  edit(context, members, conversation, direction)
}

/** Carries out what the enforced members found together. */
function edit(context: Context, members: readonly Member[], conversation: Conversation, direction: Direction): void {
  const enforced = members.filter(({ step }) => step.mode === 'enforce')
  const memberOf = new Map<Finding, Member>()
  const bySegment = new Map<number, Finding[]>()
  for (const member of enforced) {
    for (const [segment, findings] of member.found) {
      for (const finding of findings) memberOf.set(finding, member)
      bySegment.set(segment, [...bySegment.get(segment) ?? [], ...findings])
    }
  }
  for (const [segment, findings] of bySegment) {
    const piece = conversation.piece(segment)
    if (piece === undefined) continue
    const spans = merge(findings, finding => actionFor(memberOf.get(finding)!.step, finding))
    const { step, record } = memberOf.get(findings[0]!)!
    const refusal = piece.edit(editsOf(step, piece.segment.text, spans, context.vault, direction))
    if (refusal === undefined) continue
    note(record, 'block', refusal)
    throw new Blocked(step)
  }
}

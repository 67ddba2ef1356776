// Findings of a step, checked and merged: what a detector said is hostile input until it has passed here. Called by
// inspection.ts, hold-back.ts and window.ts, and by verdict.ts and group.ts for the merging.
import type { Action, Finding, Segment } from '../sdk/index.ts'
import { splitsPair } from './patch.ts'

/** A span that nothing overlaps any more, named by its strongest finding. */
export interface Span {
  readonly start: number
  readonly end: number
  readonly type: string
  readonly score: number
  readonly action: Action
  readonly replacement: string | undefined
}

/** Type names become metric labels, so they stay short and plain. */
const TYPE = /^[a-z][a-z0-9_.-]{0,63}$/

const ACTIONS: ReadonlySet<unknown> = new Set<Action>(['allow', 'annotate', 'mask', 'replace', 'hash', 'tokenize', 'block'])

/** At most so many findings from one call; more is a broken or hostile detector. */
const MOST_FINDINGS = 100_000

/** Thrown where a processor's result is not what its contract says. Carries no text of the traffic. */
export class MalformedResult extends Error {}

/** The findings by segment id, or MalformedResult. */
export function checkFindings(result: unknown, segments: readonly Segment[]): Map<number, Finding[]> {
  if (!Array.isArray(result)) throw new MalformedResult('expected an array of findings')
  if (result.length > MOST_FINDINGS) throw new MalformedResult(`expected at most ${MOST_FINDINGS} findings, got ${result.length}`)
  const bySegment = new Map<number, Finding[]>()
  if (result.length === 0) return bySegment
  const given = new Map(segments.map(segment => [segment.id, segment]))
  for (const finding of result as Finding[]) {
    const segment = given.get(finding?.segment)
    if (segment === undefined) throw new MalformedResult('expected a finding in one of the given segments')
    const { start, end, type, score, action, replacement } = finding
    if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end <= start || end > segment.text.length) {
      throw new MalformedResult('expected 0 <= start < end <= text.length')
    }
    if (typeof type !== 'string' || !TYPE.test(type)) throw new MalformedResult('expected a lower-case type of at most 64 characters')
    if (score !== undefined && !(score >= 0 && score <= 1)) throw new MalformedResult('expected a score from 0 to 1')
    if (action !== undefined && !ACTIONS.has(action)) throw new MalformedResult('expected a known action')
    if (replacement !== undefined && typeof replacement !== 'string') throw new MalformedResult('expected a replacement text')
    const list = bySegment.get(segment.id)
    const whole = wholeCharacters(finding, segment.text)
    if (list === undefined) bySegment.set(segment.id, [whole])
    else list.push(whole)
  }
  return bySegment
}

/**
 * Merges the findings of one segment into spans without overlap: overlapping findings become their union, named by the
 * longest, then the highest score, then the earlier in the list. The naming finding's action holds unless another one asks
 * for more: block before any edit, any edit before a note. `decide` gives each finding its action; `allow` drops it.
 */
export function merge(findings: readonly Finding[], decide: (finding: Finding) => Action): Span[] {
  if (findings.length === 0) return []
  const sorted = findings
    .map((finding, order) => ({ finding, order, action: decide(finding) }))
    .filter(one => one.action !== 'allow')
    .toSorted((a, b) => a.finding.start - b.finding.start || a.order - b.order)
  const spans: Span[] = []
  for (let i = 0; i < sorted.length;) {
    let best = sorted[i]!
    let action = best.action
    const start = best.finding.start
    let end = best.finding.end
    for (i++; i < sorted.length && sorted[i]!.finding.start < end; i++) {
      const next = sorted[i]!
      end = Math.max(end, next.finding.end)
      if (RANK[next.action] > RANK[action]) action = next.action
      if (stronger(next.finding, best.finding) || (next.order < best.order && !stronger(best.finding, next.finding))) best = next
    }
    const { type, score, replacement } = best.finding
    spans.push({ start, end, type, score: score ?? 1, action: RANK[action] > RANK[best.action] ? action : best.action, replacement })
  }
  return spans
}

/** A finding that begins or ends inside a surrogate pair means the whole character. */
function wholeCharacters(finding: Finding, text: string): Finding {
  const start = splitsPair(text, finding.start) ? finding.start - 1 : finding.start
  const end = splitsPair(text, finding.end) ? finding.end + 1 : finding.end
  return start === finding.start && end === finding.end ? finding : { ...finding, start, end }
}

const RANK: Readonly<Record<Action, number>> = { allow: 0, annotate: 1, mask: 2, replace: 2, hash: 2, tokenize: 2, block: 3 }

function stronger(a: Finding, b: Finding): boolean {
  const length = a.end - a.start - (b.end - b.start)
  return length === 0 ? (a.score ?? 1) > (b.score ?? 1) : length > 0
}

// Windows over a text, for detectors that judge a stretch of it (classifiers): always the same ones, reckoned from the
// text's beginning, so that a stream and a whole answer are judged alike. Called by inspection.ts and stream-guard.ts.
import type { Finding, Scope, Segment, StepRecord } from '../sdk/index.ts'
import { checkFindings } from './findings.ts'
import type { Place, Stage } from './hold-back.ts'
import { patch, splitsPair } from './patch.ts'
import { callStep, type Step } from './step.ts'
import type { Vault } from './vault.ts'
import { editsOf, noteSpans, spansOf } from './verdict.ts'

/** Size of a window and how much of it the next one sees again, in UTF-16 code units. */
export interface Windows {
  readonly size: number
  readonly overlap: number
}

/** The windows of a whole text, as `[start, end)`. A pair of surrogates is never cut: an edge within one moves before it. */
export function windowsOf(text: string, { size, overlap }: Windows): { start: number; end: number }[] {
  const windows: { start: number; end: number }[] = []
  for (let start = 0; start === 0 || start + overlap < text.length; start += size - overlap) {
    windows.push({ start: before(text, start), end: before(text, Math.min(text.length, start + size)) })
  }
  return windows
}

const before = (text: string, at: number): number => splitsPair(text, at) ? at - 1 : at

/** One detector on one lane of a stream, window by window. What lies before the next window is decided, and leaves. */
export class WindowStage implements Stage {
  readonly #step: Step
  readonly #record: StepRecord
  readonly #place: Place
  readonly #vault: Vault
  readonly #scope: (step: Step) => Scope
  readonly #windows: Windows
  /** What has not left, and where in it the next window begins. */
  #text = ''
  #next = 0
  #first = true
  /** Characters that came and are decided. */
  #left = 0
  /** Found in what has not left; offsets in `#text`. */
  #findings: Finding[] = []

  constructor(step: Step, windows: Windows, record: StepRecord, place: Place, vault: Vault, scope: (step: Step) => Scope) {
    this.#step = step
    this.#windows = windows
    this.#record = record
    this.#place = place
    this.#vault = vault
    this.#scope = scope
  }

  get held(): number { return this.#text.length }

  push(piece: string, final: boolean): string | Promise<string> {
    this.#text += piece
    this.#record.scanned += piece.length
    return this.#advance(final)
  }

  #advance(final: boolean): string | Promise<string> {
    while (this.#due(final)) {
      const judging = this.#judge(Math.min(this.#text.length, this.#next + this.#windows.size))
      if (judging !== undefined) return judging.then(() => this.#advance(final))
    }
    return this.#release(final)
  }

  #due(final: boolean): boolean {
    const ahead = this.#text.length - this.#next
    // One more than fits: what comes next says whether the last one is half a pair.
    return ahead > this.#windows.size || (final && ahead > (this.#first ? 0 : this.#windows.overlap))
  }

  #judge(end: number): Promise<void> | undefined {
    const start = before(this.#text, this.#next)
    const segment: Segment = { ...this.#place, text: this.#text.slice(start, before(this.#text, end)) }
    const take = (found: readonly Finding[]): void => {
      for (const finding of found) this.#findings.push({ ...finding, start: finding.start + start, end: finding.end + start })
      this.#next = Math.min(this.#text.length, this.#next + this.#windows.size - this.#windows.overlap)
      this.#first = false
    }
    const scope = this.#scope(this.#step)
    const found = callStep<readonly Finding[]>(this.#step, this.#record, 'inspect', [[segment], scope], scope.remaining,
      result => checkFindings(result, [segment]).get(segment.id) ?? [], [])
    if (found instanceof Promise) return found.then(take)
    take(found)
    return undefined
  }

  #release(final: boolean): string {
    const spans = spansOf(this.#step, this.#findings)
    let safe = final ? this.#text.length : before(this.#text, this.#next)
    for (const span of spans) if (span.start < safe && safe < span.end) safe = span.start
    const done = spans.filter(span => span.end <= safe)
    noteSpans(this.#step, this.#record, done, { text: this.#text, path: this.#place.path, offset: this.#left }, this.#vault)
    const out = patch(this.#text.slice(0, safe), editsOf(this.#step, this.#text, done, this.#vault, 'response'))
    this.#text = this.#text.slice(safe)
    this.#next -= safe
    this.#left += safe
    this.#findings = this.#findings.filter(finding => finding.start >= safe)
      .map(finding => ({ ...finding, start: finding.start - safe, end: finding.end - safe }))
    return out
  }
}

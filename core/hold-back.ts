// Shows a detector a stream's text piece by piece and lets out what is decided. This is where the law of streams is
// kept: what leaves equals what the whole text would have given, for every way of cutting it. Called by lane.ts.
import type { Finding, Scope, Segment, StepRecord } from '../sdk/index.ts'
import { checkFindings, type Span } from './findings.ts'
import { patch, splitsPair } from './patch.ts'
import { callStep, type Step } from './step.ts'
import type { Vault } from './vault.ts'
import { editsOf, noteSpans, spansOf } from './verdict.ts'

/** What a lane's detector knows of its place. */
export type Place = Omit<Segment, 'text'>

/** A detector on a lane: text in, what may leave out. */
export interface Stage {
  /** Characters that wait. */
  readonly held: number
  /** What may leave now. `final` says that nothing follows. Throws Blocked where the stream has to end. */
  push(piece: string, final: boolean): string | Promise<string>
}

/** One detector on one lane of a stream. */
export class HoldBack implements Stage {
  readonly #step: Step
  readonly #record: StepRecord
  readonly #place: Place
  readonly #vault: Vault
  readonly #scope: () => Scope
  /** The last characters that left, which a finding may depend on. */
  #context = ''
  #held = ''

  constructor(step: Step, record: StepRecord, place: Place, vault: Vault, scope: () => Scope) {
    this.#step = step
    this.#record = record
    this.#place = place
    this.#vault = vault
    this.#scope = scope
  }

  get held(): number { return this.#held.length }

  push(piece: string, final: boolean): string | Promise<string> {
    this.#held += piece
    this.#record.scanned += piece.length
    if (this.#held === '') return ''
    if (!final && this.#waitsForAll()) return ''
    const text = this.#context + this.#held
    const segment: Segment = { ...this.#place, text }
    const found = callStep<readonly Finding[]>(this.#step, this.#record, 'inspect', [[segment], this.#scope()], this.#step.timeout,
      result => checkFindings(result, [segment]).get(segment.id) ?? [], [])
    return found instanceof Promise ? found.then(findings => this.#release(text, findings, final)) : this.#release(text, found, final)
  }

  #release(text: string, findings: readonly Finding[], final: boolean): string {
    const step = this.#step
    const known = this.#context.length
    const spans = spansOf(step, findings.filter(finding => finding.start >= known))
    const safe = final ? text.length : this.#safe(text, spans, known)
    const done = spans.filter(span => span.end <= safe)
    noteSpans(step, this.#record, done)
    const out = patch(text.slice(0, safe), editsOf(step, text, done, this.#vault, 'response')).slice(known)
    this.#context = text.slice(Math.max(0, safe - (step.stream.lookbehind ?? 1)), safe)
    this.#held = text.slice(safe)
    return out
  }

  /** The offset up to which everything is decided: never inside a finding, never inside what may become one. */
  #safe(text: string, spans: readonly Span[], known: number): number {
    const { maxMatch, lookahead = 1 } = this.#step.stream
    let safe = maxMatch === undefined ? known : text.length - maxMatch - lookahead
    if (this.#step.tellsUndecided) safe = Math.max(safe, this.#undecided(text))
    safe = Math.min(text.length, Math.max(known, safe))
    if (splitsPair(text, safe)) safe--
    for (const span of spans) {
      if (span.start < safe && safe < span.end) return span.start
    }
    return safe
  }

  #undecided(text: string): number {
    const offset = this.#step.executor.call('undecided', [text], this.#step.timeout)
    return Number.isInteger(offset) ? Number(offset) : 0
  }

  #waitsForAll(): boolean {
    return this.#step.delivery === 'complete'
  }
}

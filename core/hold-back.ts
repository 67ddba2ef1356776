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
  readonly #scope: (step: Step) => Scope
  /** The last characters that left, which a finding may depend on. */
  #context = ''
  /** Characters that came and are decided. */
  #left = 0
  #held = ''

  constructor(step: Step, record: StepRecord, place: Place, vault: Vault, scope: (step: Step) => Scope) {
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
    if (!final && this.#step.delivery === 'complete') return ''
    const text = this.#context + this.#held
    const segment: Segment = { ...this.#place, text }
    const scope = this.#scope(this.#step)
    const found = callStep<readonly Finding[]>(this.#step, this.#record, 'inspect', [[segment], scope], scope.remaining,
      result => checkFindings(result, [segment]).get(segment.id) ?? [], [])
    // Elsewhere than on the loop, both answers take a while; here, neither costs a promise.
    const open = final || !this.#step.tellsUndecided ? -1 : this.#undecided(text)
    if (!(found instanceof Promise || open instanceof Promise)) return this.#release(text, found, open, final)
    return Promise.all([found, open]).then(([findings, offset]) => this.#release(text, findings, offset, final))
  }

  #release(text: string, findings: readonly Finding[], open: number, final: boolean): string {
    const step = this.#step
    const known = this.#context.length
    const spans = spansOf(step, findings.filter(finding => finding.start >= known))
    const safe = final ? text.length : this.#safe(text, spans, known, open)
    const done = spans.filter(span => span.end <= safe)
    noteSpans(step, this.#record, done, { text, path: this.#place.path, offset: this.#left - known }, this.#vault)
    const out = patch(text.slice(0, safe), editsOf(step, text, done, this.#vault, 'response')).slice(known)
    this.#context = text.slice(Math.max(0, safe - (step.stream.lookbehind ?? 1)), safe)
    this.#held = text.slice(safe)
    this.#left += safe - known
    return out
  }

  /** The offset up to which everything is decided: never inside a finding, never inside what may become one. */
  #safe(text: string, spans: readonly Span[], known: number, open: number): number {
    const { maxMatch, lookahead = 1 } = this.#step.stream
    let safe = maxMatch === undefined ? known : text.length - maxMatch - lookahead
    safe = Math.min(text.length, Math.max(known, safe, open))
    if (splitsPair(text, safe)) safe--
    for (const span of spans) {
      if (span.start < safe && safe < span.end) return span.start
    }
    return safe
  }

  /** 0 where the detector cannot say: then all that its `maxMatch` reaches is held. */
  #undecided(text: string): number | Promise<number> {
    const whole = (offset: unknown): number => Number.isInteger(offset) ? Number(offset) : 0
    const offset = this.#step.executor.call('undecided', [text], this.#step.timeout)
    return offset instanceof Promise ? offset.then(whole, () => 0) : whole(offset)
  }
}

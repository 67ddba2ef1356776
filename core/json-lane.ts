// A line of a stream that makes sense only as a whole: the arguments of a tool call, an answer in a JSON format. Nothing
// leaves before its end; then it is guarded as the same text of a whole answer would be. Made by lane-opening.ts, fed by stream-guard.ts.
import type { Scope, StepRecord } from '../sdk/index.ts'
import type { Place, Stage } from './hold-back.ts'
import { inspect } from './inspection.ts'
import type { Fits } from './json-lens.ts'
import type { Scanner } from './json-tape.ts'
import { Piece } from './piece.ts'
import { restorations } from './restore.ts'
import type { Step } from './step.ts'
import type { Vault } from './vault.ts'
import { judge } from './verdict.ts'

/** What guards a lane, and the lane's place. */
export interface JsonGuards {
  readonly place: Place
  readonly steps: readonly (readonly [Step, StepRecord])[]
  readonly vault: Vault
  readonly scanner: Scanner
  readonly scope: (step: Step) => Scope
  /** Says what the request allows the JSON to hold. */
  readonly fits: Fits
  /** True where placeholders become the values again. */
  readonly restores: boolean
  /** True where the text stands as JSON in its frame, and not in a string. */
  readonly raw: boolean
}

/** Holds a text to its end. Steps in shadow look at it as well: there is nothing that they could hold back. */
export class JsonLane implements Stage {
  readonly #guards: JsonGuards
  #text = ''

  constructor(guards: JsonGuards) {
    this.#guards = guards
  }

  get held(): number { return this.#text.length }

  push(piece: string, final: boolean): string | Promise<string> {
    this.#text += piece
    if (!final || this.#text === '') return ''
    const { place, steps, scanner, fits, raw } = this.#guards
    const whole = new Piece(place, this.#text, scanner, fits, raw)
    this.#text = ''
    return this.#guard(whole, steps, 0)
  }

  #guard(piece: Piece, steps: JsonGuards['steps'], from: number): string | Promise<string> {
    const { vault, scope } = this.#guards
    for (let i = from; i < steps.length; i++) {
      const [step, record] = steps[i]!
      record.scanned += piece.segment.text.length
      const now = scope(step)
      const judging = inspect(step, record, [piece.segment], now, now.remaining, undefined,
        found => judge(step, record, piece, found.get(piece.segment.id) ?? [], vault, 'response'))
      if (judging !== undefined) return judging.then(() => this.#guard(piece, steps, i + 1))
    }
    if (this.#guards.restores) piece.rewrite(restorations(piece.text, vault, true))
    return piece.text
  }
}

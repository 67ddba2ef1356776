// One line of text in a stream (what a choice says on one channel, or one tool call's arguments) with everything that
// guards it: the detectors, lowest step first, then the placeholders. Made by lane-opening.ts, fed by stream-guard.ts.
import type { Stage } from './hold-back.ts'
import type { Restorer } from './restore.ts'
import type { Line } from './transcript.ts'

/** A lane of a stream. */
export class Lane {
  /** Enforced detectors, in the order in which the answer climbs. */
  readonly #guards: readonly Stage[]
  /** Shadow detectors: they see what the first guard sees, and hold nothing back. */
  readonly #shadows: readonly Stage[]
  readonly #restorer: Restorer | undefined
  /** What the upstream said, for observers that read it. */
  readonly #heard: Line | undefined

  constructor(guards: readonly Stage[], shadows: readonly Stage[], restorer: Restorer | undefined, heard: Line | undefined) {
    this.#guards = guards
    this.#shadows = shadows
    this.#restorer = restorer
    this.#heard = heard
  }

  /** What may leave now. Synchronous as long as the detectors are. */
  push(text: string, final: boolean): string | Promise<string> {
    if (text !== '') this.#heard?.push(text)
    const shadowed = this.#shadow(text, final)
    const out = this.#guard(0, text, final)
    return shadowed === undefined ? out : shadowed.then(() => out)
  }

  /** Characters that wait, over all stages. */
  get held(): number {
    let sum = this.#restorer?.held ?? 0
    for (const guard of this.#guards) sum += guard.held
    return sum
  }

  #guard(from: number, text: string, final: boolean): string | Promise<string> {
    let out = text
    for (let i = from; i < this.#guards.length; i++) {
      if (out === '' && !final) return ''
      const released = this.#guards[i]!.push(out, final)
      if (released instanceof Promise) return released.then(piece => this.#guard(i + 1, piece, final))
      out = released
    }
    return this.#restorer === undefined ? out : this.#restorer.push(out, final)
  }

  #shadow(text: string, final: boolean): Promise<unknown> | undefined {
    let pending: Promise<unknown> | undefined
    for (const shadow of this.#shadows) {
      const done = shadow.push(text, final)
      if (done instanceof Promise) pending = pending === undefined ? done : Promise.all([pending, done])
    }
    return pending
  }
}

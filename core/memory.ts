// Verdicts that need not be reached again: of a conversation with twenty turns, nineteen were judged before. Used by
// inspection.ts; one per gateway, gone with its config. `limits.verdicts: 0` switches it off.
import { hash } from 'node:crypto'
import type { Finding, Scope, Segment } from '../sdk/index.ts'
import type { Step } from './step.ts'

/** Shorter texts are judged faster than they are looked up. */
const SHORTEST = 64
const MOST_FINDINGS = 100

/**
 * What steps found in which text, without the text: known is only a hash, keyed by the gateway's secret, of who asks,
 * which step as it is set up, and what it reads. The least used verdicts go first.
 */
export class Memory {
  readonly #verdicts = new Map<string, readonly Finding[]>()
  readonly #secret: string
  readonly #most: number

  /** Keeps so many verdicts at most. */
  constructor(secret: string, most: number) {
    this.#secret = secret
    this.#most = most
  }

  /** The key of a verdict; empty where it is not worth keeping. */
  keyOf(step: Step, scope: Scope, { origin, channel, text }: Segment): string {
    if (text.length < SHORTEST) return ''
    const where = `${scope.consumer}\0${scope.route}\0${scope.model}\0${scope.dialect}\0${scope.direction}\0${origin}\0${channel}`
    return hash('sha256', `${this.#secret}\0${step.identity}\0${where}\0${text}\0${this.#secret}`, 'base64')
  }

  /** What was found before; undefined where the text is new, or was not seen lately. */
  recall(key: string): readonly Finding[] | undefined {
    const findings = this.#verdicts.get(key)
    if (findings === undefined) return undefined
    this.#verdicts.delete(key)
    this.#verdicts.set(key, findings)
    return findings
  }

  keep(key: string, findings: readonly Finding[]): void {
    // A text full of findings costs more to keep than to judge again.
    if (key === '' || findings.length > MOST_FINDINGS) return
    this.#verdicts.set(key, findings)
    if (this.#verdicts.size <= this.#most) return
    const [oldest] = this.#verdicts.keys()
    this.#verdicts.delete(oldest!)
  }
}

// Counts how requests ended, and holds the counts to the law. Used by outage.ts.
import type { Ending, Outcome } from './asker.ts'

/** The requests of one run. */
export class Tally {
  readonly #deadline: number
  readonly #counts: Record<Ending, number> = { answered: 0, refused: 0, broken: 0, cut: 0, hung: 0 }
  readonly #took: number[] = []
  /** Questions whose streams broke, and what their clients read. */
  readonly #broken = new Map<number, string>()
  /** Streams that a target broke after text had left, by what it did. */
  readonly #excused = new Map<string, number>()
  /** What went wrong, and how often. */
  readonly reasons = new Map<string, number>()

  /** `deadline` is how many milliseconds a request may take. */
  constructor(deadline: number) {
    this.#deadline = deadline
  }

  add(question: number, { ending, ms, told }: Outcome): void {
    this.#counts[ending]++
    this.#took.push(ms)
    if (ending === 'broken') this.#broken.set(question, told)
    else if (ending !== 'answered') this.#note(ending, told)
  }

  /** Takes broken streams that a target accounts for out of the failures. `causes` says what it did to which question. */
  excuse(causes: ReadonlyMap<number, string>): void {
    for (const [question, told] of this.#broken) {
      const cause = causes.get(question)
      if (cause === undefined) this.#note('broken', told)
      else this.#excused.set(cause, (this.#excused.get(cause) ?? 0) + 1)
    }
  }

  /** How it goes, in a line. */
  get progress(): string {
    return Object.entries(this.#counts).map(([ending, count]) => `${count} ${ending}`).join(', ')
  }

  get row(): Readonly<Record<string, number>> {
    const { answered, refused, broken, cut, hung } = this.#counts
    return {
      asked: this.#took.length, answered, refused, 'broken, no cause': broken - this.#broke, cut, hung,
      'success %': Number(this.#success.toFixed(3)),
      'stalled in mid-stream': this.#excused.get('stalled') ?? 0, 'died in mid-stream': this.#excused.get('died') ?? 0,
      'p50 ms': this.#quantile(0.5), 'p99 ms': this.#quantile(0.99), 'slowest ms': this.#quantile(1),
    }
  }

  /** What is wrong with it: fewer successes than so many percent, a p99 past the deadline, and anything cut, hung or broken without cause. */
  breaches(least: number): string[] {
    const { cut, hung, broken } = this.#counts
    const found: readonly (readonly [boolean, string])[] = [
      [this.#success <= least, `expected more than ${least} % of requests to succeed`],
      [this.#quantile(0.99) >= this.#deadline, `expected a p99 below ${this.#deadline} ms`],
      [hung > 0, 'expected no request to hang'],
      [cut > 0, 'expected no answer to be cut silently'],
      [broken > this.#broke, 'expected no stream to break without its target doing that'],
    ]
    return found.filter(([isBroken]) => isBroken).map(([, breach]) => breach)
  }

  /** Streams broken by targets: no success, and no failure of the gateway. */
  get #broke(): number { return [...this.#excused.values()].reduce((sum, count) => sum + count, 0) }

  get #success(): number { return 100 * this.#counts.answered / (this.#took.length - this.#broke) }

  #quantile(share: number): number {
    return Math.round(this.#took.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * this.#took.length) - 1)] ?? 0)
  }

  #note(ending: Ending, told: string): void {
    // Numbers differ from request to request.
    const reason = `${ending}: ${told.replace(/\d{4,}/g, 'N').slice(0, 200)}`
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1)
  }
}

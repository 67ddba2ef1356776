// What was forgotten of late, so that the answer to a question that was under way meanwhile is not learned after all. One per
// step. Called by cache.ts.
import type { Question } from 'gatehouse/sdk'

/** Tags that are remembered. Of those before, every question under way is taken to be meant. */
const MOST = 10_000

/** Purges in their order, and which of them came after a question. */
export class Purges {
  /** By tag, the latest purge; the oldest first. */
  readonly #latest = new Map<string, number>()
  /** How many there had been when a question came. */
  readonly #before = new WeakMap<Question, number>()
  #count = 0
  #unknown = 0

  /** A question is under way from here on. */
  begin(question: Question): void {
    this.#before.set(question, this.#count)
  }

  /** Everything with one of these tags is forgotten. */
  note(tags: readonly string[]): void {
    this.#count++
    for (const tag of tags) {
      this.#latest.delete(tag)
      this.#latest.set(tag, this.#count)
    }
    for (const [tag, purge] of this.#latest) {
      if (this.#latest.size <= MOST) return
      this.#latest.delete(tag)
      this.#unknown = purge
    }
  }

  /** True where the answer to a question was forgotten before it came. */
  overtook(question: Question, tags: readonly string[]): boolean {
    const before = this.#before.get(question) ?? 0
    return before < this.#unknown || tags.some(tag => (this.#latest.get(tag) ?? 0) > before)
  }
}

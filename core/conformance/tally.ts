// What one check of the conformance kit has tried and what went wrong, the smallest case first. Filled by the checks,
// printed by table.ts.

/** One line of the kit's result. */
export interface Row {
  readonly check: string
  /** How many cases it tried; 0 where the check does not apply to the processor. */
  readonly cases: number
  /** Plain sentences, those of the shortest texts first; empty where the check passed. */
  readonly failures: readonly string[]
}

/** More would bury the first. */
const MOST_FAILURES = 5
const LONGEST_SHOWN = 80

/** Counts the cases of one check. */
export class Tally {
  readonly check: string
  cases = 0
  /** Sentence -> length of the shortest text that it was said about. */
  readonly #failures = new Map<string, number>()

  constructor(check: string) {
    this.check = check
  }

  /** Notes a failure. `size` is the length of the text at fault. */
  fail(size: number, sentence: string): void {
    this.#failures.set(sentence, Math.min(size, this.#failures.get(sentence) ?? size))
  }

  row(): Row {
    const sentences = [...this.#failures].toSorted((a, b) => a[1] - b[1]).map(([sentence]) => sentence)
    const more = sentences.length - MOST_FAILURES
    const failures = more > 0 ? [...sentences.slice(0, MOST_FAILURES), `... and ${more} more`] : sentences
    return { check: this.check, cases: this.cases, failures }
  }
}

/** A text as it may be printed: in quotes, cut, and with nothing that a terminal would obey or that turns lines around. */
export function shown(text: string): string {
  const quoted = JSON.stringify(text.slice(0, LONGEST_SHOWN))
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, character => `\\u{${character.codePointAt(0)!.toString(16)}}`)
  return text.length <= LONGEST_SHOWN ? quoted : `${quoted} (${text.length} characters)`
}

// What a text may cost. All rules together could read each of its letters again and again, as far as each of them reaches: a
// text made for that is given up. Steps are counted, not time, so that the same text always ends the same way. Called by
// finder.ts.

/**
 * Steps that each code unit adds, over all rules. Prose, code and JSON take 4 at most, with the rules of gitleaks as well; those
 * take 170 where nothing but secrets stands.
 */
const PER_UNIT = 500
/** Steps for any text, however short: a name and its secret take 10 000 with the rules of gitleaks. */
const LEAST = 100_000

/** Says that a text costs too much. */
export class Overspent extends Error {
  constructor() {
    super('the text is made so that reading it takes too long')
  }
}

/** The steps of one call. */
export class Budget {
  readonly #all: number
  #left: number

  constructor(text: string) {
    this.#all = LEAST + PER_UNIT * text.length
    this.#left = this.#all
  }

  get spent(): number { return this.#all - this.#left }

  spend(steps: number): void {
    this.#left -= steps
    if (this.#left < 0) throw new Overspent()
  }
}

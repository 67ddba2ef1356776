// Finds secrets in a text: keywords say where a rule is tried, the rule says whether there is one. Called by ../secrets.ts.
import { Budget, Overspent } from './budget.ts'
import { Keywords, NOWHERE } from './keywords.ts'
import { BOUNDS, type Place, type Rule, type Secret } from './rule.ts'

/** A secret and the rule that found it. */
export interface Found extends Secret {
  readonly rule: Rule
}

interface Trial {
  readonly rule: Rule
  readonly place: Place
}

/** How far before the end of a text a keyword may stand that still decides something there. */
const STILL = BOUNDS.maxMatch + BOUNDS.lookahead

/** Rules, ready to be tried. */
export class Finder {
  readonly #keywords: Keywords<Trial>
  /** Trials whose secrets begin before their keyword: an open end may be one before any keyword is seen. */
  readonly #early: readonly Trial[]

  constructor(rules: readonly Rule[]) {
    const trials = rules.flatMap(rule => [...rule.keywords].map(([keyword, place]) => ({ keyword, rule, place })))
    this.#keywords = new Keywords(
      trials.map(({ keyword, rule, place }) => ({ keyword, value: { rule, place }, leads: place.leads })),
    )
    this.#early = trials.filter(({ place }) => place.leads !== NOWHERE && place.from < 0)
      .map(({ keyword, rule, place }) => ({ rule, place: { ...place, from: place.from - keyword.length, to: -1 } }))
  }

  /** Every secret. They may overlap where several rules agree. Throws where that takes more steps than the budget has. */
  find(text: string, budget = new Budget(text)): Found[] {
    const found = new Map<string, Found>()
    const how = { final: true, budget }
    this.#keywords.find(text, 0, (at, { rule, place }) => {
      rule.search(text, at, place, how, ({ start, end }) => found.set(`${start} ${end} ${rule.type}`, { start, end, rule }))
    })
    return [...found.values()]
  }

  /**
   * The offset from which the end of the text may still become a secret; its length where nothing is open; 0 where that takes
   * more steps than the text may cost.
   */
  open(text: string): number {
    try {
      return this.#open(text, new Budget(text))
    } catch (error) {
      if (error instanceof Overspent) return 0
      throw error
    }
  }

  #open(text: string, budget: Budget): number {
    const how = { final: false, budget }
    let open = this.#keywords.open(text)
    const search = (at: number, { rule, place }: Trial): void => {
      open = Math.min(open, rule.search(text, at, place, how, () => {}))
    }
    this.#keywords.find(text, Math.max(0, text.length - STILL), search)
    for (const trial of this.#early) search(text.length, trial)
    return open
  }
}

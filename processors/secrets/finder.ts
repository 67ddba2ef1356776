// Finds secrets in a text: keywords say where a rule is tried, the rule says whether there is one. Called by ../secrets.ts.
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

  /** Every secret. They may overlap where several rules agree. */
  find(text: string): Found[] {
    const found = new Map<string, Found>()
    this.#keywords.find(text, 0, (at, { rule, place }) => {
      rule.search(text, at, place, true, ({ start, end }) => found.set(`${start} ${end} ${rule.type}`, { start, end, rule }))
    })
    return [...found.values()]
  }

  /** The offset from which the end of the text may still become a secret; its length where nothing is open. */
  open(text: string): number {
    let open = this.#keywords.open(text)
    const search = (at: number, { rule, place }: Trial): void => {
      open = Math.min(open, rule.search(text, at, place, false, () => {}))
    }
    this.#keywords.find(text, Math.max(0, text.length - STILL), search)
    for (const trial of this.#early) search(text.length, trial)
    return open
  }
}

// Who brought a host down, how often, and for how long nobody asks it any more. Used by hosts.ts.

/** Strikes within a window of time that lead into quarantine, and how long that lasts. Milliseconds. */
export interface StrikeRule {
  readonly strikes: number
  readonly window: number
  readonly quarantine: number
}

/** Three strikes within a minute, and a minute of rest. */
export const STRIKE_RULE: StrikeRule = { strikes: 3, window: 60_000, quarantine: 60_000 }

/** The strikes of all processors of a worker, by id. */
export class Strikes {
  readonly #rule: StrikeRule
  readonly #at = new Map<string, number[]>()
  readonly #until = new Map<string, number>()

  constructor(rule: StrikeRule) {
    this.#rule = rule
  }

  /** Counts one. True where it is the one that leads into quarantine. */
  add(id: string, now: number): boolean {
    const recent = (this.#at.get(id) ?? []).filter(at => now - at < this.#rule.window)
    recent.push(now)
    this.#at.set(id, recent)
    if (recent.length < this.#rule.strikes) return false
    this.#at.delete(id)
    this.#until.set(id, now + this.#rule.quarantine)
    return true
  }

  /** Ids that are in quarantine. */
  quarantined(now: number): string[] {
    return [...this.#until.keys()].filter(id => this.isQuarantined(id, now))
  }

  isQuarantined(id: string, now: number): boolean {
    const until = this.#until.get(id)
    if (until === undefined) return false
    if (now < until) return true
    this.#until.delete(id)
    return false
  }
}

// What is wrong with providers just now, as operators should hear it: told when it begins and when it is over, and listed
// meanwhile. One for each gateway; fed by keys.ts, token.ts and check.ts, read by house.ts.

/** Something that is wrong. Holds no secret. */
export interface Trouble {
  readonly provider: string
  /** `key 2`, `token`, `check`. */
  readonly about: string
  readonly why: string
}

/** The troubles of one gateway. */
export class Troubles {
  /** Called where one begins, and where it is over. */
  listener: ((trouble: Trouble, isOver: boolean) => void) | undefined
  readonly #running = new Map<string, Trouble>()

  /** Those that are not over, in words. */
  get all(): string[] {
    return [...this.#running.values()].map(({ provider, about, why }) => `${provider}, ${about}: ${why}`)
  }

  /** What begins again before it is over is not told again. */
  begin(provider: string, about: string, why: string): void {
    const key = `${provider} ${about}`
    if (this.#running.has(key)) return
    const trouble = { provider, about, why }
    this.#running.set(key, trouble)
    this.listener?.(trouble, false)
  }

  end(provider: string, about: string): void {
    const key = `${provider} ${about}`
    const trouble = this.#running.get(key)
    if (trouble === undefined) return
    this.#running.delete(key)
    this.listener?.(trouble, true)
  }
}

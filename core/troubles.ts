// What is wrong with providers and steps just now, as operators should hear it: told when it begins and when it is over, and
// listed meanwhile. One for each gateway; fed by keys.ts, token.ts, check.ts and chain-compiler.ts, read by house.ts.

/** Something that is wrong. Holds no secret. */
export interface Trouble {
  readonly of: 'provider' | 'step'
  readonly name: string
  /** `key 2`, `token`, `check`; of a step, its place. */
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
    return [...this.#running.values()].map(({ name, about, why }) => `${name}, ${about}: ${why}`)
  }

  /** What begins again before it is over is not told again. */
  begin(name: string, about: string, why: string, of: Trouble['of'] = 'provider'): void {
    const key = `${name} ${about}`
    if (this.#running.has(key)) return
    const trouble = { of, name, about, why }
    this.#running.set(key, trouble)
    this.listener?.(trouble, false)
  }

  end(name: string, about: string): void {
    const key = `${name} ${about}`
    const trouble = this.#running.get(key)
    if (trouble === undefined) return
    this.#running.delete(key)
    this.listener?.(trouble, true)
  }
}

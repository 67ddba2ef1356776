// One process's part in what the house counts. What runs at once is given back by whoever took it, and a process that ends has
// no time to: so it is kept in mind here what each holds. Made by supervisor.ts for every worker.
import type { Ask, Counter, Grant } from '../sdk/index.ts'

/** A counter for one process. Closing it gives back what the process held of things that run. */
export class Part implements Counter {
  readonly #counter: Counter
  readonly #held = new Map<string, Ask>()
  #over = false

  constructor(counter: Counter) {
    this.#counter = counter
  }

  async take(asks: readonly Ask[]): Promise<readonly Grant[]> {
    const grants = await this.#counter.take(asks)
    for (const [at, ask] of asks.entries()) {
      if (ask.window.kind !== 'held') continue
      const held = (this.#held.get(ask.key)?.back ?? 0) + grants[at]!.granted + ask.over - ask.back
      this.#held.set(ask.key, { ...ask, want: 0, over: 0, back: held })
    }
    // It ended while it was being answered.
    if (this.#over) await this.close()
    return grants
  }

  async close(): Promise<void> {
    this.#over = true
    const asks = [...this.#held.values()].filter(({ back }) => back > 0)
    this.#held.clear()
    if (asks.length > 0) await this.#counter.take(asks).catch(() => {})
  }
}

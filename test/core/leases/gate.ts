// A store that answers one batch each time that it is told to. Used by the tests of leases.
import type { Ask, Counter, Grant } from '../../../sdk/index.ts'
import { settle } from './clock.ts'

export class Gate implements Counter {
  readonly #counter: Counter
  readonly #held: ((heard: boolean) => void)[] = []
  /** Batches that came. */
  asked = 0

  constructor(counter: Counter) {
    this.#counter = counter
  }

  async take(asks: readonly Ask[]): Promise<readonly Grant[]> {
    this.asked++
    const heard = await new Promise<boolean>(resolve => { this.#held.push(resolve) })
    if (!heard) throw new Error('away')
    return this.#counter.take(asks)
  }

  /** Answers the batch that waits longest, or refuses to. */
  async answer(heard = true): Promise<void> {
    this.#held.shift()?.(heard)
    await settle()
  }

  async close(): Promise<void> {}
}

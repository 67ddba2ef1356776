// A clock in the test's hands, for both kinds of time. Used by the tests of leases.
import type { TestContext } from 'node:test'

export class Clock {
  readonly #t: TestContext
  now = 1_000_000

  constructor(t: TestContext) {
    this.#t = t
    t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: this.now })
    t.mock.method(performance, 'now', () => this.now)
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 10) {
      const step = Math.min(10, left)
      this.now += step
      this.#t.mock.timers.tick(step)
      await settle()
    }
  }

  stop(): void {
    this.#t.mock.timers.reset()
    this.#t.mock.restoreAll()
  }
}

/** Lets promises that are already settled run through their chains. */
export async function settle(): Promise<void> {
  for (let n = 0; n < 30; n++) await Promise.resolve()
}

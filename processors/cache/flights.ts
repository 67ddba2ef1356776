// Questions under way: whoever asks the same meanwhile waits a little for the answer to the first, and then asks itself.
// One per step.

interface Flight {
  readonly since: number
  readonly landed: Promise<void>
  readonly land: () => void
}

/** A question whose end is never told must not stay for ever. */
const MOST = 10_000

/** Who is first, and who waits. */
export class Flights {
  readonly #flights = new Map<string, Flight>()
  readonly #longest: number

  /** Followers wait so many milliseconds at most; 0 lets nobody wait. */
  constructor(longest: number) {
    this.#longest = longest
  }

  /** Resolves when the first who asks this is answered or has failed, or the time is over; undefined for whoever is first. */
  follow(key: string): Promise<void> | undefined {
    if (this.#longest === 0) return undefined
    const now = performance.now()
    const ahead = this.#flights.get(key)
    const left = ahead === undefined ? 0 : this.#longest - (now - ahead.since)
    if (ahead !== undefined && left > 0) return within(ahead.landed, left)
    const { promise: landed, resolve: land } = Promise.withResolvers<void>()
    this.#flights.set(key, { since: now, landed, land })
    if (this.#flights.size > MOST) this.land(this.#flights.keys().next().value!)
    return undefined
  }

  /** The first is through. */
  land(key: string): void {
    this.#flights.get(key)?.land()
    this.#flights.delete(key)
  }
}

function within(landed: Promise<void>, ms: number): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, ms)
    void landed.then(resolve).finally(() => clearTimeout(timer))
  })
}

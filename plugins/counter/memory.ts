// Counts in memory: the truth itself where there is one machine. What it counted ends with the process; where there is a
// ledger, the next one begins with what that says was used (core/opening-balance.ts). Loaded by name from core/registry.ts.
import { defineCounter, Type, type Ask, type Grant } from 'gatehouse/sdk'
import { goodFor, isKept, isLive, markAt, resetIn, timeOf } from './memory/stretch.ts'

/** Counts that are kept at once. One more is refused: forgetting one that holds would be a limit passed. */
const MOST = 200_000

export default defineCounter({
  name: 'memory',
  forgets: true,
  options: Type.Object({}, { additionalProperties: false }),
  async open() {
    const counts = new Map<string, Count>()
    return {
      async take(asks) {
        return asks.map(ask => {
          const count = counts.get(ask.key) ?? new Count()
          if (!counts.has(ask.key)) {
            if (counts.size >= MOST) sweep(counts)
            if (counts.size >= MOST) return { granted: 0, left: 0, resetIn: Infinity, mark: 0, goodFor: 0 }
            counts.set(ask.key, count)
          }
          return count.take(ask)
        })
      },
      async close() {},
    }
  },
})

/** What one key has used, by the stretch of time in which it counts. */
class Count {
  #window: Ask['window'] = { kind: 'total' }
  readonly #used = new Map<number, number>()

  take({ window, limit, want, back, mark, over }: Ask): Grant {
    const now = timeOf(window)
    this.#window = window
    for (const [kept, used] of this.#used) if (used === 0 || !isKept(window, kept, now)) this.#used.delete(kept)
    const held = this.#used.get(mark)
    if (held !== undefined) this.#used.set(mark, Math.max(0, held - back))
    const current = markAt(window, now)
    const sum = over + this.#sum(now)
    const granted = Math.max(0, Math.min(want, limit - sum))
    if (granted + over > 0) this.#used.set(current, (this.#used.get(current) ?? 0) + granted + over)
    return {
      granted, left: Math.max(0, limit - sum - granted), resetIn: resetIn(window, this.#used.keys().next().value, now),
      mark: current, goodFor: goodFor(window, now),
    }
  }

  /** True where nothing is counted any more. */
  get isEmpty(): boolean { return this.#sum(timeOf(this.#window)) === 0 }

  #sum(now: number): number {
    let sum = 0
    for (const [mark, used] of this.#used) if (isLive(this.#window, mark, now)) sum += used
    return sum
  }
}

function sweep(counts: Map<string, Count>): void {
  for (const [key, count] of counts) if (count.isEmpty) counts.delete(key)
}

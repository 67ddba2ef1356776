// Counts in memory: the truth itself where there is one machine. What it counted ends with the process; where there is a
// ledger, the next one begins with what that says was used (core/opening-balance.ts). Loaded by name from core/registry.ts.
import { defineCounter, Type, type Ask, type Grant } from 'gatehouse/sdk'
import { goodFor, isLive, markAt, resetIn } from './memory/stretch.ts'

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
        const now = Date.now()
        return asks.map(ask => {
          const count = counts.get(ask.key) ?? new Count()
          if (!counts.has(ask.key)) {
            if (counts.size >= MOST) sweep(counts, now)
            if (counts.size >= MOST) return { granted: 0, left: 0, resetIn: Infinity, mark: 0, goodFor: 0 }
            counts.set(ask.key, count)
          }
          return count.take(ask, now)
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

  take({ window, limit, want, back, mark, over }: Ask, now: number): Grant {
    this.#window = window
    this.#prune(now)
    const held = this.#used.get(mark)
    if (held !== undefined) this.#used.set(mark, Math.max(0, held - back))
    const current = markAt(window, now)
    let sum = over
    for (const used of this.#used.values()) sum += used
    const granted = Math.max(0, Math.min(want, limit - sum))
    if (granted + over > 0) this.#used.set(current, (this.#used.get(current) ?? 0) + granted + over)
    return {
      granted, left: Math.max(0, limit - sum - granted), resetIn: resetIn(window, this.#used.keys().next().value, now),
      mark: current, goodFor: goodFor(window, now),
    }
  }

  /** True where nothing is counted any more. */
  isEmpty(now: number): boolean {
    this.#prune(now)
    return this.#used.size === 0
  }

  #prune(now: number): void {
    for (const [mark, used] of this.#used) if (used === 0 || !isLive(this.#window, mark, now)) this.#used.delete(mark)
  }
}

function sweep(counts: Map<string, Count>, now: number): void {
  for (const [key, count] of counts) if (count.isEmpty(now)) counts.delete(key)
}

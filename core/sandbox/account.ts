// What became of the hosts of one worker and of the processors in them, counted. Kept by core/executors.ts for the metrics.
import type { SandboxNumbers } from '../../sdk/index.ts'
import { UNKNOWN, type HostEvent } from './host-pair.ts'

/** Those of isolate.ts and the pair's own. A host that was taken over could say anything, and each would be a label. */
const REASONS: ReadonlySet<string> = new Set(['out of memory', 'did not stop', 'catastrophic error', UNKNOWN])

/** Sums over the life of a worker. */
export class SandboxAccount {
  readonly #retired: Record<string, number> = {}
  readonly #strikes = new Map<string, { readonly processor: string; readonly reason: string; count: number }>()
  readonly #quarantines: Record<string, number> = {}

  /** Counts an event. */
  note(event: HostEvent): void {
    const reason = REASONS.has(event.reason) ? event.reason : 'other'
    const processor = nameOf(event.processor)
    switch (event.kind) {
      case 'retired': return count(this.#retired, reason)
      case 'quarantined': return count(this.#quarantines, processor)
      case 'strike': {
        const key = `${processor}\n${reason}`
        const strike = this.#strikes.get(key) ?? { processor, reason, count: 0 }
        strike.count++
        this.#strikes.set(key, strike)
      }
    }
  }

  /** The sums, beside what is true at this moment. */
  numbers(hosts: number, quarantined: readonly string[]): SandboxNumbers {
    return { hosts, quarantined, retired: this.#retired, strikes: [...this.#strikes.values()], quarantines: this.#quarantines }
  }
}

/** Without the version, so that a mended file goes on in the same series. */
const nameOf = (id: string): string => id.split('@', 1)[0]!

function count(sums: Record<string, number>, key: string): void {
  sums[key] = (sums[key] ?? 0) + 1
}

// Requests that wait for a target that has its fill, in turns: not the request that came first goes first, but the consumer
// who waited longest for a turn. So nobody's burst keeps the others waiting. One queue a target, owned by health.ts; requests
// come from fallback.ts.

/** How many may wait, and for how long. */
export interface QueueRule {
  readonly size: number
  /** Milliseconds. */
  readonly wait: number
}

/** A request that waits, in the queues of all the targets that could serve it. */
export class Waiter<P = unknown> {
  readonly consumer: string
  readonly queues = new Set<Queue<P>>()
  /** The place that it was given. */
  granted: P | undefined
  readonly #wake: () => void

  /** `wake` is called once it need not wait any more. */
  constructor(consumer: string, wake: () => void) {
    this.consumer = consumer
    this.#wake = wake
  }

  grant(place: P): void {
    this.granted = place
    this.leave()
    this.#wake()
  }

  /** Out of one queue; it looks elsewhere once it is in none. */
  dismiss(queue: Queue<P>): void {
    queue.leave(this)
    if (this.queues.size === 0) this.#wake()
  }

  /** Out of all queues at once. */
  leave(): void {
    for (const queue of this.queues) queue.leave(this)
  }
}

/** The requests that wait for one target. */
export class Queue<P = unknown> {
  readonly rule: QueueRule
  /** By consumer, in the order of their turns. */
  readonly #lines = new Map<string, Set<Waiter<P>>>()
  length = 0

  constructor(rule: QueueRule) {
    this.rule = rule
  }

  /**
   * False where there is no room. A full queue makes some for a consumer with fewer requests in it, by sending away the
   * latest of whoever has most (longest queue drop, McKenney 1990).
   */
  enter(waiter: Waiter<P>): boolean {
    if (this.length >= this.rule.size && !this.#makeRoom(waiter.consumer)) return false
    const line = this.#lines.get(waiter.consumer)
    if (line === undefined) this.#lines.set(waiter.consumer, new Set([waiter]))
    else line.add(waiter)
    waiter.queues.add(this)
    this.length++
    return true
  }

  leave(waiter: Waiter<P>): void {
    const line = this.#lines.get(waiter.consumer)
    if (line === undefined || !line.delete(waiter)) return
    if (line.size === 0) this.#lines.delete(waiter.consumer)
    waiter.queues.delete(this)
    this.length--
  }

  /** Gives the place to whoever's turn it is. False where nobody waits. */
  grant(place: P): boolean {
    for (const [consumer, line] of this.#lines) {
      for (const waiter of line) {
        waiter.grant(place)
        // Its next request waits for all the others' turns.
        if (line.size > 0) {
          this.#lines.delete(consumer)
          this.#lines.set(consumer, line)
        }
        return true
      }
    }
    return false
  }

  /** Nobody can tell when there is a place again: all look elsewhere. */
  dismiss(): void {
    for (const line of this.#lines.values()) for (const waiter of line) waiter.dismiss(this)
  }

  #makeRoom(consumer: string): boolean {
    let longest: Set<Waiter<P>> | undefined
    for (const line of this.#lines.values()) if (longest === undefined || line.size > longest.size) longest = line
    if (longest === undefined || longest.size <= (this.#lines.get(consumer)?.size ?? 0) + 1) return false
    const latest = [...longest].at(-1)!
    latest.dismiss(this)
    return true
  }
}

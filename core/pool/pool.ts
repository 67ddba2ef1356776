// The pool of one worker process: who may wait for a thread, how long, and what happens to who waits or runs too long.
// Called by core/executor/pool.ts for `run: pool`; closed with the worker. The threads themselves are threads.ts's.
import { availableParallelism } from 'node:os'
import { Alarms } from '../alarm.ts'
import { StepOverload, StepTimeout } from '../executor.ts'
import { Account, type Totals } from './account.ts'
import { Call, weigh } from './call.ts'
import type { Outcome, Registration } from './order.ts'
import { Threads } from './threads.ts'

/** How large a pool is. */
export interface PoolOptions {
  /** Default: one fewer than there are cores, from 1 to 4. */
  readonly threads?: number
  /** Bytes of text that may wait, two for each code unit. Default 16 MB. */
  readonly queueBytes?: number
  /** Milliseconds that a processor may take to be set up in a thread. Default 30 s. */
  readonly setupTimeout?: number
}

/** A pool at one moment. */
export interface PoolState {
  /** Threads that there are, those that could begin a call at once, and those that have ended so far. */
  readonly threads: number
  readonly idle: number
  readonly ended: number
  readonly running: number
  readonly waiting: number
  readonly waitingBytes: number
  /** By the id of the registration. */
  readonly processors: Readonly<Record<string, Totals>>
}

/** Runs the methods of processors in threads. */
export class Pool {
  readonly #queueBytes: number
  readonly #threads: Threads
  readonly #accounts = new Map<string, Account>()
  readonly #alarms = new Alarms()
  /** In the order in which they came. */
  readonly #waiting = new Set<Call>()
  readonly #running = new Set<Call>()
  #waitingBytes = 0
  #waitingTime = 0
  #closed = false

  constructor({ threads = threadsOf(availableParallelism()), queueBytes = 16 * 2 ** 20, setupTimeout = 30_000 }: PoolOptions = {}) {
    this.#queueBytes = queueBytes
    this.#threads = new Threads(threads, setupTimeout, () => this.#fill())
  }

  /**
   * Sets a processor up in every thread, those of the future included. Resolves with the methods that it has; rejects
   * with a sentence where it does not load or its setup throws.
   */
  async register(processor: Registration): Promise<{ readonly methods: readonly string[] }> {
    if (this.#accounts.has(processor.id)) throw new Error(`expected an id that is not registered, got ${processor.id}`)
    const account = new Account()
    this.#accounts.set(processor.id, account)
    try {
      return { methods: await this.#threads.setUp(processor) }
    } catch (error) {
      this.#accounts.delete(processor.id)
      throw error
    } finally {
      this.#fill()
    }
  }

  /** Forgets a processor that is not called any more, as when the config that named it has closed. */
  release(id: string): void {
    if (this.#accounts.delete(id)) this.#threads.forget(id)
  }

  /**
   * Calls a method with plain data. Throws StepOverload where it would have to wait and there is no room, or no hope to
   * be done within `timeout` milliseconds. Rejects with StepTimeout after that time, and then the thread that ran it is
   * ended; with an Error that names no text where the processor threw.
   */
  call(id: string, method: string, args: readonly unknown[], timeout: number): Promise<unknown> {
    const account = this.#accounts.get(id)
    if (account === undefined || this.#closed) throw new Error(`expected a processor of an open pool, got ${id}`)
    account.calls++
    const free = this.#waiting.size === 0 && this.#threads.idle > 0
    const bytes = free ? 0 : weigh(args)
    if (!free && !this.#admits(bytes, account.expected, timeout)) {
      account.refused++
      throw new StepOverload()
    }
    const call = new Call(id, method, args, timeout, account, this.#alarms, late => this.#late(late))
    if (free) this.#begin(call, call.came)
    else this.#enqueue(call, bytes)
    return call.done
  }

  /** Numbers for metrics and readiness. */
  state(): PoolState {
    return {
      threads: this.#threads.alive, idle: this.#threads.idle, ended: this.#threads.ended,
      running: this.#running.size, waiting: this.#waiting.size, waitingBytes: this.#waitingBytes,
      processors: Object.fromEntries([...this.#accounts].map(([id, account]) => [id, account.totals()])),
    }
  }

  /** Takes no more calls, finishes those that it has (each has its timeout), and ends the threads. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled([...this.#waiting, ...this.#running].map(call => call.done))
    await this.#threads.close()
  }

  /** Whether a call may wait: there is room for it, and it can be done in its time if the ones ahead run as they used to. */
  #admits(bytes: number, expected: number, timeout: number): boolean {
    if (this.#waitingBytes + bytes > this.#queueBytes) return false
    const now = performance.now()
    let ahead = this.#waitingTime
    for (const call of this.#running) ahead += call.left(now)
    return ahead / this.#threads.count + expected <= timeout
  }

  #enqueue(call: Call, bytes: number): void {
    call.bytes = bytes
    this.#waiting.add(call)
    this.#waitingBytes += bytes
    this.#waitingTime += call.expected
  }

  #dequeue(call: Call, now: number): void {
    this.#waiting.delete(call)
    this.#waitingBytes -= call.bytes
    this.#waitingTime = this.#waiting.size === 0 ? 0 : this.#waitingTime - call.expected
    call.account.queueMs += now - call.came
  }

  /** Gives idle threads to those that wait. */
  #fill(): void {
    for (const call of this.#waiting) {
      if (this.#threads.idle === 0) return
      const now = performance.now()
      this.#dequeue(call, now)
      // It would only cost a thread: it cannot be over in time.
      if (now + call.account.expected > call.due) timeOut(call)
      else this.#begin(call, now)
    }
  }

  #begin(call: Call, now: number): void {
    call.began = now
    this.#running.add(call)
    void this.#threads.call(call.id, call.method, call.args, call.abort.signal).then(
      outcome => this.#end(call, outcome),
      () => this.#end(call, { failed: 'lost its thread' }),
    )
  }

  #end(call: Call, outcome: Outcome): void {
    this.#running.delete(call)
    call.account.ran(performance.now() - call.began)
    if (call.abort.signal.aborted) timeOut(call)
    else if ('failed' in outcome) call.reject(new Error(`the processor ${outcome.failed}`))
    else call.resolve(outcome.result)
    this.#fill()
  }

  #late(call: Call): void {
    if (this.#waiting.has(call)) {
      this.#dequeue(call, performance.now())
      return timeOut(call)
    }
    // Where it was this loop that was late, the answer is there already, and is read before an immediate runs.
    setImmediate(() => { if (this.#running.has(call)) call.abort.abort() })
  }
}

/** One core stays with the I/O loop; more than four threads a worker only crowd each other. */
const threadsOf = (cores: number): number => Math.min(4, Math.max(1, cores - 1))

function timeOut(call: Call): void {
  call.account.timeouts++
  call.reject(new StepTimeout())
}

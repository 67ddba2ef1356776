// The threads of one pool: piscina keeps their number, starts them, ends them. Knows which processors each has set up;
// knows nothing of queues and time, which are pool.ts's, the one that calls it.
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Piscina, queueOptionsSymbol, type PiscinaTask } from 'piscina'
import type { Order, Outcome, Registration } from './order.ts'

/** Tries to set a processor up while threads end under it. */
const TRIES = 3

/** A fixed number of threads, all alike. */
export class Threads {
  readonly count: number
  readonly #setupTimeout: number
  /** What a new thread sets up before it is ready. Piscina hands this very array to each thread that it starts. */
  readonly #registered: Registration[] = []
  readonly #piscina: Piscina<Order, Outcome>
  #ended = 0

  /** `ready` is called when there may be an idle thread that was not there before. */
  constructor(count: number, setupTimeout: number, ready: () => void) {
    this.count = count
    this.#setupTimeout = setupTimeout
    this.#piscina = new Piscina<Order, Outcome>({
      filename: fileURLToPath(new URL(`./thread${extname(import.meta.url)}`, import.meta.url)),
      minThreads: count, maxThreads: count, workerData: this.#registered, recordTiming: false,
      // Where cores are scarce, the loop goes first: its requests are many, and most of them have no business here.
      niceIncrement: 10,
      loadBalancer: (task, workers) => {
        const wanted = threadOf(task)
        if (wanted === undefined) return workers.find(worker => worker.currentUsage === 0) ?? null
        const there = workers.find(worker => worker.id === wanted)
        // Null means later: it has still to start. Where it is gone, any other does: an order of that kind may come twice.
        return there ?? (this.#ids().includes(wanted) ? null : workers[0] ?? null)
      },
    })
    // Its task hears of it; piscina starts another thread.
    this.#piscina.on('error', () => {})
    this.#piscina.on('workerDestroy', () => { this.#ended++ })
    this.#piscina.on('workerCreate', () => queueMicrotask(ready))
  }

  /** How many could begin a call now. */
  get idle(): number { return this.#piscina.idleThreads }

  /** How many there are, those that are starting included. */
  get alive(): number { return this.#piscina.threads.length }

  /** How many have ended so far, by a timeout or by themselves. */
  get ended(): number { return this.#ended }

  /** Calls a method in an idle thread. An abort ends the thread. Rejects where the thread ends before the call does. */
  call(id: string, method: string, args: readonly unknown[], signal: AbortSignal): Promise<Outcome> {
    return this.#piscina.run({ do: 'call', id, method, args }, { signal })
  }

  /**
   * Sets a processor up in every thread, one after the other so that the rest go on serving. Resolves with the methods
   * that it has; rejects with the sentence of its setup.
   */
  async setUp(processor: Registration): Promise<readonly string[]> {
    const { methods, thread } = await this.#setUpFirst(processor)
    this.#registered.push(processor)
    for (const other of this.#ids()) {
      // One that ended meanwhile was replaced by one that knows the processor from its start.
      if (other === thread || !this.#ids().includes(other)) continue
      const outcome = await this.#order(other, { do: 'set up', processor }).catch(() => undefined)
      if (outcome === undefined || 'result' in outcome) continue
      this.forget(processor.id)
      throw new Error(outcome.failed)
    }
    return methods
  }

  /** Lets go of a processor that nobody calls any more. */
  forget(id: string): void {
    const at = this.#registered.findIndex(processor => processor.id === id)
    if (at !== -1) this.#registered.splice(at, 1)
    for (const thread of this.#ids()) this.#order(thread, { do: 'forget', id }).catch(() => {})
  }

  /** Ends all threads, whatever they are doing. */
  close(): Promise<void> { return this.#piscina.destroy() }

  /** In one thread first: only what can be set up is handed to threads that are to replace others. */
  async #setUpFirst(processor: Registration): Promise<{ methods: readonly string[]; thread: number }> {
    const until = performance.now() + this.#setupTimeout
    for (let tries = 0; tries < TRIES; tries++) {
      const [thread] = this.#ids()
      if (thread === undefined) break
      const outcome = await this.#order(thread, { do: 'set up', processor }).catch(() => undefined)
      if (outcome !== undefined && 'failed' in outcome) throw new Error(outcome.failed)
      if (outcome !== undefined) return { methods: outcome.result as readonly string[], thread }
      if (performance.now() >= until) throw new Error(`expected a processor that is set up within ${this.#setupTimeout} ms`)
    }
    throw new Error('expected a processor that can be set up; its thread ended')
  }

  /** Gives an order to one thread, behind what it does. */
  #order(thread: number, order: Order): Promise<Outcome> {
    const task = { ...order, [queueOptionsSymbol]: { thread } }
    return this.#piscina.run(task, { signal: AbortSignal.timeout(this.#setupTimeout) })
  }

  #ids(): number[] { return this.#piscina.threads.map(thread => thread.threadId) }
}

const threadOf = (task: PiscinaTask): number | undefined => (task[queueOptionsSymbol] as { thread: number } | null)?.thread

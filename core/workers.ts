// The workers as a whole: forks them, keeps them alive, moves them to a new config in two phases, asks them, ends them.
// Used by core/supervisor.ts and core/reload.ts.
import type { Config } from '../config/config.ts'
import type { Ask, Counter } from '../sdk/index.ts'
import { describeEnd, type End, type Start, type WorkerProcess } from './channel.ts'
import type { Logger } from './logger.ts'

/** Milliseconds for a worker to compile a config, and to start with one. */
const COMPILE_TIME = 30_000
/** Milliseconds before a worker that ended is started again: doubled each time, forgotten after a calm life. */
const FIRST_DELAY = 100
const LONGEST_DELAY = 10_000
const CALM = 30_000
/** Milliseconds past the drain's own deadline before a worker is ended by force. */
const GRACE = 2_000

/** How a worker is, for people and metrics. */
export interface WorkerState {
  readonly worker: number
  readonly pid: number
  readonly state: 'starting' | 'listening' | 'down'
  readonly restarts: number
}

/** The place of one worker; the processes in it change. */
interface Slot {
  readonly worker: number
  state: WorkerState['state']
  process: WorkerProcess | undefined
  bornAt: number
  delay: number
  timer: NodeJS.Timeout | undefined
  restarts: number
}

/** What the workers are made of. */
export interface WorkersParts {
  readonly count: number
  readonly fork: () => WorkerProcess
  /** What counts for a new worker: its part in the budgets, which it gives back when it ends. */
  readonly counter: () => Counter
  /** The order that a new worker begins with: it holds the newest config that was committed. */
  readonly begin: (worker: number) => Start
  readonly log: Logger
}

/** All workers of the house. */
export class Workers {
  readonly #slots: readonly Slot[]
  readonly #parts: WorkersParts
  readonly #prepared = new Set<WorkerProcess>()
  #ending = false

  constructor(parts: WorkersParts) {
    this.#parts = parts
    this.#slots = Array.from({ length: parts.count }, (_, index) =>
      ({ worker: index + 1, state: 'down', process: undefined, bornAt: 0, delay: 0, timer: undefined, restarts: 0 }))
  }

  get states(): readonly WorkerState[] {
    return this.#slots.map(({ worker, process, state, restarts }) => ({ worker, pid: process?.pid ?? 0, state, restarts }))
  }

  /** Starts all of them. Resolves when each listens; rejects with the first problem, and then none is left. */
  async start(): Promise<void> {
    try {
      await Promise.all(this.#slots.map(slot => this.#start(slot)))
    } catch (error) {
      this.kill()
      throw error
    }
  }

  /** First phase: every worker compiles the config beside its own. Rejects with the first problem. */
  async prepare(epoch: number, config: Config): Promise<void> {
    this.#prepared.clear()
    const answers = await Promise.allSettled(this.#living().map(([slot, process]) => this.#prepare(slot, process, epoch, config)))
    for (const answer of answers) if (answer.status === 'rejected') throw answer.reason
  }

  /** Second phase: every worker serves with the config. One that cannot follow gives way to a new one, which begins with it. */
  async commit(epoch: number, config: Config, drain: number): Promise<void> {
    await Promise.all(this.#living().map(async ([slot, process]) => {
      try {
        // A worker that was forked between the phases began with the config of before.
        if (!this.#prepared.has(process)) await this.#prepare(slot, process, epoch, config)
        await process.call({ kind: 'commit', epoch }, COMPILE_TIME)
      } catch (error) {
        this.#parts.log.error({ worker: slot.worker, problem: sentence(error) }, 'a worker cannot follow and is replaced')
        void this.#end(process, drain)
      }
    }))
  }

  /** Instead of the second phase: every worker forgets what it prepared. */
  async discard(epoch: number): Promise<void> {
    await Promise.allSettled(this.#living().map(([, process]) => process.call({ kind: 'discard', epoch }, COMPILE_TIME)))
  }

  /** Asks every worker that listens; the answers of those that reply within `timeout` milliseconds. */
  async ask(topic: string, question: unknown, timeout: number): Promise<unknown[]> {
    const asked = this.#living().filter(([slot]) => slot.state === 'listening')
    const answers = await Promise.allSettled(asked.map(([, process]) => process.call({ kind: 'ask', topic, question }, timeout)))
    return answers.flatMap(answer => answer.status === 'fulfilled' ? [answer.value] : [])
  }

  /** Ends all of them within about `ms` milliseconds: each finishes what it has. Resolves when none is left. */
  async drain(ms: number): Promise<void> {
    this.#startNoMore()
    await Promise.all(this.#living().map(([, process]) => this.#end(process, ms)))
  }

  /** Ends all of them at once. */
  kill(): void {
    this.#startNoMore()
    for (const [, process] of this.#living()) process.kill('SIGKILL')
  }

  #living(): [Slot, WorkerProcess][] {
    return this.#slots.flatMap(slot => slot.process === undefined ? [] : [[slot, slot.process] satisfies [Slot, WorkerProcess]])
  }

  async #start(slot: Slot): Promise<void> {
    const process = this.#parts.fork()
    const counter = this.#parts.counter()
    process.answers(asks => counter.take(asks as readonly Ask[]))
    void process.ended.then(() => counter.close())
    Object.assign(slot, { process, state: 'starting', bornAt: performance.now() })
    void process.ended.then(end => this.#ended(slot, end))
    try {
      await process.call(this.#parts.begin(slot.worker), COMPILE_TIME)
      slot.state = 'listening'
    } catch (error) {
      process.kill('SIGKILL')
      throw new Error(`worker ${slot.worker} does not start: ${sentence(error)}`, { cause: error })
    }
  }

  #ended(slot: Slot, end: End): void {
    Object.assign(slot, { process: undefined, state: 'down' })
    if (this.#ending) return
    const calm = performance.now() - slot.bornAt >= CALM
    slot.delay = calm || slot.delay === 0 ? FIRST_DELAY : Math.min(slot.delay * 2, LONGEST_DELAY)
    slot.timer = setTimeout(() => void this.#startAgain(slot), slot.delay)
    this.#parts.log.error({ worker: slot.worker, end: describeEnd(end), delay: slot.delay }, 'a worker ended; a new one follows')
  }

  async #startAgain(slot: Slot): Promise<void> {
    slot.restarts++
    try {
      await this.#start(slot)
      this.#parts.log.info({ worker: slot.worker, restarts: slot.restarts }, 'a worker is back')
    } catch (error) {
      // Its process has ended with that, which brings the next try.
      if (!this.#ending) this.#parts.log.error({ problem: sentence(error) }, 'a worker does not come back')
    }
  }

  #startNoMore(): void {
    this.#ending = true
    for (const slot of this.#slots) clearTimeout(slot.timer)
  }

  async #prepare(slot: Slot, process: WorkerProcess, epoch: number, config: Config): Promise<void> {
    try {
      await process.call({ kind: 'prepare', epoch, config }, COMPILE_TIME)
      this.#prepared.add(process)
    } catch (error) {
      throw new Error(`worker ${slot.worker} does not take the config: ${sentence(error)}`, { cause: error })
    }
  }

  async #end(process: WorkerProcess, ms: number): Promise<void> {
    const force = setTimeout(() => process.kill('SIGKILL'), ms + GRACE)
    process.call({ kind: 'drain', ms }, ms + GRACE).catch(() => {})
    await process.ended
    clearTimeout(force)
  }
}

const sentence = (error: unknown): string => error instanceof Error ? error.message : String(error)

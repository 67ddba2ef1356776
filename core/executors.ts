// Where the processors of one process run: on its loop, or in threads that are made when the first step asks for them and
// kept over reloads. Made by worker.ts; called by chain-compiler.ts.
import type { PoolNumbers, ProcessorDefinition } from '../sdk/index.ts'
import type { Config, StepConfig } from '../config/config.ts'
import type { Executor } from './executor.ts'
import { InlineExecutor } from './executor/inline.ts'
import { PoolExecutor } from './executor/pool.ts'
import type { Totals } from './pool/account.ts'
import { Pool } from './pool/pool.ts'

/** A processor, set up. */
export interface Opened {
  readonly executor: Executor
  /** Names of the methods that it has. */
  readonly methods: readonly string[]
}

/** The steps of one config, each set up where it runs. */
export interface Openings {
  /** Sets a processor up with options that are checked. Rejects with a sentence where it cannot be. */
  open(config: StepConfig, definition: ProcessorDefinition, options: Readonly<Record<string, unknown>>): Promise<Opened>
  /** Undefined where there are no threads. */
  pool(): PoolNumbers | undefined
  /** Lets go of all of them. */
  close(): Promise<void>
}

/** Runs processors for the configs of one process, one after another. */
export class Executors {
  #pool: Pool | undefined
  #count = 0
  /** What the processors of configs that are gone had counted: a counter must not fall. */
  readonly #gone: Record<string, Totals> = {}

  /** The openings of one config. */
  openings({ threads }: Pick<Config, 'threads'>): Openings {
    const ids: string[] = []
    return {
      open: async (config, definition, options) => {
        if (config.run === 'inline') return openInline(definition, options)
        this.#pool ??= new Pool(threads === 'auto' ? {} : { threads })
        const id = `${++this.#count} ${definition.name}`
        const { methods } = await this.#pool.register({ id, use: config.use, options })
        ids.push(id)
        return { executor: new PoolExecutor(this.#pool, id), methods }
      },
      pool: () => this.#numbers(),
      close: async () => {
        this.#keep(ids)
        for (const id of ids) this.#pool?.release(id)
      },
    }
  }

  #numbers(): PoolNumbers | undefined {
    if (this.#pool === undefined) return undefined
    const { processors, ...state } = this.#pool.state()
    const byName = structuredClone(this.#gone)
    for (const [id, totals] of Object.entries(processors)) add(byName, nameOf(id), totals)
    return { ...state, processors: byName }
  }

  #keep(ids: readonly string[]): void {
    const processors = this.#pool?.state().processors ?? {}
    for (const id of ids) if (processors[id] !== undefined) add(this.#gone, nameOf(id), processors[id])
  }

  /** Finishes what runs, and ends the threads. */
  async close(): Promise<void> {
    await this.#pool?.close()
  }
}

/** Sets everything up on the loop: enough to know whether a config would start. */
export const CHECKING: Openings = {
  open: (_config, definition, options) => openInline(definition, options),
  pool: () => undefined,
  close: async () => {},
}

const nameOf = (id: string): string => id.slice(id.indexOf(' ') + 1)

function add(sums: Record<string, Totals>, name: string, more: Totals): void {
  const sum = sums[name] ?? { calls: 0, refused: 0, timeouts: 0, queueMs: 0, runMs: 0 }
  sums[name] = {
    calls: sum.calls + more.calls, refused: sum.refused + more.refused, timeouts: sum.timeouts + more.timeouts,
    queueMs: sum.queueMs + more.queueMs, runMs: sum.runMs + more.runMs,
  }
}

const METHODS = ['inspect', 'undecided', 'transform', 'respond', 'observe']

async function openInline(definition: ProcessorDefinition, options: Readonly<Record<string, unknown>>): Promise<Opened> {
  const instance = await definition.setup(options)
  return { executor: new InlineExecutor(instance), methods: METHODS.filter(name => name in instance) }
}

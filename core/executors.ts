// Where the processors of one process run: on its loop, or in threads that are made when the first step asks for them and
// kept over reloads. Made by worker.ts; called by chain-compiler.ts.
import type { ProcessorDefinition } from '../sdk/index.ts'
import type { Config, StepConfig } from '../config/config.ts'
import type { Executor } from './executor.ts'
import { InlineExecutor } from './executor/inline.ts'
import { PoolExecutor } from './executor/pool.ts'
import { Pool, type PoolState } from './pool/pool.ts'

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
  /** Lets go of all of them. */
  close(): Promise<void>
}

/** Runs processors for the configs of one process, one after another. */
export class Executors {
  #pool: Pool | undefined
  #count = 0

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
      close: async () => {
        for (const id of ids) this.#pool?.release(id)
      },
    }
  }

  /** Undefined where there are no threads. */
  get pool(): PoolState | undefined { return this.#pool?.state() }

  /** Finishes what runs, and ends the threads. */
  async close(): Promise<void> {
    await this.#pool?.close()
  }
}

/** Sets everything up on the loop: enough to know whether a config would start. */
export const CHECKING: Openings = {
  open: (_config, definition, options) => openInline(definition, options),
  close: async () => {},
}

const METHODS = ['inspect', 'undecided', 'transform', 'respond', 'observe']

async function openInline(definition: ProcessorDefinition, options: Readonly<Record<string, unknown>>): Promise<Opened> {
  const instance = await definition.setup(options)
  return { executor: new InlineExecutor(instance), methods: METHODS.filter(name => name in instance) }
}

// Where the processors of one process run: on its loop, in threads, or in sandbox hosts, which are made when the first
// step asks for them and kept over reloads. Made by worker.ts; called by chain-compiler.ts.
import { basename, extname, isAbsolute } from 'node:path'
import type { Equipment, PoolNumbers, ProcessorDefinition, SandboxNumbers } from '../sdk/index.ts'
import type { Config, StepConfig } from '../config/config.ts'
import { Shed } from './equipment.ts'
import { METHODS, type Executor } from './executor.ts'
import { InlineExecutor } from './executor/inline.ts'
import { PoolExecutor } from './executor/pool.ts'
import { SandboxExecutor } from './executor/sandbox.ts'
import type { Totals } from './pool/account.ts'
import { Pool } from './pool/pool.ts'
import { fileOfProcessor, loadProcessor } from './registry.ts'
import { SandboxAccount } from './sandbox/account.ts'
import { bundle } from './sandbox/bundle.ts'
import type { Description } from './sandbox/description.ts'
import type { HostEvent } from './sandbox/host-pair.ts'
import { Hosts } from './sandbox/hosts.ts'
import { CPU, MEMORY } from './sandbox/limits.ts'

/** A processor, set up. */
export interface Opened {
  readonly executor: Executor
  /** Names of the methods that it has. */
  readonly methods: readonly string[]
}

/** A processor that is found and says what it is. */
export interface Found {
  readonly definition: Description
  /** Of the code that was bundled; undefined for code of the house and of files that the operator trusts. */
  readonly sha256: string | undefined
  /** Sets it up with options that are checked. Rejects with a sentence where it cannot be. */
  open(options: Readonly<Record<string, unknown>>): Promise<Opened>
}

/** The steps of one config, each set up where it runs. */
export interface Openings {
  /** Rejects with a sentence where there is no such processor. */
  find(config: StepConfig): Promise<Found>
  /** Undefined where there are no threads. */
  pool(): PoolNumbers | undefined
  /** Undefined where there are no hosts. */
  sandbox(): SandboxNumbers | undefined
  /** Lets go of all of them. Resolves with what could not be kept. */
  close(): Promise<readonly Error[]>
}

/** Runs processors for the configs of one process, one after another. */
export class Executors {
  #pool: Pool | undefined
  #hosts: Promise<Hosts> | undefined
  #sandbox: (() => SandboxNumbers) | undefined
  #count = 0
  /** What the processors of configs that are gone had counted: a counter must not fall. */
  readonly #gone: Record<string, Totals> = {}

  /** What becomes of sandbox hosts, for the log. */
  listener: (event: HostEvent) => void = () => {}

  /** The openings of one config. `checks` says that nothing will be called: then no thread is worth starting. */
  openings({ threads, state }: Pick<Config, 'threads' | 'state'>, checks = false): Openings {
    const ids: string[] = []
    const shed = new Shed(state)
    const sandboxed: SandboxExecutor[] = []
    return {
      find: async config => {
        if (config.run === 'sandbox') return this.#findSandboxed(config, sandboxed)
        const definition = await loadProcessor(config.use)
        const pooled = config.run === 'pool' && !checks
        return { definition, sha256: undefined, open: options => pooled ? this.#openPooled(config, definition, options, threads, ids) : openInline(definition, options, shed) }
      },
      pool: () => this.#numbers(),
      sandbox: () => this.#sandbox?.(),
      close: async () => {
        this.#keep(ids)
        for (const id of ids) this.#pool?.release(id)
        for (const executor of sandboxed) executor.close()
        return shed.close()
      },
    }
  }

  async #openPooled(
    { use }: StepConfig, { name }: ProcessorDefinition, options: Readonly<Record<string, unknown>>, threads: Config['threads'], ids: string[],
  ): Promise<Opened> {
    this.#pool ??= new Pool(threads === 'auto' ? {} : { threads })
    const id = `${++this.#count} ${name}`
    const { methods } = await this.#pool.register({ id, use, options })
    ids.push(id)
    return { executor: new PoolExecutor(this.#pool, id), methods }
  }

  async #findSandboxed({ use, limits }: StepConfig, opened: SandboxExecutor[]): Promise<Found> {
    const { code, sha256 } = isAbsolute(use) ? await bundle(use) : await bundle(fileOfProcessor(use), 'house')
    this.#hosts ??= this.#startHosts()
    const hosts = await this.#hosts
    // Strikes count for a version of a processor, whichever steps and configs it stands in.
    const version = sha256.slice(0, 12)
    const memory = limits.memory === undefined ? MEMORY : Math.ceil(limits.memory / 2 ** 20)
    const { cpu = CPU } = limits
    const definition = await hosts.describe(`${basename(use, extname(use))}@${version}`, code, memory)
    return {
      definition,
      sha256,
      open: async options => {
        const executor = await SandboxExecutor.open(hosts, { id: `${definition.name}@${version}`, code, options, memory, cpu })
        opened.push(executor)
        return { executor, methods: [...executor.methods] }
      },
    }
  }

  async #startHosts(): Promise<Hosts> {
    const account = new SandboxAccount()
    const hosts = await Hosts.start({ listener: event => {
      account.note(event)
      this.listener(event)
    } })
    this.#sandbox = () => account.numbers(hosts.pids.length, hosts.quarantined)
    return hosts
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

  /** Finishes what runs, and ends the threads and the hosts. */
  async close(): Promise<void> {
    await Promise.all([this.#pool?.close(), this.#hosts?.then(hosts => hosts.close())])
  }
}

const nameOf = (id: string): string => id.slice(id.indexOf(' ') + 1)

function add(sums: Record<string, Totals>, name: string, more: Totals): void {
  const sum = sums[name] ?? { calls: 0, refused: 0, timeouts: 0, queueMs: 0, runMs: 0 }
  sums[name] = {
    calls: sum.calls + more.calls, refused: sum.refused + more.refused, timeouts: sum.timeouts + more.timeouts,
    queueMs: sum.queueMs + more.queueMs, runMs: sum.runMs + more.runMs,
  }
}

async function openInline(definition: ProcessorDefinition, options: Readonly<Record<string, unknown>>, equipment: Equipment): Promise<Opened> {
  const instance = await definition.setup(options, equipment)
  return { executor: new InlineExecutor(instance), methods: METHODS.filter(name => name in instance) }
}

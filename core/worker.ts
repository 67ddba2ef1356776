// A worker process: compiles the config that it is handed, listens, serves, and obeys the supervisor. Run by
// core/main.ts in every process that node:cluster forks.
import cluster from 'node:cluster'
import type { Config } from '../config/config.ts'
import { Adviser } from './advice.ts'
import type { Counter, Grant } from '../sdk/index.ts'
import { askSupervisor, obeyOrders, type Order, type Start } from './channel.ts'
import { Executors } from './executors.ts'
import { compileGateway, type Gateway } from './gateway.ts'
import { openJournal, type Journal } from './journal.ts'
import { Leases, TO_SUPERVISOR } from './leases.ts'
import { openLogger, type Logger } from './logger.ts'
import { openServer, type Server } from './server.ts'
import { Holdings } from './treasury.ts'

/** Milliseconds past the drain's own deadline before the process ends whatever still runs. */
const GRACE = 1_000
/** Milliseconds for a worker whose start is still under way when it has to end. */
const DRAIN_BEFORE_START = 1_000

/** What a worker is made of. */
export interface WorkerParts {
  compile(config: Config, epoch: number): Promise<Gateway>
  open(gateway: Gateway, log: Logger): Promise<Server>
  log(level: Config['log']['level'], base: object): Logger
  exit(code: number): void
}

/** Runs this process as a worker, until the supervisor ends it or is gone. */
export function runWorker(): void {
  // Threads outlive a reload, and so do the journal and what is held of the budgets; only what they know changes.
  const executors = new Executors()
  let journal: Journal | undefined
  const ask = askSupervisor(process)
  const counter: Counter = { take: asks => ask(asks) as Promise<readonly Grant[]>, close: async () => {} }
  const holdings = new Holdings(new Leases(counter, TO_SUPERVISOR))
  const exit = async (code: number): Promise<void> => {
    // What an orderly end leaves unused is of use to others.
    if (code === 0) await holdings.leases.close()
    process.exit(code)
  }
  const compile: WorkerParts['compile'] = (config, epoch) => {
    journal ??= openJournal(config)
    return compileGateway(config, epoch, undefined, executors.openings(config), journal, holdings)
  }
  const log: WorkerParts['log'] = (level, base) => {
    const opened = openLogger(level, base)
    executors.listener = event => opened.warn(event, 'the sandbox: a host or a processor was replaced or left out')
    return opened
  }
  const worker = new Worker({ compile, open: openServer, log, exit: code => void exit(code) })
  // A terminal and a service manager signal every process of a group; when to end is the supervisor's to say.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {})
  // The cluster module ends a worker in the middle of its requests when the supervisor is gone, unless it believes that
  // the worker left by itself.
  if (cluster.worker !== undefined) cluster.worker.exitedAfterDisconnect = true
  process.on('disconnect', () => void worker.orphaned())
  process.on('uncaughtException', error => worker.failed(error))
  obeyOrders(process, order => worker.obey(order))
}

/** What a worker does with its orders. */
export class Worker {
  readonly #parts: WorkerParts
  #server: Server | undefined
  #log: Logger | undefined
  #gateway: Gateway | undefined
  #next: Gateway | undefined
  #turn: Promise<unknown> = Promise.resolve()
  #drain = DRAIN_BEFORE_START

  constructor(parts: WorkerParts) {
    this.#parts = parts
  }

  /** Obeys an order. Returns what the supervisor gets as the reply; throws what it gets as the problem. */
  obey(order: Order): unknown {
    if (order.kind === 'ask') return this.#server?.ask(order.topic, order.question)
    if (order.kind === 'drain') return void this.#end(order.ms)
    const done = this.#turn.then(() => this.#change(order))
    this.#turn = done.catch(() => {})
    return done
  }

  /** The supervisor is gone: finishes what runs and ends. */
  async orphaned(): Promise<void> {
    this.#log?.warn('the supervisor is gone; this worker finishes what it has and ends')
    await this.#end(this.#drain)
  }

  /** An error that nobody caught: what state it left behind is unknown, so the process ends and a new one follows. */
  failed(error: unknown): void {
    this.#log?.fatal({ err: error }, 'an error that nobody caught; this worker ends')
    this.#parts.exit(1)
  }

  async #change(order: Exclude<Order, { kind: 'ask' | 'drain' }>): Promise<void> {
    switch (order.kind) {
      case 'start': return this.#start(order)
      case 'prepare': return this.#prepare(order)
      case 'commit': return this.#commit(order.epoch)
      case 'discard': return this.#discard()
    }
  }

  async #start({ config, epoch, worker, port, reusePort }: Start): Promise<void> {
    this.#log = this.#parts.log(config.log.level, { worker })
    this.#drain = config.drain
    this.#gateway = await this.#parts.compile(config, epoch)
    this.#server = await this.#parts.open(this.#gateway, this.#log)
    new Adviser(this.#log).watch(() => this.#gateway!.routes)
    await this.#server.listen({ host: config.listen.host, port, reusePort })
  }

  async #prepare({ config, epoch }: Order & { kind: 'prepare' }): Promise<void> {
    await this.#discard()
    this.#next = await this.#parts.compile(config, epoch)
  }

  #commit(epoch: number): void {
    const next = this.#next
    if (next?.epoch !== epoch || this.#server === undefined) throw new Error(`nothing is prepared for epoch ${epoch}`)
    this.#server.swap(next)
    this.#gateway = next
    this.#next = undefined
    this.#drain = next.config.drain
    if (this.#log !== undefined) this.#log.level = next.config.log.level
  }

  async #discard(): Promise<void> {
    await this.#next?.close()
    this.#next = undefined
  }

  async #end(ms: number): Promise<void> {
    setTimeout(() => this.#parts.exit(1), ms + GRACE).unref()
    await this.#turn
    await this.#server?.drain(ms)
    this.#parts.exit(0)
  }
}

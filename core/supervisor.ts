// The supervisor: the one process that owns the config, the admin port and the workers. It serves no traffic itself.
// Run by core/cli/start.ts.
import { hash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { loadConfig } from '../config/loader.ts'
import { watchConfig } from '../config/watcher.ts'
import type { ControlPlane } from '../sdk/index.ts'
import { bookkeeperOf } from './bookkeeper.ts'
import { forkWorker } from './channel.ts'
import { checkConfig } from './config-check.ts'
import { openControl, type Control } from './control.ts'
import { openJournal } from './journal.ts'
import { Leases, TO_STORE } from './leases.ts'
import { openLogger } from './logger.ts'
import { openingBalanceOf } from './opening-balance.ts'
import { Part } from './part.ts'
import { findPort } from './port.ts'
import { loadPlugin } from './registry.ts'
import { Reloader } from './reload.ts'
import { countingFor } from './treasury.ts'
import { Workers } from './workers.ts'

/** Where the house can be reached. */
export interface Serving {
  /** Base URL of the data plane. */
  readonly listen: string
  /** Base URL of the control plane; undefined where it is off. */
  readonly admin: string | undefined
}

/** Milliseconds in which a repeated signal is the same one: npm passes on the Ctrl-C that its child got already. */
const ECHO = 500
/** Milliseconds for the ledger to take what is left. */
const BOOKS_TIME = 5_000
/** Milliseconds for the ledger to take what an earlier start has left, and to tell what was used. */
const BALANCE_TIME = 5_000
/** Milliseconds for workers to answer the control plane. */
const ANSWER_TIME = 2_000

/**
 * Runs the house until it is told to stop, and resolves when no process of it is left. Rejects where it cannot start:
 * with the problems of the config, or with what the system says of an address. `ready` is called when every worker listens.
 */
export async function supervise(file: string, ready: (serving: Serving) => void): Promise<void> {
  const loaded = await loadConfig(file)
  const { config } = loaded
  const routes = await checkConfig(config, 1, loaded.problem)
  const log = openLogger(config.log.level, {})
  for (const warning of [...loaded.warnings, ...routes.flatMap(route => route.warnings)]) log.warn(warning)
  const { port, reusePort } = await findPort(config.listen)

  const journal = openJournal(config)
  const books = bookkeeperOf(config, log)
  const store = countingFor(config)
  const counter = new Leases(store, TO_STORE)
  const balance = await openingBalanceOf(config, books, store, log)

  const workers: Workers = new Workers({
    count: config.workers === 'auto' ? availableParallelism() : config.workers,
    fork: forkWorker,
    counter: () => new Part(counter),
    begin: worker => ({ kind: 'start', worker, port, reusePort, epoch: reloader.current.epoch, config: reloader.current.config }),
    log,
  })
  const reloader = new Reloader({ epoch: 1, config, routes }, { load: () => loadConfig(file), check: checkConfig, workers, log })
  const stop = stopSignals(() => {
    log.warn('told to stop again: every worker ends now')
    workers.kill()
  })
  const house: ControlPlane = {
    ask: (topic, question, timeout = ANSWER_TIME) => workers.ask(topic, question, timeout),
    readiness() {
      const listening = workers.states.some(({ state }) => state === 'listening')
      const reasons = [...(stop.told ? ['stopping'] : []), ...(listening ? [] : ['no worker listens'])]
      const notes = [
        ...counter.down ? ['the store of the budgets is away: each process goes on with what it holds'] : [],
        ...balance?.isTold === false ? ['the ledger has not told what was used before this start: budgets do not count it yet'] : [],
      ]
      return { ready: reasons.length === 0, reasons, notes }
    },
    summary() {
      const { epoch, routes: compiled } = reloader.current
      return { epoch, workers: workers.states, reloads: reloader.counts, routes: compiled, storeUp: !counter.down }
    },
    get ledger() { return books?.ledger },
    get books() { return books?.numbers },
    reload: () => reload('admin'),
  }
  const reload = async (actor: string): Promise<number> => {
    const epoch = await reloader.reload()
    auditConfig(actor)
    return epoch
  }
  const auditConfig = (actor: string): void => {
    const { config: taken, epoch } = reloader.current
    const subject = hash('sha256', JSON.stringify({ ...taken, secret: '' }))
    journal?.audit(actor, 'config', subject, { epoch, routes: taken.routes.length, consumers: taken.consumers.length })
  }
  // The reloader logs how it went.
  const changed = (actor: string): void => void reload(actor).catch(() => {})
  process.on('SIGHUP', () => changed('signal'))
  const watcher = watchConfig(file, () => changed('file'))
  let control: Control | undefined

  try {
    const definitions = config.plugins.map(async ({ use, options }) => ({ definition: await loadPlugin(use), options }))
    const plugins = await Promise.all(definitions)
    if (config.admin !== false) control = await openControl(config.admin, house, plugins, log)
    books?.start()
    // Opened before anybody asks; one that cannot be reached is opened when it can.
    if (config.budgets.length > 0) await store.take([]).catch((error: unknown) => log.warn({ err: error }, 'the store of the budgets does not open'))
    await Promise.race([balance?.tell(BALANCE_TIME), stop.asked])
    await Promise.race([workers.start(), stop.asked])
    if (stop.told) return
    auditConfig('start')
    const serving = {
      listen: url(config.listen.host, port),
      admin: config.admin === false || control === undefined ? undefined : url(config.admin.host, control.port),
    }
    const sockets = reusePort ? 'one per worker (reusePort)' : 'shared (cluster)'
    log.info({ ...serving, epoch: reloader.current.epoch, workers: workers.states.length, sockets }, 'ready')
    ready(serving)
    const signal = await stop.asked
    log.info({ signal, drain: reloader.current.config.drain }, 'stopping: running requests finish')
  } finally {
    watcher.close()
    await workers.drain(reloader.current.config.drain)
    await control?.app.close()
    await counter.close()
    journal?.close()
    await books?.close(BOOKS_TIME)
    log.info('stopped')
  }
}

/** Listens for the signals that stop the house. `again` is called for every one after the first. */
function stopSignals(again: () => void): { readonly asked: Promise<NodeJS.Signals>; readonly told: boolean } {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>()
  let first = Infinity
  const stop = (signal: NodeJS.Signals): void => {
    if (first === Infinity) {
      first = performance.now()
      resolve(signal)
    } else if (performance.now() - first > ECHO) again()
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  return { asked: promise, get told() { return first !== Infinity } }
}

const url = (host: string, port: number): string => `http://${host.includes(':') ? `[${host}]` : host}:${port}`

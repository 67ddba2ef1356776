// A change of the config under load: read, compiled beside the one that serves, prepared by every worker, then taken by
// all of them or by none. Used by core/supervisor.ts, whichever way the change was asked for.
import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../config/config.ts'
import { findConflicts } from '../config/consistency.ts'
import type { Loaded } from '../config/loader.ts'
import { ConfigError } from '../config/problem.ts'
import type { RouteDescription } from './description.ts'
import type { Logger } from './logger.ts'
import type { Workers } from './workers.ts'

/** The config that the house serves with. The epoch counts the configs since the start, from 1. */
export interface Current {
  readonly epoch: number
  readonly config: Config
  readonly routes: readonly RouteDescription[]
}

/** What a reload is made of. */
export interface ReloaderParts {
  /** Reads the config. Rejects with its problems. */
  readonly load: () => Promise<Loaded>
  /** Compiles a config and lets go of it again. Rejects with its problems. */
  readonly check: (config: Config, epoch: number, problem: Loaded['problem']) => Promise<RouteDescription[]>
  readonly workers: Pick<Workers, 'prepare' | 'commit' | 'discard'>
  readonly log: Logger
}

/** Holds the config that serves, and moves the house to the next one. */
export class Reloader {
  /** How reloads ended, for metrics. */
  readonly counts = { ok: 0, failed: 0 }
  readonly #parts: ReloaderParts
  #current: Current
  #running: Promise<number> | undefined
  #waiting: Promise<number> | undefined

  constructor(first: Current, parts: ReloaderParts) {
    this.#current = first
    this.#parts = parts
  }

  get current(): Current { return this.#current }

  /**
   * Takes the config as it is now. Resolves with the new epoch; rejects with the problems, and then nothing has changed.
   * Whoever asks while a reload runs shares the one that follows it, which sees what they changed.
   */
  reload(): Promise<number> {
    if (this.#running === undefined) return this.#run()
    this.#waiting ??= this.#running.catch(() => {}).then(() => {
      this.#waiting = undefined
      return this.#run()
    })
    return this.#waiting
  }

  #run(): Promise<number> {
    this.#running = this.#attempt().finally(() => { this.#running = undefined })
    return this.#running
  }

  async #attempt(): Promise<number> {
    const { log } = this.#parts
    try {
      const current = await this.#take()
      this.counts.ok++
      log.info({ epoch: current.epoch, routes: current.routes.length }, 'the new config serves')
      return current.epoch
    } catch (error) {
      this.counts.failed++
      log.error({ epoch: this.#current.epoch, problem: (error as Error).message }, 'the config stays as it was')
      throw error
    }
  }

  async #take(): Promise<Current> {
    const { load, check, workers, log } = this.#parts
    const loaded = await load()
    const epoch = this.#current.epoch + 1
    const { config, kept } = keepFixed(this.#current.config, loaded.config)
    // The file was checked with the addresses that it names; what counts are those that are bound.
    const conflicts = findConflicts(config)
    if (conflicts.length > 0) {
      const { problem } = loaded
      throw new ConfigError(conflicts.map(({ pointer, expected, got, message }) => problem(pointer, expected, got, message)))
    }
    const routes = await check(config, epoch, loaded.problem)
    for (const warning of [...loaded.warnings, ...routes.flatMap(route => route.warnings)]) log.warn(warning)
    for (const setting of kept) log.warn({ setting }, 'this change needs a restart; everything else is taken')
    try {
      await workers.prepare(epoch, config)
    } catch (error) {
      await workers.discard(epoch)
      throw error
    }
    const drain = this.#current.config.drain
    // From here on a worker that starts begins with the new config, so none is left behind.
    this.#current = { epoch, config, routes }
    log.level = config.log.level
    await workers.commit(epoch, config, drain)
    return this.#current
  }
}

/** Settings that sockets, plugins and processes were made from. */
const FIXED = ['listen', 'admin', 'workers', 'threads', 'plugins', 'apis', 'auth', 'state', 'ledger', 'counter'] as const
const FIXED_LIMITS = ['body', 'headers', 'headTime', 'bodyTime'] as const

/** What is wanted, but with the running values of the settings that only a start can change; `kept` names those. */
export function keepFixed(running: Config, wanted: Config): { readonly config: Config; readonly kept: readonly string[] } {
  const kept = [
    ...FIXED.filter(key => !isDeepStrictEqual(running[key], wanted[key])),
    ...(running.log.access === wanted.log.access ? [] : ['log.access']),
    ...FIXED_LIMITS.filter(key => running.limits[key] !== wanted.limits[key]).map(key => `limits.${key}`),
  ]
  const { listen, admin, workers, threads, plugins, apis, auth, state, ledger, counter } = running
  const { body, headers, headTime, bodyTime } = running.limits
  const limits = { ...wanted.limits, body, headers, headTime, bodyTime }
  const log = { ...wanted.log, access: running.log.access }
  return { config: { ...wanted, listen, admin, workers, threads, plugins, apis, auth, state, ledger, counter, log, limits }, kept }
}

// From what the operator wrote, once it is known to fit the schema, to the config as the house uses it; and the way back
// for places in chains, whose shape changes on the way. Called by config/loader.ts.
import { isAbsolute, resolve } from 'node:path'
import { normaliseBudget } from './budgets.ts'
import type {
  Address, ChainConfig, Config, LedgerConfig, Limits, MatchConfig, PluginConfig, ProviderConfig, RouteConfig, StepConfig, StepLimits, Timeouts,
} from './config.ts'
import {
  ADMIN, APIS, AUTH, BALANCE, BREAKER, CHECK, COUNTER, DAY, DRAIN, LEDGER, LIMITS, LISTEN, LOG, ON_LOSS, ON_UNCOVERED, PLUGINS, PROVIDER, QUEUE, RESTORE, RETRY, SECRET, SHARE, STATE, STEP,
  TIMEOUTS, WEIGHT, WORKERS,
} from './defaults.ts'
import { keysOf, pointerTo } from './pointer.ts'
import type {
  Written, WrittenAddress, WrittenChain, WrittenGroup, WrittenLimits, WrittenMatch, WrittenPlugin, WrittenStep, WrittenStepLimits,
  WrittenTimeouts,
} from './schema.ts'
import { duration, size } from './units.ts'

/** Fills in every default and reckons every unit. `folder` is where relative paths of processor files start. */
export function normalise(written: Written, folder: string): Config {
  const trusted = written.trusted?.map(file => resolve(folder, file)) ?? []
  return {
    listen: address(written.listen, LISTEN),
    admin: written.admin === false ? false : address(written.admin, ADMIN),
    workers: written.workers === undefined ? WORKERS : written.workers === 'auto' ? 'auto' : Number(written.workers),
    threads: written.threads ?? 'auto',
    log: { ...LOG, ...written.log },
    limits: { ...LIMITS, ...limits(written.limits) },
    timeouts: { ...TIMEOUTS, ...timeouts(written.timeouts) },
    drain: written.drain === undefined ? DRAIN : duration(written.drain),
    plugins: written.plugins?.map(plugin) ?? PLUGINS,
    state: resolve(folder, written.state ?? STATE),
    ledger: written.ledger ? ledger(written.ledger) : false,
    counter: { ...COUNTER, ...written.counter },
    budgets: written.budgets?.map(normaliseBudget) ?? [],
    secret: written.secret || SECRET,
    trusted,
    apis: written.apis ?? APIS,
    auth: written.auth ?? AUTH,
    providers: mapValues(written.providers, provider),
    consumers: written.consumers?.map(({ keys, tags = {}, rights = [], name }) => (
      { name, tags, rights, keys: keys.map(({ sha256 }) => ({ sha256: sha256.toLowerCase() })) })) ?? [],
    chains: mapValues(written.chains ?? {}, steps => chain(steps, { folder, trusted })),
    models: written.models ?? {},
    prices: written.prices ?? {},
    routes: written.routes.map(route),
  }
}

/**
 * The pointer into what was written for a pointer into the normalised config. They differ in chains that are written as
 * one list: there, `/chains/guarded/response/0` is the last entry of `/chains/guarded`.
 */
export function asWritten(pointer: string, written: unknown): string {
  const [chains, name = '', way = '', index = '', ...rest] = keysOf(pointer)
  if (chains !== 'chains' || (way !== 'request' && way !== 'response') || index === '') return pointer
  const chained = (written as Partial<Written>).chains?.[name]
  const steps = Array.isArray(chained) ? chained : chained?.[way]
  if (steps === undefined) return pointer
  const above = Array.isArray(chained) ? [] : [way]
  const places = steps.flatMap((entry, at) => isGroup(entry) ? entry.together.map((_, member) => [at, 'together', member]) : [[at]])
  const place = places.at(above.length > 0 || way === 'request' ? Number(index) : -1 - Number(index))
  return place === undefined ? pointer : pointerTo('chains', name, ...above, ...place, ...rest)
}

function provider({ queue, check, ...written }: Written['providers'][string]): ProviderConfig {
  // None, for local servers that want none; a vendor that needs one says so when it connects.
  const keys = [written.key ?? '', ...written.keys ?? []].filter(key => key !== '')
  return {
    ...PROVIDER,
    ...written,
    key: keys[0] ?? '',
    keys,
    timeouts: timeouts(written.timeouts),
    breaker: withDurations(written.breaker, PROVIDER.breaker, 'pause'),
    ...(queue !== undefined && { queue: withDurations(queue, QUEUE, 'wait') }),
    ...(check !== undefined && { check: withDurations(check, CHECK, 'every', 'timeout') }),
  }
}

function ledger({ spool, keep, ...written }: Exclude<Written['ledger'], false | undefined>): LedgerConfig {
  return {
    options: {}, ...written,
    spool: spool === undefined ? LEDGER.spool : size(spool),
    keep: keep === undefined ? LEDGER.keep : keep === 'ever' ? 0 : Number(keep.slice(0, -1)) * DAY,
  }
}

function plugin(written: WrittenPlugin): PluginConfig {
  return typeof written === 'string' ? { use: written, options: {} } : { options: {}, ...written }
}

/** Where relative paths of processor files start, and which files may run outside of a sandbox. */
interface Files {
  readonly folder: string
  readonly trusted: readonly string[]
}

function chain(written: WrittenChain, files: Files): ChainConfig {
  if (!Array.isArray(written)) {
    const { request = [], response = [] } = written
    return { request: flatten(request, files), response: flatten(response, files) }
  }
  // One list is a staircase down and up again, over the very same steps.
  const request = flatten(written, files)
  return { request, response: request.toReversed() }
}

function flatten(written: readonly (WrittenStep | WrittenGroup)[], files: Files): StepConfig[] {
  return written.flatMap((entry, at) =>
    isGroup(entry) ? entry.together.map(one => ({ ...step(one, files), group: at })) : [step(entry, files)])
}

const isGroup = (entry: WrittenStep | WrittenGroup): entry is WrittenGroup => typeof entry === 'object' && 'together' in entry

function step(written: WrittenStep, { folder, trusted }: Files): StepConfig {
  const { breaker, ...given } = typeof written === 'string' ? { use: written } : written
  const use = /^\.{0,2}\//.test(given.use) ? resolve(folder, given.use) : given.use
  return {
    ...STEP,
    ...given,
    use,
    run: given.run ?? (isAbsolute(use) && !trusted.includes(use) ? 'sandbox' : STEP.run),
    limits: stepLimits(given.limits),
    timeout: given.timeout === undefined ? STEP.timeout : duration(given.timeout),
    ...(breaker !== undefined && { breaker: withDurations(breaker, BREAKER, 'pause') }),
    blockResponse: { ...STEP.blockResponse, ...given.blockResponse },
  }
}

function route({ hedge, mirror, ...written }: Written['routes'][number]): RouteConfig {
  return {
    onUncovered: ON_UNCOVERED,
    onLoss: ON_LOSS,
    restore: RESTORE,
    balance: BALANCE,
    ...written,
    retry: withDurations(written.retry, RETRY, 'backoff'),
    ...(hedge !== undefined && { hedge: duration(hedge) }),
    match: match(written.match),
    targets: written.targets.map(target => ({ weight: WEIGHT, ...target })),
    ...mirror && { mirror: { share: SHARE, ...mirror } },
    fallback: written.fallback?.map(target => ({ weight: WEIGHT, ...target })) ?? [],
    timeouts: timeouts(written.timeouts),
  }
}

function match({ tags, header, size: range, ...written }: WrittenMatch = {}): MatchConfig {
  const listed = (choices: Readonly<Record<string, string | string[]>>): Record<string, string[]> => mapValues(choices, choice => [choice].flat())
  return {
    ...listed(written),
    ...tags && { tags: listed(tags) },
    ...header && { header: listed(header) },
    ...range && { size: mapValues(range, bytes => size(bytes)) },
  }
}

function address(written: WrittenAddress = {}, otherwise: Address): Address {
  return { ...otherwise, ...written, port: Number(written.port ?? otherwise.port) }
}

function timeouts(written: WrittenTimeouts = {}): Partial<Timeouts> {
  return mapValues(written, value => duration(value))
}

function limits(written: WrittenLimits = {}): Partial<Limits> {
  return mapValues(written, (value, name) => {
    if (name === 'depth' || name === 'verdicts') return Number(value)
    return name.endsWith('Time') ? duration(value) : size(value)
  })
}

function stepLimits(written: WrittenStepLimits = {}): Partial<StepLimits> {
  return mapValues(written, (value, name) => name === 'memory' ? size(value) : duration(value))
}

function mapValues<V, R>(record: Readonly<Record<string, V>>, change: (value: V, key: string) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]))
}

/** What is left out, and the fields that are durations in milliseconds. */
function withDurations<T extends Record<K, number>, K extends string>(
  written: Readonly<Record<string, unknown>> | undefined, otherwise: T, ...fields: K[]
): T {
  const given = fields.filter(field => written?.[field] !== undefined)
  return { ...otherwise, ...written, ...Object.fromEntries(given.map(field => [field, duration(written![field] as string | number)])) }
}

// Config -> one immutable Gateway: routes, chains, connections and consumers, compiled and checked, swapped as a whole.
// Made by the supervisor (as a check) and by every worker; a request keeps the one that it began with.
import { timingSafeEqual } from 'node:crypto'
import type { Connection, Consumer, PoolNumbers, SandboxNumbers } from '../sdk/index.ts'
import type { Config, ProviderConfig, RouteConfig, TargetConfig, Timeouts } from '../config/config.ts'
import { ConfigError, type Problem } from '../config/problem.ts'
import { validator } from '../config/validator.ts'
import type { Alarms } from './alarm.ts'
import { NO_CHAIN, type Chain } from './chain.ts'
import { compileChain, NO_OPTIONS, sentence, strictly, type Complain } from './chain-compiler.ts'
import { compileCondition } from './condition.ts'
import { Executors, type Openings } from './executors.ts'
import { Scanner } from './json-tape.ts'
import { Memory } from './memory.ts'
import { Outbox } from './outbox.ts'
import { loadProvider } from './registry.ts'
import { deliveryOf, holdsMore } from './delivery.ts'
import { describeRoute, type RouteDescription } from './description.ts'
import { Health } from './health.ts'
import { restoredIn } from './restore.ts'
import { compileMatch, glob, type Route, type Target } from './router.ts'
import { withToken } from './token.ts'
import { waysTo, type Ways } from './way.ts'
import { Upstreams } from './upstreams.ts'

/** Makes a problem of the config with its line; a worker, which never saw the file, has none. */
export type Locate = (pointer: string, expected: string, got: string) => Problem

interface Provider {
  readonly name: string
  readonly use: string
  readonly connection: Connection
  readonly config: ProviderConfig
  readonly ways: Ways
}

/** A compiled config. */
export class Gateway {
  readonly epoch: number
  readonly config: Config
  readonly routes: readonly Route[]
  /** Keys the placeholders. */
  readonly secret: string
  readonly scanner = new Scanner()
  readonly #consumers: ReadonlyMap<string, { readonly hash: Buffer; readonly consumer: Consumer }>
  readonly #upstreams: Upstreams
  readonly #openings: Openings
  readonly outbox = new Outbox()
  /** Verdicts on texts that came before; undefined where none are kept. */
  readonly memory: Memory | undefined
  /** True where findings are recorded one by one. */
  readonly explains: boolean
  /** Of the gateway's requests and calls. */
  readonly alarms: Alarms
  #inFlight = 0
  #idle: (() => void) | undefined

  constructor(config: Config, epoch: number, routes: readonly Route[], upstreams: Upstreams, openings: Openings) {
    this.epoch = epoch
    this.config = config
    this.secret = config.secret
    this.routes = routes
    this.#upstreams = upstreams
    this.#openings = openings
    this.alarms = upstreams.alarms
    this.explains = config.plugins.some(({ use }) => use === 'explain')
    this.memory = config.limits.verdicts === 0 ? undefined : new Memory(config.secret, config.limits.verdicts)
    this.#consumers = new Map(config.consumers.flatMap(({ name, tags, rights, keys }) =>
      keys.map(key => [key.sha256.toLowerCase(), { hash: Buffer.from(key.sha256, 'hex'), consumer: Object.freeze({ name, tags, rights }) }])))
  }

  /** True where the config names no consumers. */
  get open(): boolean { return this.config.consumers.length === 0 }

  /** The consumer of a key, by the SHA-256 of the key. */
  consumer(sha256: Buffer): Consumer | undefined {
    const known = this.#consumers.get(sha256.toString('hex'))
    return known !== undefined && timingSafeEqual(known.hash, sha256) ? known.consumer : undefined
  }

  /** Models that the routes name without a pattern and serve to a consumer, in config order. */
  modelsFor(consumer: Consumer): string[] {
    const routes = this.config.routes.filter(({ match }) => match.consumer?.some(pattern => glob(pattern)(consumer.name)) ?? true)
    return [...new Set(routes.flatMap(route => route.match.model ?? []).filter(model => !model.includes('*')))]
  }

  /** The routes in words, for `gatehouse check` and the admin port. */
  describe(): RouteDescription[] { return this.routes.map((route, index) => describeRoute(route, this.config.routes[index]!)) }

  /** The threads that steps run in; undefined where there are none. */
  get pool(): PoolNumbers | undefined { return this.#openings.pool() }

  /** The sandbox hosts that steps run in; undefined where there are none. */
  get sandbox(): SandboxNumbers | undefined { return this.#openings.sandbox() }

  /** A request begins. */
  enter(): void {
    this.#inFlight++
  }

  /** A request is over. */
  leave(): void {
    this.#inFlight--
    if (this.#inFlight === 0) this.#idle?.()
  }

  /** Resolves when the last request is over and every connection is closed. */
  async close(): Promise<void> {
    if (this.#inFlight > 0) await new Promise<void>(resolve => { this.#idle = resolve })
    await Promise.all([this.#upstreams.close(), this.#openings.close()])
  }
}

/** Compiles a config. Throws ConfigError with every problem found. */
export async function compileGateway(config: Config, epoch: number, locate: Locate = unlocated, openings: Openings = ownOpenings(config)): Promise<Gateway> {
  const problems: Problem[] = []
  const complain: Complain = (pointer, expected, got) => { problems.push(locate(pointer, expected, got)) }
  const upstreams = new Upstreams()
  const providers = await connectAll(config, complain)
  const chains = new Map<string, Chain>()
  for (const [name, chain] of Object.entries(config.chains)) chains.set(name, await compileChain(name, chain, openings, complain))
  const routes = config.routes.map((route, index) => compileRoute(route, `/routes/${index}`, config, providers, chains, upstreams, complain))
  if (problems.length > 0) {
    await Promise.all([upstreams.close(), openings.close()])
    throw new ConfigError(problems)
  }
  return new Gateway(config, epoch, routes, upstreams, openings)
}

/** For a gateway that is not one of a row: its executors end with it. */
function ownOpenings(config: Config): Openings {
  const executors = new Executors()
  return { ...executors.openings(config), close: () => executors.close() }
}

async function connectAll(config: Config, complain: Complain): Promise<Map<string, Provider>> {
  const providers = new Map<string, Provider>()
  for (const name of Object.keys(config.providers)) {
    const entry = servedBy(config, name)
    try {
      const definition = await loadProvider(entry.use)
      const faults = validator(definition.options ?? NO_OPTIONS)(entry.options)
      for (const { pointer, expected, got } of faults) complain(`/providers/${name}/options${pointer}`, expected, got)
      if (faults.length > 0) continue
      const connection = withToken(definition.connect({ key: entry.key, url: entry.url, options: entry.options }))
      providers.set(name, { name, use: entry.use, connection, config: entry, ways: await waysTo(connection.dialects, {}) })
    } catch (error) {
      complain(`/providers/${name}`, sentence(error), `use: ${entry.use}`)
    }
  }
  return providers
}

/** The entry that serves a provider's name: its own, or the one that stands in while it has no key. */
function servedBy(config: Config, name: string): ProviderConfig {
  const entry = config.providers[name]!
  if (entry.key !== '' || entry.withoutKey === undefined) return entry
  return config.providers[entry.withoutKey] ?? entry
}

function compileRoute(
  config: RouteConfig, at: string, house: Config, providers: Map<string, Provider>, chains: Map<string, Chain>,
  upstreams: Upstreams, complain: Complain,
): Route {
  let when
  try {
    when = config.when === undefined ? undefined : compileCondition(config.when, false)
  } catch (error) {
    complain(`${at}/when`, sentence(error), JSON.stringify(config.when))
  }
  const target = ({ provider: name, model, weight }: TargetConfig): Target[] => {
    const provider = providers.get(name)
    // A provider that did not connect has been complained about already.
    if (provider === undefined) return []
    const timeouts: Timeouts = { ...house.timeouts, ...provider.config.timeouts, ...config.timeouts }
    const dispatcher = upstreams.dispatcher(provider.connection, { connections: provider.config.connections, connect: timeouts.connect })
    return [{ name, provider: provider.use, connection: provider.connection, dispatcher, model, weight, timeouts, ways: provider.ways, health: new Health({ ...provider.config.breaker, concurrency: provider.config.concurrency }) }]
  }
  const targets = config.targets.flatMap(target)
  const fallback = config.fallback.flatMap(target)
  for (const [index, dialect] of (config.match.dialect ?? []).entries()) {
    const known = [...targets, ...fallback]
    if (dialect.includes('*') || known.length === 0 || known.some(({ ways }) => ways.has(dialect))) continue
    complain(`${at}/match/dialect/${index}`, `a dialect in which a target of the route "${config.name}" can be asked`, JSON.stringify(dialect))
  }
  const chain = config.chain === undefined ? NO_CHAIN : chains.get(config.chain) ?? NO_CHAIN
  for (const step of chain.response) {
    if (config.delivery === undefined || !holdsMore(step, config.delivery)) continue
    complain(`${at}/delivery`, `${deliveryOf(step)}, which the step "${step.name}" of the chain "${chain.name}" needs on the route "${config.name}"`, config.delivery)
  }
  return {
    name: config.name,
    match: compileMatch(config.match),
    when,
    chain,
    strict: strictly(chain),
    restores: restoredIn(config.restore),
    targets,
    fallback,
    balance: config.balance,
    turn: 0,
    patience: config.retry,
    onUncovered: config.onUncovered,
    total: config.timeouts.total ?? house.timeouts.total,
    chainTime: config.timeouts.chain ?? house.timeouts.chain,
    heartbeat: config.timeouts.heartbeat ?? house.timeouts.heartbeat,
  }
}

const unlocated: Locate = (path, expected, got) => ({ path, line: 0, column: 0, expected, got, message: '' })

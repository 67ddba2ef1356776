// Config -> one immutable Gateway: routes, chains, connections and consumers, compiled and checked, swapped as a whole.
// Made by the supervisor (as a check) and by every worker; a request keeps the one that it began with.
import { hash, timingSafeEqual } from 'node:crypto'
import type { Consumer, MirrorNumbers, PoolNumbers, PriceBook, SandboxNumbers } from '../sdk/index.ts'
import type { Config, RouteConfig, TargetConfig, Timeouts } from '../config/config.ts'
import { ConfigError, type Problem } from '../config/problem.ts'
import type { Alarms } from './alarm.ts'
import { NO_CHAIN, type Chain } from './chain.ts'
import { compileChain, sentence, strictly, type Complain } from './chain-compiler.ts'
import { compileCondition } from './condition.ts'
import { Executors, type Openings } from './executors.ts'
import { Scanner } from './json-tape.ts'
import { Memory } from './memory.ts'
import { Outbox } from './outbox.ts'
import { deliveryOf, holdsMore } from './delivery.ts'
import { describeRoute, type RouteDescription } from './description.ts'
import { reasonsOf } from './reason.ts'
import type { Journal } from './journal.ts'
import { restoredIn } from './restore.ts'
import { admits, compileMatch } from './match.ts'
import { Mirror } from './mirror.ts'
import { ModelBook } from './model-facts.ts'
import { loadPrices, pricesAt } from './prices.ts'
import { checksOf, connectAll, healthAt, type Provider } from './providers.ts'
import type { Route, Target } from './router.ts'
import type { Troubles } from './troubles.ts'
import { Treasury, type Holdings } from './treasury.ts'
import { Upstreams } from './upstreams.ts'

/** Makes a problem of the config with its line; a worker, which never saw the file, has none. */
export type Locate = (pointer: string, expected: string, got: string) => Problem

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
  /** Where requests are written down; undefined where there is no ledger. */
  readonly journal: Journal | undefined
  /** The budgets. */
  readonly treasury: Treasury
  readonly outbox: Outbox
  /** What is known of the models that targets are asked for. */
  readonly models: ModelBook
  /** Verdicts on texts that came before; undefined where none are kept. */
  readonly memory: Memory | undefined
  /** True where findings are recorded one by one. */
  readonly explains: boolean
  /** Of the gateway's requests and calls. */
  readonly alarms: Alarms
  #inFlight = 0
  #idle: (() => void) | undefined

  constructor(config: Config, epoch: number, routes: readonly Route[], upstreams: Upstreams, openings: Openings, journal?: Journal, treasury = new Treasury(config)) {
    this.journal = journal
    this.treasury = treasury
    this.outbox = new Outbox(journal)
    this.epoch = epoch
    this.config = config
    this.secret = config.secret
    this.routes = routes
    this.#upstreams = upstreams
    this.#openings = openings
    this.alarms = upstreams.alarms
    this.models = new ModelBook(config.models)
    this.explains = config.plugins.some(({ use }) => use === 'explain')
    this.memory = config.limits.verdicts === 0 ? undefined : new Memory(config.secret, config.limits.verdicts)
    this.#consumers = new Map(config.consumers.flatMap(({ name, tags, rights, keys }) =>
      keys.map(key => [key.sha256.toLowerCase(), { hash: Buffer.from(key.sha256, 'hex'), consumer: Object.freeze({ name, tags, rights, key: key.sha256.slice(0, 16).toLowerCase() }) }])))
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
    const routes = this.config.routes.filter(({ match }) => admits(match, { consumer: consumer.name, tags: consumer.tags }))
    return [...new Set(routes.flatMap(route => route.match.model ?? []).filter(model => !model.includes('*')))]
  }

  /** The routes in words, for `gatehouse check` and the admin port. */
  describe(): RouteDescription[] { return this.routes.map((route, index) => describeRoute(route, this.config.routes[index]!)) }

  /** The threads that steps run in; undefined where there are none. */
  get pool(): PoolNumbers | undefined { return this.#openings.pool() }

  /** The sandbox hosts that steps run in; undefined where there are none. */
  get sandbox(): SandboxNumbers | undefined { return this.#openings.sandbox() }

  /** What became of the copies that went to mirrors. */
  get mirrors(): MirrorNumbers[] { return this.routes.flatMap(({ mirror }) => mirror?.numbers ?? []) }

  /** What is wrong with providers just now. */
  get troubles(): Troubles { return this.#upstreams.troubles }

  /** From here on requests come. */
  serve(): void { this.#upstreams.watch() }

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
    for (const { mirror } of this.routes) mirror?.end()
    await Promise.all([this.#upstreams.close(), this.#openings.close(), this.treasury.close()])
  }
}

/** Compiles a config. Throws ConfigError with every problem found. */
export async function compileGateway(
  config: Config, epoch: number, locate: Locate = unlocated, openings: Openings = ownOpenings(config), journal?: Journal, holdings?: Holdings,
): Promise<Gateway> {
  const problems: Problem[] = []
  const complain: Complain = (pointer, expected, got) => { problems.push(locate(pointer, expected, got)) }
  const upstreams = new Upstreams()
  const providers = await connectAll(config, upstreams.troubles, complain)
  const chains = new Map<string, Chain>()
  const means = { openings, troubles: upstreams.troubles, complain }
  for (const [name, chain] of Object.entries(config.chains)) chains.set(name, await compileChain(name, chain, means))
  const prices = await loadPrices(config, [...chains.values()])
  const routes = config.routes.map((route, index) => compileRoute(route, `/routes/${index}`, config, providers, chains, upstreams, prices, complain))
  if (problems.length > 0) {
    await Promise.all([upstreams.close(), openings.close()])
    throw new ConfigError(problems)
  }
  upstreams.checks.push(...checksOf(config, providers, routes, upstreams))
  return new Gateway(config, epoch, routes, upstreams, openings, journal, new Treasury(config, holdings))
}

/** For a gateway that is not one of a row: its executors end with it. */
function ownOpenings(config: Config): Openings {
  const executors = new Executors()
  const openings = executors.openings(config)
  return { ...openings, close: () => openings.close().finally(() => executors.close()) }
}

function compileRoute(
  config: RouteConfig, at: string, house: Config, providers: Map<string, Provider>, chains: Map<string, Chain>,
  upstreams: Upstreams, prices: PriceBook | undefined, complain: Complain,
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
    const vendor = provider.connection.vendor ?? provider.use
    return [{
      name, provider: vendor, connection: provider.connection, dispatcher, model, weight, timeouts, ways: provider.ways,
      health: healthAt(provider), keys: provider.keys, price: pricesAt(prices, name, vendor, model),
      idHeader: provider.config.idHeader,
    }]
  }
  const targets = config.targets.flatMap(target)
  const fallback = config.fallback.flatMap(target)
  const [mirrored] = config.mirror === undefined ? [] : target({ ...config.mirror, weight: config.mirror.share })
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
  const total = config.timeouts.total ?? house.timeouts.total
  return {
    name: config.name,
    match: compileMatch(config.match),
    when,
    chain,
    strict: strictly(chain),
    policy: policyOf(config, house),
    restores: restoredIn(config.restore),
    targets,
    fallback,
    balance: config.balance,
    turn: 0,
    patience: { ...config.retry, reasons: reasonsOf(config.retry.on), hedge: config.hedge ?? Infinity },
    onUncovered: config.onUncovered,
    onLoss: config.onLoss,
    mirror: mirrored && new Mirror(config.name, mirrored, { answer: house.limits.answer, total }),
    total,
    chainTime: config.timeouts.chain ?? house.timeouts.chain,
    heartbeat: config.timeouts.heartbeat ?? house.timeouts.heartbeat,
  }
}

/** Credentials decide nothing about an answer, and stay out of whatever is made of this. */
function policyOf(route: RouteConfig, { chains, providers, models }: Config): string {
  const reached = [...route.targets, ...route.fallback].map(({ provider }) => {
    const { key: _key, keys: _keys, ...rest } = providers[provider] ?? { key: '', keys: [] }
    return rest
  })
  return hash('sha256', JSON.stringify([route, chains[route.chain ?? ''] ?? null, reached, models]), 'base64url')
}

const unlocated: Locate = (path, expected, got) => ({ path, line: 0, column: 0, expected, got, message: '' })

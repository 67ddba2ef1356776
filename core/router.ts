// Finds the route of a request: the first one in config order whose match and condition hold. Everything is compiled
// when the config loads. Called by proxy.ts; the routes are made by gateway.ts.
import { GatehouseError, type Connection } from '../sdk/index.ts'
import type { Dispatcher } from 'undici'
import type { RouteConfig, Timeouts } from '../config/config.ts'
import { suggest } from '../config/suggest.ts'
import type { Chain } from './chain.ts'
import type { Condition } from './condition.ts'
import type { Context } from './context.ts'
import type { ReadsMask } from './conversation.ts'
import type { Patience } from './fallback.ts'
import type { Health } from './health.ts'
import type { KeyRing } from './keys.ts'
import type { Match, Matched } from './match.ts'
import type { Mirror } from './mirror.ts'
import type { PriceOf } from './prices.ts'
import type { Ways } from './way.ts'

/** Provider + model + credential, ready to be called. */
export interface Target {
  /** The provider's name in the config. */
  readonly name: string
  /** The vendor, or else the provider's `use`: whose prices apply. */
  readonly provider: string
  readonly connection: Connection
  readonly dispatcher: Dispatcher
  /** The model asked for there; undefined where it is the client's own choice. */
  readonly model: string | undefined
  readonly weight: number
  readonly timeouts: Timeouts
  /** How each dialect of clients gets there. */
  readonly ways: Ways
  readonly health: Health
  /** Its provider's; `connection` carries the first of them. */
  readonly keys: KeyRing
  readonly price: PriceOf
  /** The header that tells its provider the id of each attempt; undefined where none does. */
  readonly idHeader: string | undefined
}

/** Match + chain + targets. */
export interface Route {
  readonly name: string
  readonly match: Match
  readonly when: Condition | undefined
  readonly chain: Chain
  /** The chain with every step enforced: for callers who ask for more care. */
  readonly strict: Chain
  /** A hash over everything that the config says of the route: where it changes, an answer given before is another's. */
  readonly policy: string
  readonly targets: readonly Target[]
  readonly fallback: readonly Target[]
  readonly balance: RouteConfig['balance']
  /** The number of its next request that goes upstream. */
  turn: number
  readonly patience: Patience
  readonly onUncovered: RouteConfig['onUncovered']
  readonly onLoss: RouteConfig['onLoss']
  readonly mirror: Mirror | undefined
  /** Where placeholders of the answer become the values again. */
  readonly restores: ReadsMask
  /** Milliseconds for the whole request, and for all steps on its way down. */
  readonly total: number
  readonly chainTime: number
  /** Milliseconds that a client of a stream hears nothing at most while text waits for a verdict. */
  readonly heartbeat: number
}

/** The route of a request. Throws `model_not_found` or `unknown_path` where there is none. */
export function findRoute(context: Context, routes: readonly Route[]): Route {
  const { body, consumer, request: { headers } } = context
  const request: Matched = {
    model: context.model, dialect: context.dialect.name, path: context.requestPath,
    consumer: consumer.name, tags: consumer.tags, headers,
    size: Buffer.isBuffer(body) ? body.length : Number(headers['content-length']),
    unread: context.tape === undefined,
  }
  for (const route of routes) {
    if (route.match(request) && (route.when === undefined || route.when(context.facts))) return route
  }
  if (request.unread) throw new GatehouseError('unknown_path', `No route passes on the path ${quoted(request.path)}; a route that names it under match.path would.`)
  const close = suggest(context.model, context.gateway.modelsFor(context.consumer))
  throw new GatehouseError('model_not_found',
    `No route serves the model ${quoted(context.model)}${close === undefined ? '.' : `; did you mean "${close}"?`}`, { param: 'model' })
}

/** A client's own word in an error sentence: short, and on one line. */
function quoted(word: string): string {
  return JSON.stringify(word.length > 80 ? `${word.slice(0, 80)}...` : word)
}

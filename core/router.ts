// Finds the route of a request: the first one in config order whose match and condition hold. Everything is compiled
// when the config loads. Called by proxy.ts; the routes are made by gateway.ts.
import { GatehouseError, type Connection } from '../sdk/index.ts'
import type { Dispatcher } from 'undici'
import type { MatchConfig, RouteConfig, Timeouts } from '../config/config.ts'
import { suggest } from '../config/suggest.ts'
import type { Chain } from './chain.ts'
import type { Condition } from './condition.ts'
import type { Context } from './context.ts'
import type { ReadsMask } from './conversation.ts'
import type { Patience } from './fallback.ts'
import type { Health } from './health.ts'
import type { Ways } from './way.ts'

/** Provider + model + credential, ready to be called. */
export interface Target {
  /** The provider's name in the config. */
  readonly name: string
  /** The provider's `use`: whose prices and quirks apply. */
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
}

/** Match + chain + targets. */
export interface Route {
  readonly name: string
  readonly match: Match
  readonly when: Condition | undefined
  readonly chain: Chain
  /** The chain with every step enforced: for callers who ask for more care. */
  readonly strict: Chain
  readonly targets: readonly Target[]
  readonly fallback: readonly Target[]
  readonly balance: RouteConfig['balance']
  /** The number of its next request that goes upstream. */
  turn: number
  readonly patience: Patience
  readonly onUncovered: RouteConfig['onUncovered']
  /** Where placeholders of the answer become the values again. */
  readonly restores: ReadsMask
  /** Milliseconds for the whole request, and for all steps on its way down. */
  readonly total: number
  readonly chainTime: number
  /** Milliseconds that a client of a stream hears nothing at most while text waits for a verdict. */
  readonly heartbeat: number
}

/** A compiled match. */
export type Match = (request: { model: string; dialect: string; path: string; consumer: string; unread: boolean }) => boolean

/** Compiles a match. Paths that the house passes on unread are only reached by a match that names paths. */
export function compileMatch(config: MatchConfig): Match {
  const model = anyOf(config.model)
  const dialect = anyOf(config.dialect)
  const path = anyOf(config.path)
  const consumer = anyOf(config.consumer)
  const namesPaths = config.path !== undefined
  return request => (!request.unread || namesPaths)
    && path(request.path) && dialect(request.dialect) && consumer(request.consumer)
    && (request.unread || model(request.model))
}

/** The route of a request. Throws `model_not_found` or `unknown_path` where there is none. */
export function findRoute(context: Context, routes: readonly Route[]): Route {
  const request = {
    model: context.model, dialect: context.dialect.name, path: context.requestPath,
    consumer: context.consumer.name, unread: context.tape === undefined,
  }
  for (const route of routes) {
    if (route.match(request) && (route.when === undefined || route.when(context.facts))) return route
  }
  if (request.unread) throw new GatehouseError('unknown_path', `No route passes on the path ${quoted(request.path)}; a route that names it under match.path would.`)
  const close = suggest(context.model, context.gateway.modelsFor(context.consumer))
  throw new GatehouseError('model_not_found',
    `No route serves the model ${quoted(context.model)}${close === undefined ? '.' : `; did you mean "${close}"?`}`, { param: 'model' })
}

const ANY = (): boolean => true

function anyOf(patterns: readonly string[] | undefined): (value: string) => boolean {
  if (patterns === undefined) return ANY
  const matchers = patterns.map(glob)
  return value => matchers.some(matches => matches(value))
}

/** Compiles a pattern with `*` for any run of characters. Linear: each piece is searched once. */
export function glob(pattern: string): (value: string) => boolean {
  const pieces = pattern.split('*')
  if (pieces.length === 1) return value => value === pattern
  const first = pieces[0]!
  const last = pieces.at(-1)!
  const middle = pieces.slice(1, -1).filter(piece => piece !== '')
  return value => {
    if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false
    let at = first.length
    for (const piece of middle) {
      at = value.indexOf(piece, at)
      if (at === -1) return false
      at += piece.length
    }
    return at <= value.length - last.length
  }
}

/** A client's own word in an error sentence: short, and on one line. */
function quoted(word: string): string {
  return JSON.stringify(word.length > 80 ? `${word.slice(0, 80)}...` : word)
}

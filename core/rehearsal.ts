// A gateway that walks requests as the compiled one would, and sends nothing: targets write down what they would have
// sent, routes why they were passed over, steps what they were shown. Made by explain-request.ts.
import type { Channel, Connection, EmbeddingRequest, ModelFacts, Origin, Segment, Warning, Written } from '../sdk/index.ts'
import type { Config, RouteConfig } from '../config/config.ts'
import type { Chain } from './chain.ts'
import type { Executor } from './executor.ts'
import type { Openings } from './executors.ts'
import { Gateway } from './gateway.ts'
import { Health } from './health.ts'
import type { Matched } from './match.ts'
import { KeyRing } from './keys.ts'
import { Mirror } from './mirror.ts'
import { whyNot } from './near-miss.ts'
import { reasonsOf } from './reason.ts'
import type { Route, Target } from './router.ts'
import type { Step } from './step.ts'
import { Troubles } from './troubles.ts'
import { Treasury } from './treasury.ts'
import { Unsent } from './unsent.ts'
import { Upstreams } from './upstreams.ts'
import type { Way, Ways } from './way.ts'

/** A route that a request did not take. */
export interface PassedOver {
  readonly route: string
  readonly why: string
}

/** What a step was shown of one origin and channel. Windows overlap, and count as often as they are shown. */
export interface Place {
  readonly origin: Origin
  readonly channel: Channel
  /** In UTF-16 code units. */
  characters: number
}

/** What was noted of a translation, the last where there were several. */
export interface Noted {
  /** What it has lost. */
  warnings: readonly Warning[]
  /** What it went by. */
  facts: ModelFacts
}

/** A target that sends nothing. */
export interface Rehearsed extends Target {
  readonly dispatcher: Unsent
  readonly translation: Noted
  /** True where a call is signed as it leaves. */
  readonly signed: boolean
}

/** A route whose targets, in whichever field they stand, send nothing. */
export type RehearsedRoute = { readonly [Field in keyof Route]: InRehearsal<Route[Field]> }
type InRehearsal<T> =
  T extends readonly Target[] ? readonly Rehearsed[] : T extends Target ? Rehearsed : T extends Mirror ? Mirror<Rehearsed> : T

/** What one request met on its way. */
export class Journey {
  /** What the routes were asked with; undefined where it came no further than the door. */
  asked: Matched | undefined
  readonly passedOver: PassedOver[] = []
  taken: RehearsedRoute | undefined
  /** By the executor that stands in for the step's own. */
  readonly shown = new Map<Executor, Place[]>()
  readonly standIns = new Map<Executor, Executor>()
}

/** A gateway for one request. Closing it leaves the compiled one open. */
export class Rehearsal extends Gateway {
  override readonly explains = true
  readonly journey: Journey

  /** `config` is that of `compiled`, or what becomes of it for the rehearsal; its routes have to be the same. */
  constructor(compiled: Gateway, config: Config, openings: Openings) {
    const journey = new Journey()
    const routes = compiled.routes.map((route, index) => rehearsedRoute(route, config.routes[index]!, journey))
    // Nothing is spent.
    const treasury = new Treasury({ ...config, budgets: [] })
    super(config, compiled.epoch, routes, new Upstreams(), { ...openings, close: async () => [] }, undefined, treasury)
    this.journey = journey
  }
}

function rehearsedRoute(route: Route, { match, when }: RouteConfig, journey: Journey): RehearsedRoute {
  const passOver = (why: string): boolean => {
    journey.passedOver.push({ route: route.name, why })
    return false
  }
  const rehearsed: RehearsedRoute = {
    ...route,
    match(request) {
      journey.asked = request
      return route.match(request) || passOver(whyNot(match, request))
    },
    // Asked last, and so where it is known that the route is taken.
    when(facts) {
      if (route.when?.(facts) === false) return passOver(`its condition does not hold: ${when}`)
      journey.taken = rehearsed
      return true
    },
    chain: rehearsedChain(route.chain, journey),
    strict: rehearsedChain(route.strict, journey),
    targets: route.targets.map(rehearsedTarget),
    fallback: route.fallback.map(rehearsedTarget),
    mirror: route.mirror && new Mirror(route.name, rehearsedTarget(route.mirror.target), route.mirror.limits, ALWAYS),
    // Every target is asked once.
    patience: { ...route.patience, attempts: 0, hedge: Infinity, reasons: reasonsOf(['error']) },
  }
  return rehearsed
}

/** Steps of the answer stay as they are: only an answer that a step gives gets so far. */
function rehearsedChain(chain: Chain, journey: Journey): Chain {
  const shown = (steps: readonly Step[]): Step[] => steps.map(step => ({ ...step, executor: standIn(step.executor, journey) }))
  return {
    ...chain,
    request: shown(chain.request),
    groups: chain.groups.map(shown),
    beside: shown(chain.beside),
    // There is no exchange to be observed, and what an observer writes down may be counted elsewhere.
    observers: chain.observers.map(step => ({ ...step, when: () => false })),
  }
}

/** Asks the executor itself; a step that stands in several chains has one. */
function standIn(executor: Executor, journey: Journey): Executor {
  const known = journey.standIns.get(executor)
  if (known !== undefined) return known
  const places: Place[] = []
  const inPlace: Executor = {
    name: executor.name,
    call(method, args, timeout) {
      // Nothing was answered that could be learned, and the question was shown already.
      if (method === 'learn') return undefined
      const given = args[0] as readonly Segment[] | { readonly segments: readonly Segment[] }
      for (const segment of 'segments' in given ? given.segments : given) count(places, segment)
      return executor.call(method, args, timeout)
    },
  }
  journey.standIns.set(executor, inPlace)
  journey.shown.set(inPlace, places)
  return inPlace
}

function count(places: Place[], { origin, channel, text }: Segment): void {
  const known = places.find(place => place.origin === origin && place.channel === channel)
  if (known === undefined) places.push({ origin, channel, characters: text.length })
  else known.characters += text.length
}

function rehearsedTarget(target: Target): Rehearsed {
  const { sign, dispatcher: _, ...connection } = target.connection
  const masking = { ...connection, headers: masked(connection.headers) }
  const translation: Noted = { warnings: [], facts: {} }
  return {
    ...target,
    connection: masking,
    dispatcher: new Unsent(),
    // That one cannot be reached must not keep the request from the next.
    keys: new KeyRing(target.name, [masking], new Troubles()),
    health: new Health({ failures: Infinity, pause: 0, concurrency: Infinity }),
    ways: noting(target.ways, translation),
    translation,
    signed: sign !== undefined,
  }
}

/** Whatever share of the requests is copied, this one is among them. */
const ALWAYS = 1

/** Whatever the connection adds may be a credential; the names tell enough. */
const masked = (headers: Connection['headers']): string[] => headers.map((word, index) => index % 2 === 0 ? word : '***')

function noting(ways: Ways, noted: Noted): Ways {
  const note = (written: Written, facts: ModelFacts): Written => {
    noted.warnings = written.warnings
    noted.facts = facts
    return written
  }
  const told = [...ways].map(([dialect, way]): [string, Way] => {
    if (!way.translates) return [dialect, way]
    if (way.embeds) return [dialect, { ...way, target: { ...way.target, writeRequest: (request: EmbeddingRequest) => note(way.target.writeRequest(request), {}) } }]
    return [dialect, { ...way, target: { ...way.target, writeRequest: (request, facts) => note(way.target.writeRequest(request, facts), facts) } }]
  })
  return new Map(told)
}

// The plugin contract: what an operator switches on. A plugin is a Fastify plugin for the data plane (the port that
// applications call, in every worker), for the control plane (the admin port, in the supervisor), or for both.
// First-party plugins have no privileges: this file is all that they get.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Static, TSchema } from 'typebox'
import type { GatehouseError } from './error.ts'
import type { AccessRecord } from './record.ts'
import type { BookNumbers, LedgerReader } from './store.ts'

/** Who is calling. Comes from the config; the credential itself is not in it. */
export interface Consumer {
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  /** Tells its keys apart: the first digits of the key's SHA-256. Left out where there is none. */
  readonly key?: string
  /** What it may see beyond its answers: `explain` puts a summary of what was found into each reply's headers. */
  readonly rights: readonly ConsumerRight[]
}

/** What an operator may grant to a consumer. */
export type ConsumerRight = 'explain'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by an auth plugin before the body is read. */
    consumer: Consumer
  }
}

/** A worker's thread pool in numbers. Times are sums in milliseconds. */
export interface PoolNumbers {
  readonly threads: number
  readonly running: number
  readonly waiting: number
  readonly waitingBytes: number
  /** By processor, over all configs since the start. */
  readonly processors: Readonly<Record<string, {
    readonly calls: number
    readonly refused: number
    readonly timeouts: number
    readonly queueMs: number
    readonly runMs: number
  }>>
}

/** A worker's sandbox in numbers. Counts are sums since the start, over all configs. */
export interface SandboxNumbers {
  /** Host processes that live: one that serves and one that stands by, unless one is being replaced. */
  readonly hosts: number
  /** Hosts that were given up, by reason: `out of memory`, say. Another took the place of each. */
  readonly retired: Readonly<Record<string, number>>
  /** By processor and reason: it brought a host down. */
  readonly strikes: readonly { readonly processor: string; readonly reason: string; readonly count: number }[]
  /** By processor: it did so too often, and was left alone for a while. */
  readonly quarantines: Readonly<Record<string, number>>
  /** Processors that are left alone now, as name@version: calls to them end as `onOverload` says. */
  readonly quarantined: readonly string[]
}

/** How long the calls of a step with `run: inline` hold the loop of one worker, since its config was taken. */
export interface LoopTime {
  readonly chain: string
  readonly step: string
  readonly calls: number
  /** Milliseconds that 99 of 100 calls do not pass, to the next fifth above. */
  readonly p99: number
  /** What to do about it; undefined where all is well or the calls are too few to tell. */
  readonly advice: string | undefined
}

/** What became of the copies that a route sent to its mirror, in one worker, since its config was taken. */
export interface MirrorNumbers {
  readonly route: string
  /** The provider's name in the config. */
  readonly provider: string
  /** 0 where no answer came. */
  readonly status: number
  /** Empty where an answer was read to its end, else an error code of the table; `unavailable` where too many were under way. */
  readonly error: string
  readonly count: number
}

/** A budget in one worker, since it started. */
export interface BudgetNumbers {
  readonly name: string
  readonly of: 'requests' | 'tokens' | 'cost' | 'concurrency'
  /** In requests, tokens or billionths of a US dollar, as all that follows. */
  readonly limit: number
  readonly used: number
  /** Requests that it refused. */
  readonly refused: number
  /** The least that is left of any of its counts, as far as the worker knows. */
  readonly left: number
}

/** The house as the data plane sees it. */
export interface DataPlane {
  /** Walks one request through the house and writes the reply, some time after this returns. `path` overrides the dialect's own, for passing on unread. */
  proxy(request: FastifyRequest, reply: FastifyReply, dialect: string, path?: string): void
  /** Replies with an error in the given dialect's shape. */
  refuse(reply: FastifyReply, error: GatehouseError, dialect: string): void
  /** The consumer of a key by the SHA-256 of that key; undefined for an unknown one. Compared in constant time. */
  consumer(sha256: Buffer): Consumer | undefined
  /** True where the config names no consumers: then the house is open, on loopback only. */
  readonly open: boolean
  /** Names of the models that the routes serve to a consumer, in config order; patterns are left out. */
  models(consumer: Consumer): readonly string[]
  /** Called with every finished request, after its last byte left. MUST be quick and MUST NOT throw. */
  settled(listener: (record: AccessRecord) => void): void
  /** Answers what the control plane asks of every worker under this topic. Plain data. */
  answers(topic: string, answer: (question: unknown) => unknown): void
  /** Makes the responders of the config that serves forget what they learned under one of these tags. Resolves with how many answers, in this worker. */
  forget(tags: readonly string[]): Promise<number>
  /** Number of requests under way. */
  readonly inFlight: number
  /** The budgets of the config that serves. */
  readonly budgets: readonly BudgetNumbers[]
  /** The threads of steps with `run: pool`; undefined where there are none. */
  readonly pool: PoolNumbers | undefined
  /** The hosts of steps with `run: sandbox`; undefined where there are none. */
  readonly sandbox: SandboxNumbers | undefined
  /** Journal lines of this worker that found no room on the disk; undefined where there is no ledger. */
  readonly journalDropped: number | undefined
  /** What is wrong with providers just now, each in words: a key that is refused, tokens that cannot be had. No secrets. */
  readonly troubles: readonly string[]
  /** The steps on the loop that were called at all. A step that two routes share is one. */
  readonly loopTimes: readonly LoopTime[]
  /** The mirrors of the routes; nothing of those that sent nothing yet. */
  readonly mirrors: readonly MirrorNumbers[]
  readonly epoch: number
}

/** The house as the control plane sees it. */
export interface ControlPlane {
  /** Asks every live worker; the answers of those that replied within the timeout (milliseconds, default 2000). */
  ask(topic: string, question?: unknown, timeout?: number): Promise<unknown[]>
  /** Whether traffic should come, and if not, why; and what is worth a note all the same. */
  readiness(): { readonly ready: boolean; readonly reasons: readonly string[]; readonly notes: readonly string[] }
  /** Facts worth showing: epoch, workers, routes and their chains by name. No secrets. */
  summary(): Readonly<Record<string, unknown>>
  /** Where usage and audit entries are kept; undefined without one, or until it could be opened. */
  readonly ledger: LedgerReader | undefined
  /** How the books are kept; undefined where there is no ledger. */
  readonly books: BookNumbers | undefined
  /** Reads the config again, as a change of the file does. Resolves with the new epoch, rejects with the problems. */
  reload(): Promise<number>
}

/** A plugin as its file exports it by default. */
export interface PluginDefinition<O extends TSchema = TSchema> {
  /** The name of the file and of the entry in the config. */
  readonly name: string
  readonly options?: O
  /** Registers on the data plane's Fastify, in every worker, once. */
  data?(app: FastifyInstance, house: DataPlane, options: Static<O>): void | Promise<void>
  /** Registers on the control plane's Fastify, in the supervisor, once. */
  control?(app: FastifyInstance, house: ControlPlane, options: Static<O>): void | Promise<void>
}

/** Defines a plugin. An identity function for its types. */
export function definePlugin<O extends TSchema>(definition: PluginDefinition<O>): PluginDefinition<O> {
  return definition
}

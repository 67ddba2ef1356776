// The config as the house uses it: every default filled in, every duration in milliseconds, every size in bytes, every
// reference to the environment resolved. Made by config/loader.ts from what the operator wrote; plain data, since the
// supervisor hands it to its workers.
import type { Action, Channel, ConsumerRight, Direction, ModelFacts, Origin, OwnPrice, Right, Window } from '../sdk/index.ts'

/** A place to listen. */
export interface Address {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
}

/** Waits of one request, in milliseconds. `total` bounds all of it, with every attempt at an upstream in it. */
export interface Timeouts {
  readonly connect: number
  /** From the request's last byte to the answer's head. */
  readonly headers: number
  /** From the head to the first event of a stream. */
  readonly firstEvent: number
  /** Between two pieces of an answer. */
  readonly idle: number
  readonly total: number
  /** For all steps of a request together; each is told what is left. */
  readonly chain: number
  /** A client of a stream hears a comment after so long a silence, while text waits for a verdict. */
  readonly heartbeat: number
}

/** Bounds on what comes in and on what comes back, in bytes unless said otherwise. */
export interface Limits {
  readonly body: number
  readonly headers: number
  /** Levels of nesting in a JSON body. */
  readonly depth: number
  /** A whole answer that a step has to read. */
  readonly answer: number
  /** One frame of a stream. */
  readonly frame: number
  /** What of one stream may wait for a verdict, in UTF-16 code units. */
  readonly held: number
  /** Verdicts that a worker remembers; 0 for none. */
  readonly verdicts: number
  /** Milliseconds for a client to send its head, and its whole request. */
  readonly headTime: number
  readonly bodyTime: number
}

/** A plugin that is switched on. */
export interface PluginConfig {
  readonly use: string
  readonly options: Readonly<Record<string, unknown>>
}

/** A vendor's endpoint. */
export interface ProviderConfig {
  readonly use: string
  /** The first of the keys, or empty. */
  readonly key: string
  /** All of them that are not empty. */
  readonly keys: readonly string[]
  readonly url?: string
  /** The provider that serves instead while `key` is empty: lets a config start before there is an account. */
  readonly withoutKey?: string
  /** The header in which it is told the id of each attempt; without one, it is not. In lower case. */
  readonly idHeader?: string
  /** Upper bound of open connections per worker. */
  readonly connections: number
  /** Most requests at once to each of its targets, in each worker. */
  readonly concurrency: number
  /** Failures in a row after which a target is left alone, and for how many milliseconds at first. */
  readonly breaker: { readonly failures: number; readonly pause: number }
  /** How many requests may wait for each of its targets that has its fill, in each worker, and for how many milliseconds. */
  readonly queue?: { readonly size: number; readonly wait: number }
  /** A path that each worker asks for by itself where nothing else tells how the provider is, in milliseconds. */
  readonly check?: { readonly path: string; readonly every: number; readonly timeout: number }
  readonly timeouts: Partial<Timeouts>
  readonly options: Readonly<Record<string, unknown>>
}

/** Who may call. Keys are known by their SHA-256 only, as 64 hex digits. */
export interface ConsumerConfig {
  readonly name: string
  readonly keys: readonly { readonly sha256: string }[]
  readonly tags: Readonly<Record<string, string>>
  readonly rights: readonly ConsumerRight[]
}

/** What one sandboxed step may use. */
export interface StepLimits {
  /** Bytes of memory, for the processor and all that it holds. */
  readonly memory: number
  /** Milliseconds that one call may run, whatever the step's timeout. */
  readonly cpu: number
}

/** A processor with its settings in a chain. The settings are the same for every processor. */
export interface StepConfig {
  /** A processor's name, or the absolute path of a file (written relative to the config), sandboxed unless it is among `trusted`. */
  readonly use: string
  /** CEL condition; without one the step always runs. */
  readonly when?: string
  readonly mode?: 'enforce' | 'shadow' | 'off'
  /** On the I/O loop itself, in a thread of the worker's pool, or in a sandbox: files that are not trusted run there. */
  readonly run: 'inline' | 'pool' | 'sandbox'
  /** SHA-256 of the bundled code of a sandboxed step. */
  readonly integrity?: string
  /** Of a sandboxed step; without one of them, the sandbox's own. */
  readonly limits: Partial<StepLimits>
  /** Rights granted; without the field, those that the processor asks for. */
  readonly rights?: readonly Right[]
  /** Narrows what the processor reads. */
  readonly reads?: { readonly origins?: readonly Origin[]; readonly channels?: readonly Channel[] }
  /** The last word on findings, by type; `*` for every other. */
  readonly actions: Readonly<Record<string, Action>>
  /** Milliseconds for one call. */
  readonly timeout: number
  readonly onError?: 'open' | 'closed'
  readonly onTimeout?: 'open' | 'closed'
  readonly onOverload?: 'open' | 'closed'
  /**
   * Failures in a row after which it is left alone, and for how many milliseconds at first; without the field, the house's own for a
   * step that asks elsewhere, and none for any other.
   */
  readonly breaker?: ProviderConfig['breaker']
  /** In shadow: the share of requests that it looks at, from 0 to 1. */
  readonly sample: number
  /** Runs while the upstream is asked already. */
  readonly beside?: 'upstream'
  /** Steps written in one `together` share a number; -1 for a step by itself. */
  readonly group: number
  readonly blockResponse: { readonly status: number; readonly style: 'error' | 'finish'; readonly message: string }
  readonly options: Readonly<Record<string, unknown>>
}

/** The steps of a chain, each way in the order in which they run. */
export type ChainConfig = Readonly<Record<Direction, readonly StepConfig[]>>

/** Where a request may go. */
export interface TargetConfig {
  readonly provider: string
  /** The model asked for there; without it, the one that the client named. */
  readonly model?: string
  readonly weight: number
}

/** Where copies of a route's requests go; their answers are dropped. */
export interface MirrorConfig {
  readonly provider: string
  readonly model?: string
  /** The share of requests that is copied, from 0 to 1. */
  readonly share: number
}

/** What a request must be like to take a route. Every field given must hold; a list holds where one member does. */
export interface MatchConfig {
  /** Exact names or globs with `*`. */
  readonly model?: readonly string[]
  readonly dialect?: readonly string[]
  /** Request paths, exact or with `*`; the only way to reach paths that the house passes on unread. */
  readonly path?: readonly string[]
  readonly consumer?: readonly string[]
  /** Tags of the consumer, by name. */
  readonly tags?: Readonly<Record<string, readonly string[]>>
  /** Headers of the request, by name in lower case. */
  readonly header?: Readonly<Record<string, readonly string[]>>
  /** Bytes of the body: more than `above` and fewer than `below`. */
  readonly size?: { readonly above?: number; readonly below?: number }
}

/** Match + chain + targets. */
export interface RouteConfig {
  readonly name: string
  readonly match: MatchConfig
  /** CEL condition over `request`, `consumer` and `headers`. */
  readonly when?: string
  readonly chain?: string
  readonly targets: readonly TargetConfig[]
  readonly fallback: readonly TargetConfig[]
  /** Which target goes first. */
  readonly balance: 'weighted' | 'priority' | 'round-robin' | 'least-busy' | 'fastest' | 'cheapest' | 'sticky'
  readonly mirror?: MirrorConfig
  /** Tries in all (0: one of each target), milliseconds before all targets are tried once more, and what is worth a try elsewhere. */
  readonly retry: { readonly attempts: number; readonly backoff: number; readonly on: readonly ('error' | 'context' | 'filter' | number)[] }
  /** Milliseconds of silence after which the next target is asked as well; without it, never. */
  readonly hedge?: number
  /** What happens to a body with text that no dialect map covers and no step can therefore read. */
  readonly onUncovered: 'allow' | 'warn' | 'reject'
  /** What happens to a request that a target's dialect cannot say in full: fields are dropped or approximated, or the target is not asked. */
  readonly onLoss: 'warn' | 'reject'
  /** The most that a stream may be held back; without it, as much as the steps need. */
  readonly delivery?: 'live' | 'holdback' | 'window' | 'complete'
  /** Channels of the answer in which placeholders become the values again. */
  readonly restore: readonly Channel[]
  readonly timeouts: Partial<Timeouts>
}

/** Where usage and audit entries are kept for good. */
export interface LedgerConfig {
  /** A name of plugins/ledger/. */
  readonly use: string
  /** Bytes that may wait on disk for the ledger; beyond them entries are lost, never requests. */
  readonly spool: number
  /** Milliseconds after which usage entries are forgotten; 0 for never. */
  readonly keep: number
  readonly options: Readonly<Record<string, unknown>>
}

/** Whose requests a budget counts. Every field given must hold; a list holds where one member does. */
export interface BudgetMatch {
  /** Exact names or globs with `*`. */
  readonly consumer?: readonly string[]
  readonly tags?: Readonly<Record<string, readonly string[]>>
  /** Models as clients name them. */
  readonly model?: readonly string[]
  readonly route?: readonly string[]
}

/** One limit, or one for each of some values. */
export interface BudgetConfig {
  readonly name: string
  readonly of: 'requests' | 'tokens' | 'cost' | 'concurrency'
  /** Requests, tokens, or billionths of a US dollar. */
  readonly limit: number
  readonly window: Window
  /** What has a count of its own: `consumer`, `key`, `model`, `route`, `tags.NAME`. */
  readonly each: readonly string[]
  readonly match: BudgetMatch
  readonly mode: 'strict' | 'optimistic'
  /** Tokens that an answer is taken to have where the request names no most. */
  readonly reserve: number
  readonly unpriced: 'allow' | 'refuse'
  /** What each machine may go on with while the shared store is away. In the limit's unit. */
  readonly floor: number
}

/** The whole config. */
export interface Config {
  readonly listen: Address
  /** The control plane; `false` switches it off. */
  readonly admin: Address | false
  /** I/O processes; `auto` is one per core. */
  readonly workers: number | 'auto'
  /** Threads per worker for steps that run in a pool. */
  readonly threads: number | 'auto'
  readonly log: { readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'; readonly access: boolean }
  readonly limits: Limits
  readonly timeouts: Timeouts
  /** Milliseconds that running requests get to finish when a process stops. */
  readonly drain: number
  readonly plugins: readonly PluginConfig[]
  /** The folder of what outlives a start, an absolute path; made where it is not there and something needs it. */
  readonly state: string
  readonly ledger: LedgerConfig | false
  /** Where the counts of budgets are kept: a name of plugins/counter/, and its options. */
  readonly counter: PluginConfig
  readonly budgets: readonly BudgetConfig[]
  /**
   * Keys the placeholders that stand for redacted values: the same value gets the same one for as long as the secret
   * stays. Written by the operator (`${env:...}`) where several machines or restarts should agree; else random per start.
   */
  readonly secret: string
  /** Absolute paths of processor files that may run inside the gateway's own processes. */
  readonly trusted: readonly string[]
  /** Client-side APIs that are served: names of plugins/api/. */
  readonly apis: readonly string[]
  /** How callers prove who they are: a name of plugins/auth/. */
  readonly auth: string
  readonly providers: Readonly<Record<string, ProviderConfig>>
  readonly consumers: readonly ConsumerConfig[]
  readonly chains: Readonly<Record<string, ChainConfig>>
  /** What the operator knows of models, by name or glob, the first that matches; stronger than what the house knows. */
  readonly models: Readonly<Record<string, ModelFacts>>
  /** What tokens cost, by `model` or, before that, `provider/model`; of what is not named, the catalogue says it. */
  readonly prices: Readonly<Record<string, OwnPrice>>
  readonly routes: readonly RouteConfig[]
}

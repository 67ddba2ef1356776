// The store contracts: where numbers live longer than a process. A ledger keeps what was used and who changed what; a
// counter keeps what is left of a limit; an index finds the texts that mean nearly the same. Members are plugins
// (plugins/ledger, plugins/counter, plugins/index); no request ever waits for one of them.
import type { Static, TSchema } from 'typebox'
import type { Usage } from './usage.ts'

/** How a price was found: in the catalogue or the config, without a price there, or not at all. */
export type PriceStatus = 'exact' | 'unpriced' | 'missing'

/**
 * One attempt at an upstream, for good; or a request that none was asked for, where a step answered it or a budget counts it.
 * Written once and never changed, but for one that is `lost`: what its provider's own records say may be entered, once.
 */
export interface UsageEntry {
  readonly kind: 'usage'
  /** The request's id and the number of the attempt: `gh-4f-2.0`. Whoever sends an entry twice has sent it once. */
  readonly id: string
  readonly request: string
  /** When the request arrived, in milliseconds since 1970. */
  readonly at: number
  readonly route: string
  readonly consumer: string
  /** Which of the consumer's keys; empty where it has none. See `Consumer.key`. */
  readonly key: string
  readonly tags: Readonly<Record<string, string>>
  readonly dialect: string
  /** The model, as the client named it. */
  readonly asked: string
  /** The provider's name in the config, and the model that it was asked for. */
  readonly provider: string
  readonly model: string
  /** Of the attempt; 0 where no answer came. */
  readonly status: number
  /**
   * How the exchange ended, for the attempt whose answer was taken; `failed` for one that another followed; `lost` where the
   * gateway's process died with it, so that nobody here knows what the upstream did; `settled` where it was lost, and its usage
   * is what the provider's own records say.
   */
  readonly ending:
    'complete' | 'blocked' | 'client_closed' | 'upstream_failed' | 'deadline' | 'refused' | 'failed' | 'lost' | 'settled'
  readonly streamed: boolean
  /** Milliseconds. */
  readonly ms: number
  /** Undefined where nothing was used, or nobody knows (`lost`). */
  readonly usage: Usage | undefined
  /** The provider's own usage object as JSON, as it came; empty where there was none, or too long a one. */
  readonly raw: string
  /** In billionths of a US dollar (an integer); undefined where no step priced it. */
  readonly cost: number | undefined
  readonly price: PriceStatus | undefined
  /** Which catalogue the price is of; empty where there is none. */
  readonly priceVersion: string
  /**
   * What budgets of tokens and of cost count for it (billionths of a US dollar): what was set aside, where nobody knows what it
   * came to. Undefined where none counts the request.
   */
  readonly chargedTokens: number | undefined
  readonly chargedCost: number | undefined
}

/** A usage entry, as far as it takes to settle it. */
export type Attempt = Pick<UsageEntry, 'id' | 'at' | 'dialect' | 'provider' | 'model' | 'ending'>

/** What a provider's own records say of an attempt that was lost. */
export interface Settlement extends Pick<UsageEntry, 'id' | 'raw' | 'cost' | 'price' | 'priceVersion'> {
  readonly usage: Usage
}

/** Something that has to be accounted for: a change of the house, a block, a value given back, what was settled. */
export interface AuditEntry {
  readonly kind: 'audit'
  readonly id: string
  readonly at: number
  /** Who: `consumer:research`, `file`, `signal`, `admin`, `cli:jane`. */
  readonly actor: string
  readonly action: string
  /** What it was done to: a request's id, the hash of a config or a file. */
  readonly subject: string
  /** Facts, never values. */
  readonly detail: Readonly<Record<string, string | number | boolean>>
}

/** What a ledger takes. */
export type LedgerEntry = UsageEntry | AuditEntry

/** Columns by which usage can be grouped; `tags.NAME` is one as well. */
export type UsageColumn = 'consumer' | 'key' | 'route' | 'provider' | 'model' | 'asked' | 'dialect' | 'ending' | 'day' | `tags.${string}`

/** What to sum up. */
export interface UsageQuery {
  /** Milliseconds since 1970: from `since`, up to and without `until`. */
  readonly since: number
  readonly until: number
  readonly by: readonly UsageColumn[]
  /** Only rows with this value in this column. */
  readonly where: Readonly<Partial<Record<UsageColumn, string>>>
  /** Groups that it may come to. Left out, 10,000. */
  readonly most?: number
}

/** Sums over the entries of one group. Money in billionths of a US dollar. */
export interface UsageSum {
  /** The group's values, in the order of `by`. */
  readonly group: readonly string[]
  readonly requests: number
  readonly attempts: number
  /** Attempts whose usage nobody knows. */
  readonly lost: number
  /** Attempts whose usage the gateway counted itself. */
  readonly estimated: number
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly reasoning: number
  readonly cost: bigint
  /** Attempts that used tokens without a known price: their cost is not in the sum. */
  readonly unpriced: number
  /** What budgets count; of attempts that none counted, what they used. */
  readonly chargedTokens: number
  readonly chargedCost: bigint
}

/** Where the chain of audit entries is broken. */
export interface AuditFault {
  readonly sequence: number
  /**
   * This entry, and perhaps more behind it, is not there; or it is not as it was written. `unsealed`: the head does not bear
   * the ledger's seal, so nobody can tell what stood from here on.
   */
  readonly what: 'missing' | 'altered' | 'unsealed'
}

/** The last entry of the audit chain, remembered in a place of its own. */
export interface AuditHead {
  readonly sequence: number
  readonly hash: string
  /** HMAC-SHA-256 over both, with the ledger's key. */
  readonly seal: string
}

/** What came of walking the whole chain. */
export interface AuditReport {
  readonly entries: number
  /** The first hundred; none, and the chain is whole. */
  readonly faults: readonly AuditFault[]
  /** To be noted where nobody can change it: a chain that was taken back to an earlier state, head and all, looks whole. */
  readonly head: AuditHead | undefined
}

/** Which audit entries. Milliseconds since 1970: from `since`, up to and without `until`. */
export interface AuditQuery {
  readonly since: number
  readonly until: number
  readonly limit: number
}

/** An audit entry with its place in the chain. */
export interface AuditRecord extends AuditEntry {
  /** Counts from 1. */
  readonly sequence: number
}

/** A ledger, open. Written by one process of a gateway and by whoever settles; read by any. */
export interface Ledger {
  /**
   * Takes entries, all of them or none; resolves when they would survive a crash. Entries whose ids it has are passed over.
   * Audit entries are chained in the order in which they come: each carries a hash over itself and the one before.
   */
  append(entries: readonly LedgerEntry[]): Promise<void>
  /** The sums of each group, in the order of the groups' values. Rejects where there are more than may be. */
  usage(query: UsageQuery): Promise<readonly UsageSum[]>
  /** Entries of the audit chain, the newest first. */
  audit(query: AuditQuery): Promise<readonly AuditRecord[]>
  /** Walks the whole chain. */
  verify(): Promise<AuditReport>
  /** Those of the usage entries with these ids that it has, in no order. */
  find(ids: readonly string[]): Promise<readonly Attempt[]>
  /**
   * Enters what providers' records say of attempts that are `lost`, each id once; from then on they are `settled`. What else has
   * such an id stays as it is. All of them or none, and with them the audit entry, whose detail is told how many `attempts`
   * there were and how many `tokens`; where nothing was lost, it is not written either. Resolves with the ids that it settled.
   */
  settle(settlements: readonly Settlement[], account: AuditEntry): Promise<readonly string[]>
  /** Forgets usage entries older than that. Audit entries stay. Resolves with how many there were. */
  prune(before: number): Promise<number>
  close(): Promise<void>
}

/** What may be read of a ledger. */
export type LedgerReader = Pick<Ledger, 'usage' | 'audit' | 'verify'>

/** How the books are kept, since the start. */
export interface BookNumbers {
  /** Entries that the ledger has taken. */
  readonly entries: number
  /** Of them, attempts that a process did not live to end. */
  readonly lost: number
  /** Lines that a process did not live to write whole. */
  readonly torn: number
  /** Bytes on disk, most of which the ledger has not taken yet. */
  readonly waitingBytes: number
  /** Since when the ledger takes nothing, in milliseconds since 1970; 0 while it does. */
  readonly failingSince: number
}

/** What a store is told when it is opened. */
export interface StoreSettings<O> {
  /** Where its files may live; absolute, and there. */
  readonly directory: string
  readonly options: O
}

/** A ledger as its file exports it by default. */
export interface LedgerDefinition<O extends TSchema = TSchema> {
  readonly name: string
  readonly options?: O
  /** Opens it, and brings its tables up to date. Rejects with a plain sentence where that cannot be. */
  open(settings: StoreSettings<Static<O>>): Promise<Ledger>
}

/** Over which time a limit holds. */
export type Window =
  /** The last so many milliseconds. */
  | { readonly kind: 'sliding'; readonly ms: number }
  /** Since the last midnight, Monday or first of the month, UTC. */
  | { readonly kind: 'calendar'; readonly period: 'day' | 'week' | 'month' }
  /** Ever. */
  | { readonly kind: 'total' }
  /** Held as long as something runs, and given back after: requests at once. */
  | { readonly kind: 'held' }

/** One limit, and what is asked of it. Amounts are integers in the limit's own unit. */
export interface Ask {
  /** The limit's name and whom it counts: `team-month/tags.team=research`. */
  readonly key: string
  readonly limit: number
  readonly window: Window
  /** What the caller would like to hold beyond what it holds now. */
  readonly want: number
  /** What of an earlier grant it will not use, and that grant's mark. It is free for others from now on. */
  readonly back: number
  readonly mark: number
  /** What was used beyond all grants: it counts, whatever the limit. */
  readonly over: number
  /** What a process may use beyond its grants while the store cannot be asked. No store looks at it. */
  readonly floor: number
}

/** What was given. */
export interface Grant {
  /** 0 to `want`. */
  readonly granted: number
  /** What is left for everyone after it. */
  readonly left: number
  /** Milliseconds until something comes back by itself; Infinity where nothing does. */
  readonly resetIn: number
  /** The stretch of time that it counts in. To be told with what is given back, which else might free what others used. */
  readonly mark: number
  /** Milliseconds, from when it was asked for, in which it has to be used; what is not used by then is to be given back. */
  readonly goodFor: number
}

/**
 * What is left of limits. The sum of what is granted and not given back never passes a limit, whoever asks and however
 * many at once: what is granted counts as used from that moment.
 */
export interface Counter {
  /**
   * One answer for each ask, in their order. Rejects where the store cannot be asked; then nothing was granted, and nothing of
   * what the asks told was noted, unless it rejects with `Unheard`.
   */
  take(asks: readonly Ask[]): Promise<readonly Grant[]>
  close(): Promise<void>
}

/** Thrown by a counter that was asked and whose answer was lost: nobody knows whether it was done. */
export class Unheard extends Error {}

/** A counter as its file exports it by default. */
export interface CounterDefinition<O extends TSchema = TSchema> {
  readonly name: string
  /** True where what it counted ends with the process: its counts begin with what the ledger says was used before. */
  readonly forgets?: boolean
  readonly options?: O
  open(settings: StoreSettings<Static<O>>): Promise<Counter>
}

/** A text that an index holds, by what it means. */
export interface Entry {
  readonly id: string
  /** Who may find it: entries of other partitions are never looked at. */
  readonly partition: string
  readonly vector: Float32Array
  /** Plain data that comes back with it. */
  readonly payload: string
  /** Milliseconds since 1970; Infinity for never. */
  readonly expires: number
  readonly tags: readonly string[]
}

/** An entry that was found. */
export interface Near {
  readonly id: string
  /** Cosine of the angle between the two vectors: 1 for the same direction. */
  readonly similarity: number
  readonly payload: string
}

/** Finds the nearest of many vectors, in one partition. */
export interface VectorIndex {
  /** Adds entries, or replaces those of the same partition and id. */
  put(entries: readonly Entry[]): Promise<void>
  /** The nearest so many that have not expired, the nearest first. */
  nearest(partition: string, vector: Float32Array, count: number): Promise<readonly Near[]>
  /** Forgets every entry with one of these tags; in every partition, or in one. Resolves with how many. */
  forget(tags: readonly string[], partition?: string): Promise<number>
  /** Ids of the entries of a partition. */
  ids(partition: string): Promise<readonly string[]>
  /** Forgets entries of a partition by their ids; ids that it does not have are passed over. */
  remove(partition: string, ids: readonly string[]): Promise<void>
  /** Entries in it, over all partitions. */
  size(): Promise<number>
  close(): Promise<void>
}

/** An index as its file exports it by default. */
export interface IndexDefinition<O extends TSchema = TSchema> {
  readonly name: string
  readonly options?: O
  open(settings: StoreSettings<Static<O>> & { readonly dimensions: number; readonly model: string }): Promise<VectorIndex>
}

/** Defines a ledger. An identity function for its types. */
export function defineLedger<O extends TSchema>(definition: LedgerDefinition<O>): LedgerDefinition<O> {
  return definition
}

/** Defines a counter. An identity function for its types. */
export function defineCounter<O extends TSchema>(definition: CounterDefinition<O>): CounterDefinition<O> {
  return definition
}

/** Defines an index. An identity function for its types. */
export function defineIndex<O extends TSchema>(definition: IndexDefinition<O>): IndexDefinition<O> {
  return definition
}

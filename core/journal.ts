// What a process writes down of its requests, on disk before anyone hears the end of them: that an attempt has begun, what
// usage its upstream told, and what it came to. Kept by gateway.ts, told by reach.ts, context.ts, settle.ts and outbox.ts;
// read back by bookkeeper.ts.
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import type { AuditEntry, LedgerEntry, Usage, UsageEntry } from '../sdk/index.ts'
import type { Context } from './context.ts'
import { nanoDollars } from './prices.ts'
import { SpoolWriter } from './spool.ts'

/** A line of the journal. */
export type JournalLine =
  /** An attempt goes out. The entry is what it comes to where nothing more is ever heard of it. */
  | { readonly line: 'begin'; readonly entry: UsageEntry }
  /** The upstream of an attempt has told its usage; the last word holds. */
  | { readonly line: 'heard'; readonly id: string; readonly usage: Usage; readonly raw: string }
  /** An entry as the ledger gets it. */
  | { readonly line: 'entry'; readonly entry: LedgerEntry }
  /** Attempts that are over, and whose entries found no room on the disk. */
  | { readonly line: 'dropped'; readonly ids: readonly string[] }

/** Code units of a provider's usage object that are kept. */
export const LONGEST_RAW = 2000

/** The journal of this process, where the config has a ledger. Makes the folder that it is in. */
export function openJournal({ state, ledger }: Config): Journal | undefined {
  if (ledger === false) return undefined
  const folder = spoolOf(state)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const journal = new Journal(folder, ledger.spool)
  process.once('exit', () => journal.close())
  return journal
}

/** Where the journals of a gateway are. */
export const spoolOf = (state: string): string => join(state, 'spool')

/** The journal of a process. */
export class Journal {
  readonly #spool: SpoolWriter
  readonly #prefix = `a-${randomBytes(6).toString('base64url')}-`
  #audits = 0
  /** Attempts under way whose begin found no room: nobody waits for their end. */
  readonly #unbegun = new Set<string>()
  /** Attempts whose begin stands there, and whose end is told with the next flush. */
  #ending: string[] = []
  /** Attempts whose end found no room. Told as soon as something does; until then no others begin, so these are few. */
  readonly #untold: string[] = []

  /** `limit` is what all journals in the folder may have, in bytes. */
  constructor(folder: string, limit: number) {
    this.#spool = new SpoolWriter(folder, limit)
  }

  /** Lines that found no room on the disk. */
  get dropped(): number { return this.#spool.dropped }

  /** An attempt is about to go out. On disk when this returns: what happens upstream from now on has a trace here. */
  begin(context: Context): void {
    const entry = entryOf(context, context.attempts.length - 1, 'lost')
    this.#write({ line: 'begin', entry })
    if (!this.flush()) this.#unbegun.add(entry.id)
  }

  /** The upstream of a stream has told its usage. On disk before the client gets that frame. */
  heard(context: Context): void {
    const { usage, rawUsage } = context
    if (usage === undefined || !context.stream) return
    this.#write({ line: 'heard', id: idOf(context, takenOf(context)), usage, raw: raw(rawUsage) })
    this.flush()
  }

  /**
   * A request is over: an entry for each of its attempts, or one where there were none but something counts it. On disk before
   * the last byte leaves, where its observers were quick.
   */
  settle(context: Context): void {
    const { attempts, ending, answer, admission } = context
    const last = takenOf(context)
    for (let at = 0; at < attempts.length; at++) {
      const entry = entryOf(context, at, at === last ? ending : 'failed')
      this.#write({ line: 'entry', entry })
      if (!this.#unbegun.delete(entry.id)) this.#ending.push(entry.id)
    }
    const isCounted = attempts.length === 0 && (admission?.charged('requests') ?? 0) > 0
    if (answer !== undefined || isCounted) this.#write({ line: 'entry', entry: entryOf(context, 0, ending) })
    if (ending === 'blocked') this.audit(`consumer:${context.consumer.name}`, 'block', context.id, { route: context.route?.name ?? '', status: context.status })
    if (context.restored > 0) this.audit(`consumer:${context.consumer.name}`, 'restore', context.id, { route: context.route?.name ?? '', values: context.restored })
  }

  /** Something that has to be accounted for. */
  audit(actor: string, action: string, subject: string, detail: AuditEntry['detail']): void {
    const id = this.#prefix + (this.#audits++).toString(36)
    this.#write({ line: 'entry', entry: { kind: 'audit', id, at: Date.now(), actor, action, subject, detail } })
  }

  /** Writes what was told since the last time. False where it found no room. */
  flush(): boolean {
    if (this.#spool.waiting === 0) return true
    const isWritten = this.#spool.flush()
    if (!isWritten) this.#untold.push(...this.#ending)
    this.#ending = isWritten ? this.#untold.splice(0) : []
    if (this.#ending.length > 0) this.#write({ line: 'dropped', ids: this.#ending })
    return isWritten
  }

  close(): void { this.#spool.close() }

  #write(line: JournalLine): void {
    // Where no answer leaves in this turn, as after a client who has left, nobody else asks for it.
    if (this.#spool.waiting === 0) setImmediate(() => this.flush())
    this.#spool.add(JSON.stringify(line))
  }
}

/** The attempt whose answer is the client's; where all failed, the last one. */
function takenOf({ attempts }: Context): number {
  const taken = attempts.findLastIndex(({ error }) => error === '')
  return taken === -1 ? attempts.length - 1 : taken
}

/** The id of an attempt, as its entry has it. */
export const idOf = (context: Context, attempt: number | 'mirror'): string => `${context.id}.${attempt}`

const raw = (text: string): string => text.length > LONGEST_RAW ? '' : text

/** An attempt, as far as it has come. Usage and cost belong to the one whose answer was taken. */
function entryOf(context: Context, index: number, ending: UsageEntry['ending']): UsageEntry {
  const { admission, consumer, usage, cost } = context
  const { provider, model, status, ms } = context.attempts[index] ?? { provider: '', model: context.model, status: context.status, ms: 0 }
  const isTaken = ending !== 'lost' && ending !== 'failed'
  return {
    kind: 'usage', id: idOf(context, index), request: context.id, at: context.at,
    route: context.route?.name ?? '', consumer: consumer.name, key: consumer.key ?? '', tags: consumer.tags, dialect: context.dialect.name,
    asked: context.model, provider, model, status, ending, streamed: context.streamed, ms: Math.round(ms),
    usage: isTaken ? usage : undefined,
    raw: isTaken ? raw(context.rawUsage) : '',
    cost: isTaken ? cost && nanoDollars(cost) : undefined,
    price: isTaken ? cost?.price : undefined,
    priceVersion: isTaken ? cost?.version ?? '' : '',
    chargedTokens: ending === 'failed' ? undefined : admission?.charged('tokens'),
    chargedCost: ending === 'failed' ? undefined : admission?.charged('cost'),
  }
}

// Gives attempts that were lost the usage that records tell: read with the code that reads answers, priced as all usage is, and
// entered a portion at a time. Made by ../settlement.ts.
import { randomBytes } from 'node:crypto'
import type { Attempt, AuditEntry, Ledger, PriceBook, Settlement, Usage } from '../../sdk/index.ts'
import { costOf, nanoDollars } from '../prices.ts'
import type { Provider } from '../providers.ts'
import type { Misfit, UsageRecord } from './record.ts'
import { readerOf, type ReadUsage } from './usage-shape.ts'

/** What settling stands on. */
export interface SettlingHouse {
  readonly ledger: Pick<Ledger, 'find' | 'settle'>
  readonly prices: PriceBook
  /** By their names in the config. */
  readonly providers: ReadonlyMap<string, Pick<Provider, 'use' | 'connection' | 'ways'>>
  /** The format that all usage is told in; undefined for that of each attempt's provider. */
  readonly format: string | undefined
  /** Who settles, and the hash of what. */
  readonly account: Pick<AuditEntry, 'actor' | 'subject'>
}

/** Beyond these many, more of the same tell nothing new. */
const MOST_KEPT = 20

/** Things that are all counted, and the first of them kept. */
export class Noted<T> {
  readonly first: T[] = []
  count = 0

  add(one: T): void {
    if (this.count++ < MOST_KEPT) this.first.push(one)
  }
}

/** Settles. What came of it: every record and misfit counts in one of `settled`, `notLost`, `unknown` and `misfits`. */
export class Settler {
  settled = 0
  /** Input and output of what was settled, and its cost in billionths of a US dollar. */
  tokens = 0
  cost = 0n
  /** Records of attempts that are not lost, or not any more. */
  notLost = 0
  /** Ids that the ledger does not have. */
  readonly unknown = new Noted<string>()
  readonly misfits = new Noted<Misfit>()
  readonly #house: SettlingHouse
  readonly #readers = new Map<string, Promise<ReadUsage | undefined>>()

  constructor(house: SettlingHouse) {
    this.#house = house
  }

  /** Enters those of a portion that were lost: all of them, with one audit entry, or none. */
  async settle(portion: readonly (UsageRecord | Misfit)[]): Promise<void> {
    const { ledger, account } = this.#house
    const ids = portion.flatMap(record => 'id' in record ? record.id : [])
    const attempts = new Map((await ledger.find(ids)).map(attempt => [attempt.id, attempt]))
    const settlements = new Map<string, Settlement>()
    for (const record of portion) {
      const attempt = 'id' in record ? attempts.get(record.id) : undefined
      if ('problem' in record) this.misfits.add(record)
      else if (attempt === undefined) this.unknown.add(record.id)
      else if (attempt.ending !== 'lost' || settlements.has(record.id)) this.notLost++
      else {
        const settlement = await this.#settlementOf(record, attempt)
        if (typeof settlement === 'string') this.misfits.add({ line: record.line, problem: settlement })
        else settlements.set(record.id, settlement)
      }
    }
    if (settlements.size === 0) return
    const id = `s-${randomBytes(9).toString('base64url')}`
    const entry = { kind: 'audit', id, at: Date.now(), action: 'settle', detail: {}, ...account } as const
    const settled = await ledger.settle([...settlements.values()], entry)
    // Somebody else may have settled the others meanwhile.
    this.notLost += settlements.size - settled.length
    this.settled += settled.length
    for (const one of settled) {
      const { usage: { input, output }, cost = 0 } = settlements.get(one)!
      this.tokens += input + output
      this.cost += BigInt(cost)
    }
  }

  /** What a record comes to; or what was expected of it. */
  async #settlementOf({ id, usage: told, raw }: UsageRecord, attempt: Attempt): Promise<Settlement | string> {
    const format = this.#house.format ?? this.#formatOf(attempt)
    const read = format === undefined ? undefined : await this.#readerOf(format)
    if (read === undefined) return 'expected --dialect: nothing says how the provider of this attempt tells its usage'
    const usage = read(told)
    if (usage === undefined) return `expected a usage as ${format} tells it`
    const { cost, ...price } = this.#priced(usage, attempt)
    const isSound = Number.isSafeInteger(usage.input + usage.output) && Number.isSafeInteger(cost)
    return isSound ? { id, usage, raw, cost, ...price } : 'expected a usage that somebody could pay'
  }

  /** The format in which the attempt's provider was asked. */
  #formatOf({ provider, dialect }: Attempt): string | undefined {
    const way = this.#house.providers.get(provider)?.ways.get(dialect)
    return way?.translates === true ? way.target.name : way && dialect
  }

  /** At the price of the time when it was asked. */
  #priced(usage: Usage, { provider: name, model, at }: Attempt): Pick<Settlement, 'cost' | 'price' | 'priceVersion'> {
    const { prices, providers } = this.#house
    const provider = providers.get(name)
    const cost = costOf(prices.find(name, model, at, provider?.connection.vendor ?? provider?.use), usage)
    return { cost: nanoDollars(cost), price: cost.price, priceVersion: cost.version }
  }

  #readerOf(format: string): Promise<ReadUsage | undefined> {
    const reader = this.#readers.get(format) ?? readerOf(format)
    this.#readers.set(format, reader)
    return reader
  }
}

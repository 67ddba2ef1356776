// Brings what the processes of a gateway have journaled into the ledger, at the ledger's own pace: while that is away,
// everything waits on disk. What a process left unfinished when it died, or could not write down, is entered as lost. One per
// gateway, in the supervisor.
import { mkdirSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config, LedgerConfig } from '../config/config.ts'
import type { BookNumbers, Ledger, LedgerEntry, UsageEntry } from '../sdk/index.ts'
import { spoolOf, type JournalLine } from './journal.ts'
import type { Logger } from './logger.ts'
import { loadLedger } from './registry.ts'
import { SpoolReader, type Portion } from './spool.ts'

/** Milliseconds between two rounds. */
const ROUND = 250
/** Milliseconds before a ledger that failed is tried again: doubled each time. */
const LONGEST_PAUSE = 30_000
/** Failures in a row after which entries are tried one by one. */
const PATIENT = 3
/** Where entries go that the ledger takes from nobody. */
const REFUSED = 'refused.jsonl'
/** Milliseconds between two looks for what is too old. */
const SWEEP = 60 * 60 * 1000

/** What a bookkeeper is made of. */
export interface BookkeeperParts {
  readonly folder: string
  /** Opens the ledger. Tried again and again until it succeeds. */
  open(): Promise<Ledger>
  /** Milliseconds after which usage is forgotten; 0 for never. */
  readonly keep: number
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>
}

/** The bookkeeper of a config; undefined where it has no ledger. */
export function bookkeeperOf({ state, ledger }: Config, log: Logger): Bookkeeper | undefined {
  if (ledger === false) return undefined
  const folder = spoolOf(state)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return new Bookkeeper({ folder, open: () => openLedger(state, ledger), keep: ledger.keep, log })
}

/** Opens the ledger that a config names. */
export async function openLedger(state: string, { use, options }: Pick<LedgerConfig, 'use' | 'options'>): Promise<Ledger> {
  mkdirSync(state, { recursive: true, mode: 0o700 })
  const definition = await loadLedger(use)
  return definition.open({ directory: state, options })
}

/** Keeps the books. */
export class Bookkeeper {
  readonly #parts: BookkeeperParts
  readonly #spool: SpoolReader
  /** What has begun and not ended, by writer and by id. */
  readonly #open = new Map<string, Map<string, UsageEntry>>()
  /** Segments of earlier starts that the ledger has not taken whole. */
  #earlier: readonly string[] = []
  readonly #caughtUp = Promise.withResolvers<Ledger>()
  #ledger: Ledger | undefined
  #entries = 0
  #lost = 0
  #unreadable = 0
  #failures = 0
  #failingSince = 0
  #sweptAt = -Infinity
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> = Promise.resolve()
  #closed = false

  constructor(parts: BookkeeperParts) {
    this.#parts = parts
    this.#spool = new SpoolReader(parts.folder)
  }

  /** The ledger; undefined until it could be opened. */
  get ledger(): Ledger | undefined { return this.#ledger }

  /** The ledger, once it has all that was journaled before this start; it may never come to that. */
  get caughtUp(): Promise<Ledger> { return this.#caughtUp.promise }

  get numbers(): BookNumbers {
    const torn = this.#spool.torn + this.#unreadable
    return { entries: this.#entries, lost: this.#lost, torn, waitingBytes: this.#spool.size, failingSince: this.#failingSince }
  }

  /** Begins to keep the books; returns at once. */
  start(): void {
    this.#earlier = this.#spool.names
    this.#again(0)
  }

  /** Enters what is there, and ends. Gives up after so many milliseconds: what is left waits on disk for the next start. */
  async close(ms: number): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    const late = new Promise<void>(resolve => { setTimeout(resolve, ms).unref() })
    await Promise.race([this.#round.then(() => this.#tryRound()), late])
    await Promise.race([this.#ledger?.close(), late])
  }

  #again(ms: number): void {
    if (this.#closed) return
    this.#timer = setTimeout(() => {
      this.#round = this.#tryRound().then(pause => this.#again(pause))
    }, ms)
  }

  /** Resolves with the milliseconds before the next one. */
  async #tryRound(): Promise<number> {
    try {
      this.#ledger ??= await this.#parts.open()
      const some = await this.#enterAll(this.#ledger)
      this.#noteEarlier(this.#ledger)
      if (this.#failures > 0) this.#parts.log.info({ failures: this.#failures }, 'the ledger takes entries again')
      this.#failures = 0
      this.#failingSince = 0
      return some ? 0 : ROUND
    } catch (error) {
      if (this.#failures++ === 0) {
        this.#failingSince = Date.now()
        this.#parts.log.error({ problem: (error as Error).message }, 'the ledger takes no entries; they wait on disk')
      }
      return Math.min(LONGEST_PAUSE, ROUND * 2 ** this.#failures)
    }
  }

  /** Segments are removed when all is entered that they hold, what was lost with their writers too. */
  #noteEarlier(ledger: Ledger): void {
    if (this.#earlier.length > 0) {
      const there = new Set(this.#spool.names)
      this.#earlier = this.#earlier.filter(name => there.has(name))
    }
    if (this.#earlier.length === 0 && !this.#closed) this.#caughtUp.resolve(ledger)
  }

  /** One portion of each writer. True where there was any. */
  async #enterAll(ledger: Ledger): Promise<boolean> {
    let some = false
    for await (const portion of this.#spool.portions()) {
      some = true
      const { entries, open, dropped, unreadable } = this.#read(portion)
      const lost = chargedOnce(portion.last ? [...dropped, ...open.values()] : dropped)
      if (entries.length + lost.length > 0) await this.#append(ledger, [...entries, ...lost])
      // Only now: what failed is read again.
      portion.done()
      if (portion.last) this.#open.delete(portion.writer)
      else this.#open.set(portion.writer, open)
      this.#entries += entries.length + lost.length
      this.#lost += lost.length
      this.#unreadable += unreadable
      this.#tell(portion.writer, dropped.length, lost.length - dropped.length, unreadable)
    }
    await this.#spool.sweep(writer => linesOf(this.#open.get(writer)))
    if (this.#parts.keep > 0 && performance.now() - this.#sweptAt > SWEEP) {
      this.#sweptAt = performance.now()
      await ledger.prune(Date.now() - this.#parts.keep)
    }
    return some
  }

  #tell(writer: string, dropped: number, died: number, unreadable: number): void {
    const { log } = this.#parts
    if (died > 0) log.warn({ attempts: died }, 'a process died before these attempts had ended; they are entered as lost')
    if (dropped > 0) log.warn({ attempts: dropped }, 'what these attempts came to found no room; they are entered as lost')
    if (unreadable > 0) log.error({ lines: unreadable, writer }, 'lines of a journal cannot be read; they are passed over')
  }

  /**
   * A ledger that takes others, but not these, has something against one of them: it would stand in the way of all that
   * follow. It goes to a file, for people to look at.
   */
  async #append(ledger: Ledger, entries: readonly LedgerEntry[]): Promise<void> {
    if (this.#failures < PATIENT) return ledger.append(entries)
    await ledger.append([])
    for (const entry of entries) {
      try {
        await ledger.append([entry])
      } catch (error) {
        await ledger.append([])
        await appendFile(join(this.#parts.folder, REFUSED), `${JSON.stringify(entry)}\n`, { mode: 0o600 })
        this.#parts.log.error({ id: entry.id, problem: (error as Error).message, file: REFUSED }, 'the ledger refuses this entry; it stands in a file beside the journals')
      }
    }
  }

  #read({ writer, lines }: Portion): Reading {
    const reading: Reading = { entries: [], open: new Map(this.#open.get(writer)), dropped: [], unreadable: 0 }
    for (const text of lines) {
      try {
        take(JSON.parse(text) as JournalLine, reading)
      } catch {
        // After a power cut anything may stand there. What ended in that line is lost with its process.
        reading.unreadable++
      }
    }
    return reading
  }
}

/** What the lines of a portion come to. */
interface Reading {
  readonly entries: LedgerEntry[]
  /** What has begun and not ended. */
  readonly open: Map<string, UsageEntry>
  /** What has ended, nobody knows how. */
  readonly dropped: UsageEntry[]
  unreadable: number
}

/** Throws where the line is none of a journal. */
function take(line: JournalLine, { entries, open, dropped }: Reading): void {
  if (line.line === 'heard') {
    const begun = open.get(line.id)
    if (begun !== undefined) open.set(line.id, { ...begun, usage: line.usage, raw: line.raw })
  } else if (line.line === 'dropped') {
    for (const id of line.ids) {
      const begun = open.get(id)
      if (begun !== undefined) dropped.push(begun)
      open.delete(id)
    }
  } else if (typeof line.entry.id !== 'string') {
    throw new TypeError('expected an entry')
  } else if (line.line === 'begin') {
    open.set(line.entry.id, line.entry)
  } else {
    open.delete(line.entry.id)
    entries.push(line.entry)
  }
}

/** The journal of what is under way, and of nothing else. */
const linesOf = (open: ReadonlyMap<string, UsageEntry> = new Map()): JournalLine[] =>
  [...open.values()].map(entry => ({ line: 'begin', entry }))

/** What was set aside was so for the whole request: of its attempts, the last one to begin is charged with it. */
function chargedOnce(lost: readonly UsageEntry[]): UsageEntry[] {
  const last = new Map(lost.map(entry => [entry.request, entry]))
  const uncharged = { chargedTokens: undefined, chargedCost: undefined }
  return lost.map(entry => last.get(entry.request) === entry ? entry : { ...entry, ...uncharged })
}

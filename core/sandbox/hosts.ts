// The sandbox of one worker: processors are opened in it and called, within bounds, and one that brings hosts down again
// and again is left alone for a while. Which process does the work is host-pair.ts's part. Used by core/executor/sandbox.ts.
import { StepOverload, StepQuarantined, StepTimeout } from '../executor.ts'
import { descriptionOf, type Description } from './description.ts'
import { HostPair, type HostEvent } from './host-pair.ts'
import { Job } from './job.ts'
import { CPU, ERROR_NAMES, LONGEST_LINE, MEMORY, SETUP } from './limits.ts'
import { Pace } from './pace.ts'
import { STRIKE_RULE, Strikes, type StrikeRule } from './strikes.ts'

/** A processor as a bundle, with its options and limits. */
export interface SandboxSource {
  /** Who it is, in events and for strikes: one version of one step, say. */
  readonly id: string
  /** The text of a bundle; see bundle.ts. */
  readonly code: string
  readonly options: unknown
  /** Megabytes, 8 or more. Default 64. */
  readonly memory?: number
  /** Milliseconds that one call may run at most, whatever its timeout. Default 1000. */
  readonly cpu?: number
}

/** A processor that hosts have set up. */
export interface Sandboxed {
  readonly id: string
  readonly key: number
  /** Those of `inspect`, `undecided`, `transform`, `respond` and `observe` that it has. */
  readonly methods: ReadonlySet<string>
}

/** How much may be in flight. One processor may have half of it, so that a slow one leaves room. */
export interface HostLimits {
  readonly calls: number
  /** Characters of the calls' arguments, as JSON. */
  readonly characters: number
}

/** See {@link Hosts.start}. */
export interface HostSettings {
  readonly listener?: (event: HostEvent) => void
  readonly strikes?: StrikeRule
  readonly limits?: HostLimits
}

const LIMITS: HostLimits = { calls: 256, characters: 32 * 2 ** 20 }
/** Milliseconds that opening a processor may take, the start of a host included. */
const OPENING = 2 * SETUP + 5000
/** A call's arguments may have so many characters for each megabyte of the processor's memory: an eighth, in bytes of ASCII. */
const CHARACTERS_PER_MEGABYTE = 2 ** 17
/** Characters of a call's arguments, whatever the memory: a line holds them with room to spare. */
const LONGEST_CALL = LONGEST_LINE / 2

/** What is in flight, all in all or of one processor. */
interface Load {
  calls: number
  characters: number
}

/** The sandbox hosts of one worker. */
export class Hosts {
  readonly #pair: HostPair
  readonly #strikes: Strikes
  readonly #limits: HostLimits
  readonly #listener: (event: HostEvent) => void
  readonly #load: Load = { calls: 0, characters: 0 }
  readonly #loads = new Map<number, Load & { readonly largest: number; readonly pace: Pace }>()
  #keys = 0

  private constructor({ listener = () => {}, strikes = STRIKE_RULE, limits = LIMITS }: HostSettings) {
    this.#listener = listener
    this.#strikes = new Strikes(strikes)
    this.#limits = limits
    this.#pair = new HostPair({
      happened: listener,
      blame: (id, reason) => this.#blame(id, reason),
      leavesOut: id => this.#strikes.isQuarantined(id, performance.now()),
    })
  }

  /** Forks the hosts. Resolves when the first one answers; rejects where it cannot run at all. */
  static async start(settings: HostSettings = {}): Promise<Hosts> {
    const hosts = new Hosts(settings)
    await hosts.#pair.start()
    return hosts
  }

  /** The processes that serve and stand by, for the metrics. */
  get pids(): readonly number[] { return this.#pair.pids }

  /** Ids of the processors that are left alone at present. */
  get quarantined(): readonly string[] { return this.#strikes.quarantined(performance.now()) }

  /** Runs a bundle as far as its definition, and gives that. Rejects with a sentence where there is none. */
  async describe(id: string, code: string, memory = MEMORY): Promise<Description> {
    const payload = JSON.stringify({ code, options: null, memory, cpu: CPU })
    return descriptionOf(await this.#submit('describe', id, this.#keys++, payload))
  }

  /** Sets a processor up, in the host that serves and in the one that stands by. Rejects with a sentence where that fails. */
  async open({ id, code, options, memory = MEMORY, cpu = CPU }: SandboxSource): Promise<Sandboxed> {
    const key = this.#keys++
    const payload = JSON.stringify({ code, options, memory, cpu })
    const methods: unknown = JSON.parse(await this.#submit('open', id, key, payload))
    if (!Array.isArray(methods)) throw new Error('The processor did not say which methods it has.')
    this.#loads.set(key, { calls: 0, characters: 0, pace: new Pace(), largest: Math.min(memory * CHARACTERS_PER_MEGABYTE, LONGEST_CALL) })
    this.#pair.keep(key, id, payload)
    return { id, key, methods: new Set(methods) }
  }

  /** Forgets a processor. Calls in flight are still answered. */
  shut({ key }: Sandboxed): void {
    this.#loads.delete(key)
    this.#pair.drop(key)
  }

  /**
   * Calls a method. Gives its result unchecked, as plain data. Rejects with StepTimeout after `timeout` milliseconds, with
   * StepOverload where there is no room, StepQuarantined where the processor is left alone, else with an Error that quotes
   * nothing.
   */
  async call({ id, key }: Sandboxed, method: string, args: readonly unknown[], timeout: number): Promise<unknown> {
    if (this.#strikes.isQuarantined(id, performance.now())) throw new StepQuarantined()
    const own = this.#loads.get(key)
    if (own === undefined) throw new Error('The processor is closed.')
    const payload = JSON.stringify(args)
    const { calls, characters } = this.#limits
    const half = { calls: calls / 2, characters: characters / 2 }
    const fits = payload.length <= own.largest && hasRoom(own, payload, half) && hasRoom(this.#load, payload, this.#limits)
    if (!fits || !own.pace.reaches(own.calls, timeout)) throw new StepOverload()
    const came = performance.now()
    const job = new Job({ verb: 'call', id, key, payload, method }, timeout, finish)
    job.onDone = () => {
      own.pace.done(came, performance.now())
      for (const load of [this.#load, own]) take(load, payload, -1)
    }
    for (const load of [this.#load, own]) take(load, payload, 1)
    this.#pair.submit(job)
    const text = await job.result
    return text === '' ? undefined : JSON.parse(text)
  }

  /** Ends all hosts. Calls in flight are refused. */
  close(): Promise<void> {
    return this.#pair.close()
  }

  async #submit(verb: 'open' | 'describe', id: string, key: number, payload: string): Promise<string> {
    if (payload.length > LONGEST_LINE / 2) throw new Error('The processor is too large, with its options.')
    const job = new Job({ verb, id, key, payload }, OPENING, finish)
    this.#pair.submit(job)
    return job.result
  }

  #blame(processor: string, reason: string): void {
    this.#listener({ kind: 'strike', processor, reason })
    if (this.#strikes.add(processor, performance.now())) this.#listener({ kind: 'quarantined', processor, reason })
  }
}

function hasRoom(load: Load, payload: string, limits: HostLimits): boolean {
  return load.calls + 1 <= limits.calls && load.characters + payload.length <= limits.characters
}

function take(load: Load, payload: string, sign: 1 | -1): void {
  load.calls += sign
  load.characters += sign * payload.length
}

/** Turns a host's answer into the end of a job. */
function finish(job: Job, outcome: string, body: string): void {
  switch (outcome) {
    case 'done': return job.succeed(body)
    case 'late': return job.fail(new StepTimeout())
    case 'large': return job.fail(new Error('The processor gave a result that is too large.'))
    case 'threw': return job.fail(new Error(`The processor threw a ${ERROR_NAMES.has(body) ? body : 'Error'}.`))
    case 'closed': return job.fail(new Error('The sandbox is closed.'))
    case 'fatal': return job.fail(new Error(`The processor brought its host down: ${body}.`))
    case 'refused': return job.fail(new StepQuarantined())
  }
  // Only what happens before any traffic is told in the processor's own words.
  job.fail(new Error(job.verb === 'call' ? 'The processor failed.' : `The processor cannot be set up: ${JSON.parse(body)}.`))
}

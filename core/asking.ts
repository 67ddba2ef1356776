// One target is asked, with one of its keys after another, until it has answered or failed; its health and its keys hear of
// it, and each try is written down. Made by fallback.ts; two of them may run side by side (hedge.ts).
import { GatehouseError, type AttemptRecord } from '../sdk/index.ts'
import { discard, type Call, type Source } from './call.ts'
import type { Health } from './health.ts'
import { isRefusal, type Key, type KeyRing } from './keys.ts'
import { isFailure, reasonOf, type Reasons } from './reason.ts'
import type { Credential } from './token.ts'

/** A target as far as asking it goes. */
export interface Tried {
  readonly name: string
  readonly model: string | undefined
  readonly health: Health
  readonly keys: KeyRing
}

/** How a target is asked. */
export interface Trial<T> {
  send(target: T, connection: Credential): Call
  /** What came, as the client is to have it; its status may turn out to be another one. */
  receive(target: T, call: Call): Source | Promise<Source>
  /** Of all that were asked, this one's answer is the one. */
  taken?(target: T): void
}

/** What it needs to know of the request. */
export interface Asked<T> {
  /** The model that the client named; a target may name another. */
  readonly model: string
  /** Where each try is written down. */
  readonly attempts: AttemptRecord[]
  /** The target that is asked, or was the last to be. */
  target: T | undefined
}

/** What else there is to try. */
export interface Others {
  readonly reasons: Reasons
  /** Tries so far. */
  tried: number
  /** True where one more is allowed. */
  readonly mayTry: boolean
  /** True where the request would go on without this target. */
  readonly goesOn: boolean
}

const NONE: readonly Key[] = []
/** What is worth keeping of a connection whose answer nobody wants: bytes to read, and milliseconds to wait for them. */
const REST = { bytes: 64 * 1024, ms: 1000 }

/** A target that is asked. It has a place there already, and gives it back unless it answers. */
export class Asking<T extends Tried> {
  readonly target: T
  readonly #asked: Asked<T>
  readonly #trial: Trial<T>
  readonly #others: Others
  /** The one that runs side by side with it. */
  beside: Asking<T> | undefined
  /** The try that runs, or was the last to. */
  call: Call | undefined
  /** True where an answer is there, as far as its first piece. */
  hasBegun = false
  isOver = false
  /** The answer. */
  source: Source | undefined
  #hasLeft = false
  /** True where the other one's answer is taken. */
  #isOutrun = false
  #record: AttemptRecord | undefined
  #began = 0
  /** True where the breaker waits to hear of this try. */
  #isTrial = false
  #hasFailed = false
  /** The key for another try. */
  #again: Key | undefined
  #spent: readonly Key[] = NONE
  #isRenewed = false

  constructor(target: T, asked: Asked<T>, trial: Trial<T>, others: Others) {
    this.target = target
    this.#asked = asked
    this.#trial = trial
    this.#others = others
  }

  /** Resolves with itself where it has an answer; with undefined where something else can be tried. Rejects with the last failure. */
  async ask(): Promise<this | undefined> {
    try {
      let key = this.target.keys.take(performance.now())
      while (key !== undefined && this.source === undefined && !this.#isOutrun) {
        this.#again = undefined
        this.source = await this.#try(key)
        key = this.#again
      }
      return this.source === undefined ? undefined : this
    } finally {
      this.isOver = true
      if (this.source === undefined) this.#leave()
    }
  }

  cancel(reason: GatehouseError): void {
    this.call?.cancel(reason)
  }

  /** Nobody waits for it any more: the other one's answer is taken. Nothing where it has failed by itself. */
  outrun(): void {
    if (this.#hasLeft) return
    this.#isOutrun = true
    this.#record!.error = 'hedged'
    const now = performance.now()
    this.target.health.outrun(now - this.#began, now)
    this.cancel(new GatehouseError('upstream_error', 'The answer was given up for that of another target.'))
    this.#leave()
  }

  /** The answer to one try; undefined where it is given up for something else. */
  async #try(key: Key): Promise<Source | undefined> {
    const { name, model, health } = this.target
    this.#began = performance.now()
    const record = { provider: name, model: model ?? this.#asked.model, status: 0, error: '', ms: 0 }
    this.#record = record
    this.#asked.attempts.push(record)
    this.#asked.target = this.target
    this.#others.tried++
    this.#hasFailed = false
    this.hasBegun = false
    this.#isTrial = health.begin()
    let latest: Source | undefined
    try {
      const call = this.#trial.send(this.target, key.connection)
      latest = call
      this.call = call
      await call.begun
      this.hasBegun = true
      this.#again = this.#otherKey(key, call)
      if (this.#again !== undefined) {
        record.error = 'key'
        void giveUp(call)
        return undefined
      }
      if (!this.#sendsOn(call, record)) {
        const received = this.#trial.receive(this.target, call)
        latest = received instanceof Promise ? await received : received
        if (latest === call || !this.#sendsOn(latest, record)) {
          this.#succeed()
          return latest
        }
      }
      this.#succeed()
      void giveUp(call)
      return undefined
    } catch (thrown) {
      if (this.#isOutrun) return undefined
      const error = GatehouseError.from(thrown)
      const isOurs = !error.code.startsWith('upstream_')
      if (!isOurs) this.#fail(0)
      record.error = error.code
      // What one target's dialect cannot say, another's may.
      const isReason = isOurs ? error.code === 'untranslatable' : this.#others.reasons.error
      if (isReason && this.#goesOn) return undefined
      throw error
    } finally {
      if (this.#isTrial) health.forget(true)
      record.status = latest?.status ?? 0
      record.ms = performance.now() - this.#began
    }
  }

  /** The key for another try: the same one where its token is renewed, else the next where this one is refused or throttled. */
  #otherKey(key: Key, call: Call): Key | undefined {
    const { status } = call
    const { keys } = this.target
    const now = performance.now()
    if (status === 401 && !this.#isRenewed && key.connection.renew?.(Date.now() - (now - this.#began)) === true) {
      this.#isRenewed = true
      return this.#others.mayTry ? key : undefined
    }
    keys.answered(key, status, now, restAsked(call))
    if (status !== 429 && !isRefusal(status)) return undefined
    this.#spent = [...this.#spent, key]
    return this.#others.mayTry ? keys.take(now, this.#spent) : undefined
  }

  /** True where the answer is given up for another target's. */
  #sendsOn(source: Source, record: AttemptRecord): boolean {
    if (isFailure(source.status)) {
      const { keys } = this.target
      this.#fail(source.status === 429 && keys.areSeveral ? keys.restAt(performance.now()) : restAsked(source))
      record.error = 'upstream_error'
    }
    const reason = reasonOf(source, this.#others.reasons)
    if (reason === undefined || !this.#goesOn) return false
    record.error = reason
    return true
  }

  get #goesOn(): boolean { return this.beside?.isOver === false || this.#others.goesOn }

  /** An answer like any, or one that is given up for what it says. */
  #succeed(): void {
    if (this.#hasFailed) return
    const now = performance.now()
    this.target.health.succeed(now - this.#began, now)
    this.#isTrial = false
  }

  /** An error status whose body breaks off is one failure. */
  #fail(rest: number): void {
    if (!this.#hasFailed) this.target.health.fail(performance.now(), this.#isTrial, rest)
    this.#hasFailed = true
    this.#isTrial = false
  }

  #leave(): void {
    if (this.#hasLeft) return
    this.#hasLeft = true
    this.target.health.leave()
  }
}

/** What a target asks for in its headers: seconds, or a date (RFC 9110 section 10.2.3). In milliseconds. */
function restAsked({ headers }: Source): number {
  const told = headers['retry-after']
  // Nearly no answer has it, and reading dates costs more than all else here.
  if (told === undefined) return 0
  const after = String(told)
  if (/^\d{1,6}(?:\.\d+)?$/.test(after)) return Number(after) * 1000
  const date = Date.parse(after)
  return Number.isNaN(date) ? 0 : Math.max(0, date - Date.now())
}

/** Reads the rest of an answer, so that its connection can serve again; one that is long or slow is cut instead. */
async function giveUp(call: Call): Promise<void> {
  const unwanted = new GatehouseError('upstream_error', 'The answer was given up for that of another target.')
  const timer = setTimeout(() => call.cancel(unwanted), REST.ms)
  await discard(call, REST.bytes)
  clearTimeout(timer)
}

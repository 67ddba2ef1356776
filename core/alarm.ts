// Timeouts that nearly never go off: a request's deadline, the silence of an upstream. Used by context.ts and call.ts.
// Node's own timers cost a microsecond or two each to make and to clear, and a request has several. An alarm costs two
// assignments; all alarms of a process share one timer, which looks at them every few milliseconds.
import { Roster, type Member } from './roster.ts'

/** Milliseconds between looks: an alarm is late by at most so much, and never early. */
const TICK = 20

/** What the shared timer sees of an alarm. */
interface Looks extends Member {
  look(now: number): void
}

/** The alarms of one gateway, and the timer that they share. */
export class Alarms {
  readonly #set = new Roster<Looks>()
  #timer: NodeJS.Timeout | undefined

  enter(alarm: Looks): void {
    this.#set.enter(alarm)
    this.#timer ??= setInterval(() => this.#look(), TICK)
  }

  leave(alarm: Looks): void {
    this.#set.leave(alarm)
  }

  #look(): void {
    const now = performance.now()
    for (const alarm of this.#set) alarm.look(now)
    if (this.#set.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

/** A timeout that can be set again and again, and goes off once each time. */
export class Alarm<T> implements Looks {
  /** Its place among the alarms that are set. Belongs to the roster. */
  place = -1
  #due = 0
  readonly #alarms: Alarms
  readonly #owner: T
  readonly #ring: (owner: T, alarm: Alarm<T>) => void

  constructor(alarms: Alarms, owner: T, ring: (owner: T, alarm: Alarm<T>) => void) {
    this.#alarms = alarms
    this.#owner = owner
    this.#ring = ring
  }

  get isSet(): boolean { return this.place !== -1 }

  /** Goes off in so many milliseconds, whatever it was set to before. */
  set(ms: number): void {
    this.#due = performance.now() + ms
    if (this.place === -1) this.#alarms.enter(this)
  }

  /** Does not go off any more. */
  clear(): void {
    if (this.place !== -1) this.#alarms.leave(this)
  }

  look(now: number): void {
    if (this.place === -1 || this.#due > now) return
    this.clear()
    this.#ring(this.#owner, this)
  }
}

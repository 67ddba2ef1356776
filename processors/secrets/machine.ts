// Runs a pattern over a stretch of text, all of its readings at once (Thompson 1968): its time is that of text times pattern,
// whatever they are. And it tells what RegExp does not: that the end of the text came first, and where a secret had begun
// by then; a stream is held by that. Called by rule.ts.
import type { Budget } from './budget.ts'
import { EDGE, EDGES, MATCH, SAVE, SPLIT, TAKE, type Program } from './program.ts'
import { BEYOND } from './syntax.ts'

/** Nothing matches; something does; or the text ends before that is known. */
export const NONE = 0
export const FOUND = 1
export const OPEN = 2

type State = typeof NONE | typeof FOUND | typeof OPEN
type Slots = readonly number[]

/** Where to look. */
export interface Stretch {
  /** A match begins in `[from, to]`. */
  readonly from: number
  readonly to: number
  /** What is the secret of it begins at `soon` at the latest. */
  readonly soon: number
  /** It ends at `end` at the latest. */
  readonly end: number
  /** True where the end of the text is its end; else more may follow. */
  readonly final: boolean
  readonly budget: Budget
}

/** A program with what it needs to run. Nothing of one run is seen by the next. */
export class Machine {
  readonly #program: Program
  /** Slots where the secret may begin. */
  readonly #begins: readonly number[]
  readonly #empty: Slots
  /** The round in which an instruction was met last. Rounds are one a code unit, for as long as the process lives. */
  readonly #met: Float64Array
  #round = 0
  /** Readings, the preferred first: where they stand, and what they kept. `next` are those behind the code unit just taken. */
  #at: Int32Array
  #kept: Slots[] = []
  #count = 0
  #nextAt: Int32Array
  #nextKept: Slots[] = []
  #nextCount = 0
  #best: Slots | undefined
  #bestEnd = 0
  #text = ''
  /** Instructions met at one place. */
  #steps = 0

  /** `groups` are those that may be the secret; where there are none, it is all of the match. */
  constructor(program: Program, groups: readonly number[]) {
    const size = program.op.length
    this.#program = program
    this.#begins = groups.length === 0 ? [0] : groups.map(group => 2 * group)
    this.#empty = Array<number>(program.slots).fill(-1)
    this.#met = new Float64Array(size)
    this.#at = new Int32Array(size)
    this.#nextAt = new Int32Array(size + 1)
  }

  /** After FOUND, the match: begin and end of the whole, then of each group, -1 for one that took no part. */
  get match(): Slots { return this.#best!.with(1, this.#bestEnd) }

  /** After OPEN, where the first secret of the readings that are under way begins; Infinity where none has begun. */
  get begun(): number {
    const readings = [...this.#nextKept.slice(0, this.#nextCount), ...(this.#best === undefined ? [] : [this.#best])]
    return Math.min(Infinity, ...readings.flatMap(kept => this.#begins.map(slot => kept[slot]!)).filter(start => start >= 0))
  }

  /** The leftmost match, the preferred one of those. */
  run(text: string, stretch: Stretch): State {
    this.#text = text
    try {
      return this.#read(text, stretch)
    } finally {
      // No text is kept longer than it is read.
      this.#text = ''
    }
  }

  #read(text: string, { from, to, soon, end, final, budget }: Stretch): State {
    const { first, start, op, a, b, sets } = this.#program
    this.#best = undefined
    this.#nextCount = 0
    const last = Math.min(text.length, end)
    for (let at = Math.max(0, from); ; at++) {
      if (this.#nextCount === 0) {
        if (this.#best !== undefined) return FOUND
        while (at <= to && at < last && first[unitAt(text, at)] === 0) at++
        if (at > to || at >= last) return NONE
      }
      if (at > soon) this.#dropTheLate()
      if (at === text.length && !final && this.#nextCount > 0) return OPEN
      this.#settle(at)
      const begins = this.#best === undefined && at <= to && at < last && first[unitAt(text, at)] === 1
      if (begins) this.#follow(start, this.#empty.with(0, at), at)
      budget.spend(1 + this.#steps)
      this.#nextCount = 0
      if (at >= last) return this.#best === undefined ? NONE : FOUND
      const unit = unitAt(text, at)
      for (let i = 0; i < this.#count; i++) {
        const instruction = this.#at[i]!
        if (op[instruction] !== TAKE || sets[a[instruction]!]![unit] === 0) continue
        this.#nextAt[this.#nextCount] = b[instruction]!
        this.#nextKept[this.#nextCount++] = this.#kept[i]!
      }
    }
  }

  /** Ends the readings whose secret has not begun. */
  #dropTheLate(): void {
    let count = 0
    for (let i = 0; i < this.#nextCount; i++) {
      const kept = this.#nextKept[i]!
      if (!this.#begins.some(slot => kept[slot]! >= 0)) continue
      this.#nextAt[count] = this.#nextAt[i]!
      this.#nextKept[count++] = kept
    }
    this.#nextCount = count
  }

  /** Leads the readings to where they take something. One that is complete ends those that are less preferred. */
  #settle(at: number): void {
    this.#round++
    this.#steps = 0
    this.#count = 0
    for (let i = 0; i < this.#nextCount; i++) {
      if (this.#follow(this.#nextAt[i]!, this.#nextKept[i]!, at)) return
    }
  }

  /** True where the reading is complete. */
  #follow(instruction: number, kept: Slots, at: number): boolean {
    this.#steps++
    if (this.#met[instruction] === this.#round) return false
    this.#met[instruction] = this.#round
    const { op, a, b } = this.#program
    const first = a[instruction]!
    const second = b[instruction]!
    switch (op[instruction]) {
      case SPLIT: return this.#follow(first, kept, at) || this.#follow(second, kept, at)
      case SAVE: return this.#follow(second, saved(kept, first, at), at)
      case EDGE: return this.#holds(first, at) && this.#follow(second, kept, at)
      case MATCH:
        this.#best = kept
        this.#bestEnd = at
        return true
      default:
        this.#at[this.#count] = instruction
        this.#kept[this.#count++] = kept
        return false
    }
  }

  #holds(edge: number, at: number): boolean {
    const text = this.#text
    switch (EDGES[edge]!) {
      case 'start': return at === 0
      case 'end': return at === text.length
      case 'line-start': return at === 0 || text[at - 1] === '\n'
      case 'line-end': return at === text.length || text[at] === '\n'
      case 'word': return !isWithin(text, at)
      case 'no-word': return isWithin(text, at)
    }
  }
}

/** `with` does the same, and takes several times as long. */
function saved(kept: Slots, slot: number, at: number): Slots {
  const all = kept.slice()
  all[slot] = at
  return all
}

/** The code unit at an offset, as sets have it. */
export function unitAt(text: string, at: number): number {
  const unit = text.charCodeAt(at)
  return unit < BEYOND ? unit : BEYOND
}

/** True for an offset within a word, or within what is none. */
export const isWithin = (text: string, at: number): boolean => isWord(text.charCodeAt(at - 1)) === isWord(text.charCodeAt(at))

/** Letter, digit or underscore; false beyond either end. */
const isWord = (unit: number): boolean =>
  (unit >= 48 && unit <= 57) || ((unit | 32) >= 97 && (unit | 32) <= 122) || unit === 95

// Says fast that a pattern does not match: most places with a keyword are prose. It remembers which readings lead to which
// (a deterministic automaton, made as texts ask for it), forgets the edges, and leaves what passes to machine.ts. Called by
// rule.ts.
import { EDGE, EDGES, MATCH, type Program, SPLIT, TAKE } from './program.ts'
import { isWithin, type Stretch, unitAt } from './machine.ts'
import { BEYOND } from './syntax.ts'

/** Readings under way at one place, as a state of the automaton. */
interface State {
  readonly taking: readonly number[]
  /** What it costs to go on from here: more than a look at `next`, less than to make that. */
  readonly steps: number
  /** True where a match is complete. */
  readonly matches: boolean
  /** True where one would be if the text ended here. */
  readonly matchesEnd: boolean
  /** True where a secret may have begun. */
  readonly holds: boolean
  /** The next state by column; undefined where no text has asked for it. */
  readonly next: (State | undefined)[]
  /** The state where a match may begin here as well. */
  begun?: State
}

/** States that are remembered at most; then it begins anew. */
const MOST_STATES = 1024
const END = EDGES.indexOf('end')

/** A program with the states that texts have led to. What it says depends on the text alone. */
export class Sieve {
  readonly #program: Program
  /** Column of a code unit: units that no set of the program tells apart have the same. */
  readonly #columns: Uint8Array
  /** A code unit of each column. */
  readonly #units: readonly number[]
  readonly #states = new Map<string, State>()
  /** The state before anything has begun. */
  #none: State | undefined
  readonly #inSecret: ReadonlySet<number>

  /** `inSecret` are the instructions behind which a secret may have begun. */
  constructor(program: Program, inSecret: ReadonlySet<number>) {
    this.#program = program
    this.#inSecret = inSecret
    const patterns = Array.from({ length: BEYOND + 1 }, (_, unit) => program.sets.map(set => set[unit]).join(''))
    const distinct = [...new Set(patterns)]
    this.#columns = Uint8Array.from(patterns, pattern => distinct.indexOf(pattern))
    this.#units = distinct.map(pattern => patterns.indexOf(pattern))
  }

  /**
   * False where nothing in the stretch matches, nor would if the text went on; and where the text ends, or comes to `soon`,
   * before the secret of anything has begun.
   */
  passes(text: string, { from, to, soon, final, budget }: Stretch): boolean {
    const { first, start, atWord } = this.#program
    const last = Math.min(text.length, soon)
    let state = this.#none ??= this.#state([])
    for (let at = Math.max(0, from); at < last; at++) {
      const unit = unitAt(text, at)
      const begins = at <= to && first[unit] === 1 && !(atWord && isWithin(text, at))
      if (begins) state = state.begun ??= this.#state([...state.taking, start])
      budget.spend(state.steps)
      if (state.taking.length === 0) {
        if (at >= to) return false
        continue
      }
      const column = this.#columns[unit]!
      state = state.next[column] ??= this.#after(state, this.#units[column]!)
      if (state.matches) return true
    }
    return last < text.length ? state.holds : state.matchesEnd || (state.holds && !final)
  }

  #after({ taking }: State, unit: number): State {
    const { a, b, sets } = this.#program
    return this.#state(taking.filter(at => sets[a[at]!]![unit] === 1).map(at => b[at]!))
  }

  #state(from: readonly number[]): State {
    const { op, a } = this.#program
    const met = new Set(from)
    this.#spread(met, at => op[at] !== EDGE || a[at] !== END)
    const taking = [...met].filter(at => op[at] === TAKE).toSorted((x, y) => x - y)
    const matches = [...met].some(at => op[at] === MATCH)
    this.#spread(met, () => true)
    const matchesEnd = [...met].some(at => op[at] === MATCH)
    const key = `${taking.join()} ${matches} ${matchesEnd}`
    const known = this.#states.get(key)
    if (known !== undefined) return known
    if (this.#states.size >= MOST_STATES) {
      this.#states.clear()
      // From there, all that is forgotten could still be reached.
      this.#none = undefined
    }
    const holds = taking.some(at => this.#inSecret.has(at))
    const steps = 1 + Math.floor(taking.length / 8)
    const next = Array<State | undefined>(this.#units.length).fill(undefined)
    const state: State = { taking, steps, matches, matchesEnd, holds, next }
    this.#states.set(key, state)
    return state
  }

  /** Adds what is met without taking anything, beyond what may be passed. */
  #spread(met: Set<number>, mayPass: (at: number) => boolean): void {
    const { op, a, b } = this.#program
    for (const at of met) {
      if (!mayPass(at)) continue
      if (op[at] === SPLIT) met.add(a[at]!)
      if (op[at] !== TAKE && op[at] !== MATCH) met.add(b[at]!)
    }
  }
}

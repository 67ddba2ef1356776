// Where in the matches of a pattern its keywords stand: how far back a match may have begun when a keyword is met. Called by
// rule.ts, once for each pattern.
import { MATCH, type Program, SPLIT, TAKE } from './program.ts'
import { count } from './syntax.ts'

/** Where a keyword stands. */
export interface Spot {
  /** How far into a match it may begin, at most. */
  readonly into: number
  /** True where the secret may have begun before the keyword ends. */
  readonly leading: boolean
}

/** A set of more than these is no letter any more, whatever its case. */
const FEW = 8

/**
 * The keywords by which matches are met, up to `most` code units into them; undefined for one that is no part of them. Left out
 * are those that only come behind another. `inSecret` are the instructions behind which the secret may have begun.
 */
export function spotsOf(
  program: Program, inSecret: ReadonlySet<number>, keywords: readonly string[], most: number,
): Map<string, Spot | undefined> {
  const walk = new Walk(program)
  const places = [...program.op.keys()].filter(at => program.op[at] === TAKE)
  const begins = new Map(keywords.map(keyword => [keyword, places.filter(at => walk.spell(at, keyword).length > 0)]))
  const into = walk.into(most, new Set([...begins.values()].flat()))
  return new Map([...begins].flatMap(([keyword, all]): [string, Spot | undefined][] => {
    const met = all.filter(at => into[at]! >= 0)
    if (met.length === 0) return all.length === 0 ? [[keyword, undefined]] : []
    const leading = met.some(at => walk.spell(at, keyword).some(one => inSecret.has(one)))
    return [[keyword, { into: Math.max(...met.map(at => into[at]!)), leading }]]
  }))
}

class Walk {
  readonly #program: Program
  /** The round in which an instruction was met last. */
  readonly #met: Int32Array
  #round = 0

  constructor(program: Program) {
    this.#program = program
    this.#met = new Int32Array(program.op.length)
  }

  /** How far into a match each instruction may be, at most; -1 where it is never met so early, or only behind one of `ends`. */
  into(most: number, ends: ReadonlySet<number>): Int32Array {
    const into = new Int32Array(this.#met.length).fill(-1)
    let here = this.#ahead([this.#program.start])
    for (let far = 0; far <= most && here.length > 0; far++) {
      for (const at of here) into[at] = far
      const next = this.#ahead(here.filter(at => !ends.has(at)).map(at => this.#program.b[at]!))
      // Nothing but loops is left: what is met now is met ever after.
      const settled = next.length === here.length && next.every((at, index) => at === here[index])
      if (settled) for (const at of here) into[at] = most
      here = settled ? [] : next
    }
    return into
  }

  /** The instructions that spell the keyword from one of them on; none where they merely allow it: `\w{8}` spells nothing. */
  spell(begin: number, keyword: string): number[] {
    const { a, b, sets } = this.#program
    const spelling: number[] = []
    let here = [begin]
    let loose = 0
    for (let i = 0; i < keyword.length; i++) {
      const [letter, capital] = [keyword.charCodeAt(i), keyword.toUpperCase().charCodeAt(i)]
      const sizes = here.map(at => sets[a[at]!]!).map(set => set[letter] === 1 || set[capital] === 1 ? count(set) : Infinity)
      const least = Math.min(...sizes)
      if (least === Infinity || (least > FEW && (i === 0 || 4 * ++loose > keyword.length))) return []
      const fitting = here.filter((_, index) => sizes[index]! < Infinity)
      spelling.push(...fitting)
      here = this.#ahead(fitting.map(at => b[at]!))
    }
    return spelling
  }

  /** What takes something next, from these instructions on; edges left aside. */
  #ahead(from: readonly number[]): number[] {
    const { op, a, b } = this.#program
    const taking: number[] = []
    const left = [...from]
    this.#round++
    for (let at = left.pop(); at !== undefined; at = left.pop()) {
      if (this.#met[at] === this.#round) continue
      this.#met[at] = this.#round
      if (op[at] === TAKE) taking.push(at)
      else if (op[at] !== MATCH) left.push(b[at]!)
      if (op[at] === SPLIT) left.push(a[at]!)
    }
    return taking
  }
}

// A pattern as instructions for machine.ts, and what can be said of it before any text is seen: what it may begin with, and
// where in its matches a keyword stands. Called by rule.ts, once for each pattern.
import { BEYOND, readPattern, type CodeSet, type Edge, type Node } from './syntax.ts'

/** What an instruction does; `a` and `b` are its operands. */
export const MATCH = 0
/** Takes a code unit of the set `a`, goes on at `b`. */
export const TAKE = 1
/** Goes on at `a`, and at `b` if that leads nowhere. */
export const SPLIT = 2
/** Keeps the place as slot `a`, goes on at `b`. */
export const SAVE = 3
/** Goes on at `b` where the edge `a` holds. */
export const EDGE = 4

/** The edges by their number. */
export const EDGES: readonly Edge[] = ['start', 'end', 'line-start', 'line-end', 'word', 'no-word']

/** A pattern, compiled. */
export interface Program {
  readonly op: Uint8Array
  readonly a: Int32Array
  readonly b: Int32Array
  readonly sets: readonly CodeSet[]
  readonly start: number
  /** What a match may begin with. */
  readonly first: CodeSet
  /** True where it begins with `\b`. */
  readonly atWord: boolean
  /** Slots to keep: two for the whole, two for each group. */
  readonly slots: number
  /**
   * Groups that may be the secret: neither named, which only labels, nor repeated, which would be its last round. One of them
   * takes part in every match.
   */
  readonly groups: readonly number[]
  /** What was taken off the beginning because it may be missing: it only says how far back the match reaches. */
  readonly lead: Lead
}

/** Up to `most` code units of a set. */
export interface Lead {
  readonly set: CodeSet
  readonly most: number
}

const NO_LEAD: Lead = { set: new Uint8Array(BEYOND + 1), most: 0 }
const LARGEST = 5000
/** Parts, counted as often as they repeat: some of them are no instruction. */
const MOST_PARTS = 4 * LARGEST
const MOST_LEAD = 100

/** Compiles a pattern. Throws a plain sentence where it is none, where it is too large, or where nothing at all matches it. */
export function compile(source: string): Program {
  const { node, groups } = readPattern(source)
  const candidates = always(node) ? secretGroups(node) : []
  // Where the whole match is the secret, its beginning is not to be guessed.
  const { lead, rest } = candidates.length === 0 ? { lead: NO_LEAD, rest: node } : split(node)
  const writer = new Writer()
  const start = writer.write(rest, writer.emit(MATCH, 0, 0))
  const program = writer.program(start, 2 * groups + 2, candidates, lead)
  const matchesEmpty = closure(program, [start]).some(at => program.op[at] === MATCH)
  if (matchesEmpty) throw new Error('expected a pattern that no empty text matches')
  return program
}

/** Takes what may be missing off the beginning: with it, a match would be tried from each letter before the one that counts. */
function split(node: Node): { lead: Lead; rest: Node } {
  const [first, ...others] = node.kind === 'sequence' ? node.of : []
  if (first?.kind === 'repeat' && first.of.kind === 'set' && first.least === 0 && first.most <= MOST_LEAD) {
    const { lead, rest } = split({ kind: 'sequence', of: others })
    return { lead: { set: first.of.set, most: Math.min(MOST_LEAD, first.most + lead.most) }, rest }
  }
  if (first?.kind !== 'sequence') return { lead: NO_LEAD, rest: node }
  const { lead, rest } = split(first)
  return { lead, rest: { kind: 'sequence', of: [rest, ...others] } }
}

function secretGroups(node: Node): number[] {
  switch (node.kind) {
    case 'group': return [...(node.named ? [] : [node.index]), ...secretGroups(node.of)]
    case 'repeat': return node.most > 1 ? [] : secretGroups(node.of)
    case 'sequence': case 'choice': return node.of.flatMap(secretGroups)
    default: return []
  }
}

/** True where a group that may be the secret takes part in every match; else all of the match has to be. */
function always(node: Node): boolean {
  switch (node.kind) {
    case 'group': return !node.named || always(node.of)
    case 'repeat': return node.least === 1 && node.most === 1 && always(node.of)
    case 'sequence': return node.of.some(always)
    case 'choice': return node.of.every(always)
    default: return false
  }
}

/** Writes instructions from the last to the first, so that each knows where it goes on. */
class Writer {
  readonly #op: number[] = []
  readonly #a: number[] = []
  readonly #b: number[] = []
  readonly #sets: CodeSet[] = []
  #parts = 0

  /** Instructions for a node that go on at `next`; returns where they begin. */
  write(node: Node, next: number): number {
    if (++this.#parts > MOST_PARTS) this.#refuse()
    switch (node.kind) {
      case 'set': return this.emit(TAKE, this.#sets.push(node.set) - 1, next)
      case 'edge': return this.emit(EDGE, EDGES.indexOf(node.edge), next)
      case 'sequence': return node.of.reduceRight((after, part) => this.write(part, after), next)
      case 'choice':
        return node.of.map(part => this.write(part, next)).reduceRight((after, part) => this.emit(SPLIT, part, after))
      case 'group': return this.emit(SAVE, 2 * node.index, this.write(node.of, this.emit(SAVE, 2 * node.index + 1, next)))
      case 'repeat': {
        let at = node.most === Infinity ? this.#loop(node, next) : next
        const choices = node.most === Infinity ? 0 : node.most - node.least
        for (let i = 0; i < choices; i++) at = this.#choose(node.greedy, this.write(node.of, at), next)
        for (let i = 0; i < node.least; i++) at = this.write(node.of, at)
        return at
      }
    }
  }

  #loop({ of, greedy }: { of: Node; greedy: boolean }, next: number): number {
    const loop = this.#choose(greedy, 0, next)
    const body = this.write(of, loop)
    if (greedy) this.#a[loop] = body
    else this.#b[loop] = body
    return loop
  }

  #choose(greedy: boolean, more: number, next: number): number {
    return greedy ? this.emit(SPLIT, more, next) : this.emit(SPLIT, next, more)
  }

  emit(op: number, a: number, b: number): number {
    if (this.#op.length === LARGEST) this.#refuse()
    this.#a.push(a)
    this.#b.push(b)
    return this.#op.push(op) - 1
  }

  #refuse(): never {
    throw new Error('expected a pattern with fewer repeats')
  }

  program(start: number, slots: number, groups: readonly number[], lead: Lead): Program {
    const op = Uint8Array.from(this.#op)
    const code: Code = { op, a: Int32Array.from(this.#a), b: Int32Array.from(this.#b), sets: this.#sets }
    const first = new Uint8Array(BEYOND + 1)
    for (const at of closure(code, [start])) {
      if (code.op[at] === TAKE) code.sets[code.a[at]!]!.forEach((member, unit) => { first[unit]! |= member })
    }
    const atWord = code.op[start] === EDGE && EDGES[code.a[start]!] === 'word'
    return { ...code, start, slots, groups, lead, first, atWord }
  }
}

type Code = Pick<Program, 'op' | 'a' | 'b' | 'sets'>

/** What may be met from these instructions on without taking anything, edges left aside. */
function closure({ op, a, b }: Code, from: Iterable<number>): number[] {
  const met = new Set(from)
  for (const at of met) {
    if (op[at] === SPLIT) met.add(a[at]!).add(b[at]!)
    if (op[at] === SAVE || op[at] === EDGE) met.add(b[at]!)
  }
  return [...met].filter(at => op[at] === MATCH || op[at] === TAKE)
}

/** The instructions behind which the secret may have begun: all of them where there are no groups, so that the match is it. */
export function insideSecret({ op, a, b, start }: Program, groups: readonly number[]): Set<number> {
  const begins = [...op.keys()].filter(at => op[at] === SAVE && groups.includes(a[at]! / 2))
  const met = new Set(groups.length === 0 ? [start] : begins)
  for (const at of met) {
    if (op[at] === SPLIT) met.add(a[at]!)
    if (op[at] !== MATCH) met.add(b[at]!)
  }
  return met
}

// A rule: a pattern, tried only around its keywords, and what a match must show to be taken for a secret. Whether a secret is
// found depends on a bounded stretch of text around one keyword, so that a stream says what the whole text says. Made by
// built-in.ts and rules-file.ts; called by finder.ts.
import type { Budget } from './budget.ts'
import { ANYWHERE, APART, isGlued, NOWHERE } from './keywords.ts'
import { FOUND, Machine, OPEN, type Stretch } from './machine.ts'
import { compile, insideSecret, type Program } from './program.ts'
import { Sieve } from './sieve.ts'
import { type Spot, spotsOf } from './spots.ts'

/** What a rule is made of. */
export interface Recipe {
  /** What is found, for records and metrics. */
  readonly type: string
  /** In the syntax of RE2. */
  readonly pattern: string
  /** One of them has to stand in a match, or up to NEAR code units before it. Any case. */
  readonly keywords: readonly string[]
  /** The group that is the secret; left out, the first that takes part, or all of the match. */
  readonly group?: number
  /** True where a match that begins with its keyword must not stand behind a letter, a digit, `_` or `-`. */
  readonly apart?: boolean
  /** Shannon entropy that the secret must exceed, in bits a character. */
  readonly entropy?: number
  readonly score?: number
  readonly allow?: readonly Allow[]
}

/** What is no secret after all. */
export interface Allow {
  readonly patterns?: readonly string[]
  /** Found anywhere in the secret, in any case. */
  readonly words?: readonly string[]
  /** What the patterns are matched with. Default `secret`. */
  readonly target?: 'secret' | 'match' | 'line'
  /** True where both a pattern and a word must be there. */
  readonly both?: boolean
}

/** Where a secret stands. Offsets are UTF-16 code units. */
export interface Secret {
  readonly start: number
  readonly end: number
}

/** Where matches begin, from a keyword: `[from, to]`. */
export interface Place {
  readonly from: number
  readonly to: number
  /** Where the secret may have begun before the keyword ends. */
  readonly leads: typeof NOWHERE | typeof APART | typeof ANYWHERE
}

/** How a text is read: `final` is false where it may go on. */
export type How = Pick<Stretch, 'final' | 'budget'>

/** A match begins so far before its keyword at most; behind it, where the keyword is no part of the pattern. In code units. */
const INTO = 512
const NEAR = 256
/** A secret begins so soon behind its keyword, or not at all. */
const SOON = 400
/** A match is read so far behind its keyword: twice the length of an RSA key of 4096 bits. */
const REACH = 7680
/** As much of a line as counts on either side of a secret. */
const LINE = 256

const KEYWORD = /^[\0-\x7f]{2,64}$/

/** What a finding depends on, for the stream: back to INTO before a keyword that stands SOON before the secret, and its lead. */
export const BOUNDS = { maxMatch: INTO + REACH, lookbehind: 1024, lookahead: LINE + 1 } as const

/** A rule, compiled. */
export class Rule {
  readonly type: string
  readonly score: number
  /** Lower case, each with where its matches begin. */
  readonly keywords: ReadonlyMap<string, Place>
  readonly #program: Program
  readonly #sieve: Sieve
  readonly #machine: Machine
  readonly #groups: readonly number[]
  readonly #apart: boolean
  readonly #entropy: number
  readonly #allowances: readonly Allowance[]
  readonly #readsLine: boolean

  /** Throws a plain sentence where the recipe does not make a rule. */
  constructor({ type, pattern, keywords, group = 0, apart = false, entropy = 0, score = 1, allow = [] }: Recipe) {
    this.type = type
    this.score = score
    this.#program = compile(pattern)
    if (!Number.isInteger(group) || group < 0 || 2 * group + 2 > this.#program.slots) throw new Error(`expected a pattern with a group ${group}`)
    this.#groups = group > 0 ? [group] : this.#program.groups
    if (keywords.length === 0) throw new Error('expected keywords, since a rule is tried around them alone')
    if (!keywords.every(keyword => KEYWORD.test(keyword))) throw new Error('expected keywords of 2 to 64 characters of ASCII')
    const inSecret = insideSecret(this.#program, this.#groups)
    const spots = spotsOf(this.#program, inSecret, keywords.map(keyword => keyword.toLowerCase()), INTO)
    this.keywords = new Map([...spots].map(([keyword, spot]) => [keyword, placeOf(spot, apart)]))
    this.#sieve = new Sieve(this.#program, inSecret)
    this.#machine = new Machine(this.#program, this.#groups)
    this.#apart = apart
    this.#entropy = entropy
    this.#allowances = allow.map(one => new Allowance(one))
    this.#readsLine = allow.some(({ target }) => target === 'line')
  }

  /**
   * Tells the secrets around a keyword that stands at an offset. Without `final`, the text may go on, and what comes back is
   * the offset from which a secret may still come of it; Infinity where that is decided.
   */
  search(text: string, at: number, { from, to }: Omit<Place, 'leads'>, how: How, tell: (secret: Secret) => void): number {
    const { final, budget } = how
    if (this.#apart && from === 0 && isGlued(text, at)) return Infinity
    const stretch = { from: at + from, to: at + to, soon: at + SOON, end: at + REACH, final, budget }
    while (stretch.from <= stretch.to && this.#sieve.passes(text, stretch)) {
      const state = this.#machine.run(text, stretch)
      if (state === OPEN) return this.#machine.begun
      if (state !== FOUND) break
      const { match } = this.#machine
      const secret = this.#secretOf(match)
      if (secret !== undefined && secret.start <= at + SOON) {
        if (!final && this.#readsLine && lineEnd(text, secret.end) === text.length) return secret.start
        if (this.#isSecret(text, match, secret, budget)) tell(secret)
      }
      stretch.from = match[1]!
    }
    return Infinity
  }

  #secretOf(match: readonly number[]): Secret | undefined {
    const group = this.#groups.length === 0 ? 0 : this.#groups.find(one => match[2 * one + 1]! > match[2 * one]!)
    return group === undefined ? undefined : { start: match[2 * group]!, end: match[2 * group + 1]! }
  }

  #isSecret(text: string, match: readonly number[], { start, end }: Secret, budget: Budget): boolean {
    const secret = text.slice(start, end)
    if (this.#entropy > 0 && entropyOf(secret) <= this.#entropy) return false
    const { lead } = this.#program
    return !this.#allowances.some(allowance => allowance.holds(secret, {
      secret: () => secret,
      match: () => text.slice(reachBack(text, match[0]!, lead), match[1]),
      line: () => text.slice(lineStart(text, start), lineEnd(text, end)),
    }, budget))
  }
}

function placeOf(spot: Spot | undefined, apart: boolean): Place {
  if (spot === undefined) return { from: 0, to: NEAR, leads: NOWHERE }
  return { from: -spot.into, to: 0, leads: !spot.leading ? NOWHERE : apart && spot.into === 0 ? APART : ANYWHERE }
}

/** One allowance, compiled. */
class Allowance {
  readonly #patterns: readonly Machine[]
  readonly #words: readonly string[]
  readonly #target: 'secret' | 'match' | 'line'
  readonly #both: boolean

  constructor({ patterns = [], words = [], target = 'secret', both = false }: Allow) {
    this.#patterns = patterns.map(pattern => new Machine(compile(pattern), []))
    this.#words = words.map(word => word.toLowerCase())
    this.#target = target
    this.#both = both
  }

  holds(secret: string, targets: Readonly<Record<'secret' | 'match' | 'line', () => string>>, budget: Budget): boolean {
    const lower = secret.toLowerCase()
    const hasWord = this.#words.some(word => lower.includes(word))
    if (this.#patterns.length === 0 || hasWord !== this.#both) return hasWord
    const target = targets[this.#target]()
    const { length } = target
    const stretch = { from: 0, to: length, soon: length, end: length, final: true, budget }
    return this.#patterns.some(machine => machine.run(target, stretch) === FOUND)
  }
}

/** Shannon entropy, in bits a code unit. */
function entropyOf(text: string): number {
  const counts = new Map<number, number>()
  for (let i = 0; i < text.length; i++) counts.set(text.charCodeAt(i), (counts.get(text.charCodeAt(i)) ?? 0) + 1)
  return counts.values().reduce((sum, count) => sum - count / text.length * Math.log2(count / text.length), 0)
}

/** Where a match begins with the lead that was taken off its pattern. */
function reachBack(text: string, start: number, { set, most }: Program['lead']): number {
  let at = start
  while (at > 0 && start - at < most && set[Math.min(text.charCodeAt(at - 1), set.length - 1)] === 1) at--
  return at
}

function lineStart(text: string, at: number): number {
  const begin = Math.max(0, at - LINE)
  return begin + text.slice(begin, at).lastIndexOf('\n') + 1
}

function lineEnd(text: string, at: number): number {
  const found = text.slice(at, at + LINE).indexOf('\n')
  return found === -1 ? Math.min(text.length, at + LINE) : at + found
}

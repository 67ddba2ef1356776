// Reads a pattern of RE2, the syntax that rules of gitleaks are written in, into a tree. What it does not know it refuses by
// name: a rule must never mean something else here than where it was written. Called by program.ts.

/** Which code units a place takes: one entry for each of ASCII, the last for all beyond. */
export type CodeSet = Uint8Array

/** What stands between two code units. */
export type Edge = 'start' | 'end' | 'line-start' | 'line-end' | 'word' | 'no-word'

/** A pattern, read. */
export type Node =
  | { readonly kind: 'set'; readonly set: CodeSet }
  | { readonly kind: 'edge'; readonly edge: Edge }
  | { readonly kind: 'sequence'; readonly of: readonly Node[] }
  | { readonly kind: 'choice'; readonly of: readonly Node[] }
  /** `most` may be Infinity. */
  | { readonly kind: 'repeat'; readonly of: Node; readonly least: number; readonly most: number; readonly greedy: boolean }
  | { readonly kind: 'group'; readonly of: Node; readonly index: number; readonly named: boolean }

/** Where a set keeps what lies beyond ASCII. */
export const BEYOND = 128
const SIZE = 129
/** As RE2 has it. */
const MOST_REPEATS = 1000
const DEEPEST = 100

const DIGITS = '0-9'
const WORD = '0-9A-Za-z_'
const SPACE = '\t\n\f\r '
const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z', alpha: 'A-Za-z', ascii: '\0-\x7f', blank: '\t ', cntrl: '\0-\x1f\x7f', digit: DIGITS, graph: '!-~',
  lower: 'a-z', print: ' -~', punct: '!-/:-@[-`{-~', space: '\t-\r ', upper: 'A-Z', word: WORD, xdigit: '0-9A-Fa-f',
}
const CLASSES: Readonly<Record<string, string>> = { d: DIGITS, w: WORD, s: SPACE }
const CONTROLS: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f', v: '\v', a: '\x07' }
const EDGES: Readonly<Record<string, Edge>> = { A: 'start', z: 'end', b: 'word', B: 'no-word' }

const QUANTIFIER = /[*+?]|\{(\d+)(?:(,)(\d*))?\}/y
const GROUP = /\?(?:P?<(\w+)>|([A-Za-z]*)(?:-([A-Za-z]+))?([:)]))/y
const HEX = /x(?:([0-9A-Fa-f]{2})|\{0*([0-9A-Fa-f]{1,2})\})/y
const POSIX_CLASS = /\[:(\^?)([a-z]+):\]/y

interface Flags { readonly i: boolean; readonly m: boolean; readonly s: boolean }

/** Reads a pattern. Throws a plain sentence where it is no RE2, or has what is left out here: classes and letters beyond ASCII. */
export function readPattern(source: string): { readonly node: Node; readonly groups: number } {
  return new Reader(source).read()
}

class Reader {
  readonly #source: string
  #at = 0
  #groups = 0
  #depth = 0
  #flags: Flags = { i: false, m: false, s: false }

  constructor(source: string) {
    this.#source = source
  }

  read(): { node: Node; groups: number } {
    const node = this.#choice()
    if (this.#at < this.#source.length) this.#refuse('a group for each )')
    return { node, groups: this.#groups }
  }

  #choice(): Node {
    if (++this.#depth > DEEPEST) this.#refuse(`at most ${DEEPEST} groups in one another`)
    const of = [this.#sequence()]
    while (this.#take('|')) of.push(this.#sequence())
    this.#depth--
    return of.length === 1 ? of[0]! : { kind: 'choice', of }
  }

  #sequence(): Node {
    const of: Node[] = []
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at]!)) {
      const atom = this.#atom()
      if (atom !== undefined) of.push(this.#repeated(atom))
    }
    return of.length === 1 ? of[0]! : { kind: 'sequence', of }
  }

  #repeated(of: Node): Node {
    const found = this.#match(QUANTIFIER)
    if (found === undefined) return of
    const [sign, least, comma, most] = found
    const greedy = !this.#take('?')
    if (this.#match(QUANTIFIER) !== undefined) this.#refuse('one quantifier')
    if (least === undefined) return { kind: 'repeat', of, least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity, greedy }
    const few = Number(least)
    const many = comma === undefined ? few : most === '' ? Infinity : Number(most)
    const isTooMany = few > MOST_REPEATS || (many !== Infinity && many > MOST_REPEATS)
    if (isTooMany || many < few) this.#refuse(`repeats up to ${MOST_REPEATS}`)
    return { kind: 'repeat', of, least: few, most: many, greedy }
  }

  /** Undefined where flags were set. */
  #atom(): Node | undefined {
    const mark = this.#source[this.#at++]!
    switch (mark) {
      case '(': return this.#group()
      case '[': return { kind: 'set', set: this.#set() }
      case '.': return { kind: 'set', set: this.#flags.s ? setOf('', true) : setOf('\n', true) }
      case '^': return { kind: 'edge', edge: this.#flags.m ? 'line-start' : 'start' }
      case '$': return { kind: 'edge', edge: this.#flags.m ? 'line-end' : 'end' }
      case '\\': return this.#escape()
      case '*': case '+': case '?': return this.#refuse('something to repeat')
      default: return this.#literal(mark)
    }
  }

  #group(): Node | undefined {
    const flags = this.#flags
    if (this.#source[this.#at] !== '?') return this.#capture(flags, false)
    const found = this.#match(GROUP)
    if (found === undefined) return this.#refuse('(?:, (?i), (?i:, (?P<name>, and no look around')
    const [, name, on = '', off = '', end] = found
    if (name !== undefined) return this.#capture(flags, true)
    if (/[^ims]/.test(on + off)) this.#refuse('the flags i, m and s')
    const flag = (letter: 'i' | 'm' | 's'): boolean => on.includes(letter) || (flags[letter] && !off.includes(letter))
    this.#flags = { i: flag('i'), m: flag('m'), s: flag('s') }
    return end === ')' ? undefined : this.#closed(flags)
  }

  #capture(flags: Flags, named: boolean): Node {
    const index = ++this.#groups
    return { kind: 'group', of: this.#closed(flags), index, named }
  }

  /** What a group holds. Flags set in it end with it. */
  #closed(flags: Flags): Node {
    const node = this.#choice()
    if (!this.#take(')')) this.#refuse('a ) for each group')
    this.#flags = flags
    return node
  }

  #escape(): Node {
    const letter = this.#source[this.#at] ?? ''
    const edge = EDGES[letter]
    if (edge === undefined) return { kind: 'set', set: this.#fold(this.#escaped()) }
    this.#at++
    return { kind: 'edge', edge }
  }

  /** What an escape stands for, within brackets or not. */
  #escaped(): CodeSet {
    const hex = this.#match(HEX)
    if (hex !== undefined) return this.#one(String.fromCharCode(Number.parseInt(hex[1] ?? hex[2]!, 16)))
    const letter = this.#source[this.#at++] ?? this.#refuse('something behind \\')
    const members = CLASSES[letter.toLowerCase()]
    if (members !== undefined) return setOf(members, letter !== letter.toLowerCase())
    if (/[0-9A-Za-z]/.test(letter) && CONTROLS[letter] === undefined) this.#refuse('an escape that is known')
    return this.#one(CONTROLS[letter] ?? letter)
  }

  #literal(mark: string): Node {
    return { kind: 'set', set: this.#fold(this.#one(mark)) }
  }

  #one(mark: string): CodeSet {
    if (mark.charCodeAt(0) >= BEYOND) this.#refuse('letters of ASCII')
    const set = new Uint8Array(SIZE)
    set[mark.charCodeAt(0)] = 1
    return set
  }

  #set(): CodeSet {
    const negated = this.#take('^')
    const set = new Uint8Array(SIZE)
    for (let first = true; first || this.#source[this.#at] !== ']'; first = false) {
      const posix = this.#match(POSIX_CLASS)
      if (posix !== undefined) add(set, setOf(POSIX[posix[2]!] ?? this.#refuse('a class that is known'), posix[1] === '^'))
      else this.#range(set)
    }
    this.#at++
    const folded = this.#fold(set)
    return negated ? folded.map(member => 1 - member) : folded
  }

  #range(set: CodeSet): void {
    const low = this.#member()
    const ahead = this.#source[this.#at + 1]
    if (this.#source[this.#at] !== '-' || ahead === ']' || ahead === undefined || count(low) !== 1) return add(set, low)
    this.#at++
    const high = this.#member()
    if (count(high) !== 1 || high.indexOf(1) < low.indexOf(1)) this.#refuse('a range from low to high')
    set.fill(1, low.indexOf(1), high.indexOf(1) + 1)
  }

  #member(): CodeSet {
    const mark = this.#source[this.#at++] ?? this.#refuse('a ] for each [')
    return mark === '\\' ? this.#escaped() : this.#one(mark)
  }

  /** With the other case of each letter, where the flag `i` is set. */
  #fold(set: CodeSet): CodeSet {
    if (!this.#flags.i) return set
    const folded = set.slice()
    for (let code = 65; code <= 90; code++) folded[code] = folded[code + 32] = set[code]! | set[code + 32]!
    return folded
  }

  #take(mark: string): boolean {
    if (this.#source[this.#at] !== mark) return false
    this.#at++
    return true
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#source) ?? undefined
    if (found !== undefined) this.#at = pattern.lastIndex
    return found
  }

  #refuse(expected: string): never {
    throw new Error(`expected ${expected} in a pattern of RE2, at character ${this.#at}`)
  }
}

/** The set of some members, as between brackets. */
function setOf(members: string, negated: boolean): CodeSet {
  const set = new Uint8Array(SIZE)
  for (let i = 0; i < members.length; i++) {
    const low = members.charCodeAt(i)
    const isRange = members[i + 1] === '-' && i + 2 < members.length
    set.fill(1, low, (isRange ? members.charCodeAt(i += 2) : low) + 1)
  }
  return negated ? set.map(member => 1 - member) : set
}

function add(set: CodeSet, more: CodeSet): void {
  more.forEach((member, code) => { set[code]! |= member })
}

/** How many members a set has. */
export function count(set: CodeSet): number {
  let members = 0
  for (let code = 0; code < SIZE; code++) members += set[code]!
  return members
}

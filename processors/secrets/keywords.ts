// Finds the keywords of all rules in one pass over a text: a tree, walked from each place, as moderation does with its words.
// Each walk ends within the longest keyword, so time is linear in the text. Called by finder.ts.

/** A keyword and what hangs on it. `leads` says where a secret may begin with it, so that its beginning alone matters. */
export interface Keyword<T> {
  readonly keyword: string
  readonly value: T
  readonly leads: typeof NOWHERE | typeof APART | typeof ANYWHERE
}

/** Nowhere; anywhere but behind what goes on into a name; anywhere. */
export const NOWHERE = 0
export const APART = 1
export const ANYWHERE = 2

const ROOT = 0
const ASCII = 128
const HASHES = 2 ** 15

/** Keywords of two letters or more, in lower case of ASCII, found in any case. */
export class Keywords<T> {
  /** Column of a letter, 0 for one that no keyword has. */
  readonly #columns = new Uint8Array(ASCII)
  readonly #width: number
  /** Of each node, the next one by column; the root where there is none. */
  readonly #next: Int32Array
  readonly #values: (readonly T[])[] = []
  /** 1 for the hash of three letters that a keyword begins with: what rules most places of a text out. */
  readonly #threes = new Uint8Array(HASHES)
  /** Of each node, where a secret may begin with one of its keywords. */
  readonly #leads: number[] = []
  readonly #longest: number

  constructor(keywords: readonly Keyword<T>[]) {
    let width = 1
    for (const letter of new Set(keywords.flatMap(({ keyword }) => [...keyword]))) {
      for (const form of [letter, letter.toUpperCase()]) this.#columns[form.charCodeAt(0)] = width
      width++
    }
    this.#width = width
    this.#next = new Int32Array(width * (1 + keywords.reduce((sum, { keyword }) => sum + keyword.length, 0)))
    this.#values.push([])
    this.#leads.push(NOWHERE)
    for (const one of keywords) this.#add(one)
    this.#longest = Math.max(0, ...keywords.map(({ keyword }) => keyword.length))
  }

  #add({ keyword, value, leads }: Keyword<T>): void {
    let node = ROOT
    for (let i = 0; i < keyword.length; i++) {
      const edge = node * this.#width + this.#columns[keyword.charCodeAt(i)]!
      if (this.#next[edge] === ROOT) {
        this.#next[edge] = this.#values.push([]) - 1
        this.#leads.push(NOWHERE)
      }
      node = this.#next[edge]!
      this.#leads[node] = Math.max(leads, this.#leads[node]!)
    }
    this.#values[node] = [...this.#values[node]!, value]
    const two = hashOf(keyword.charCodeAt(0), keyword.charCodeAt(1))
    // Behind a keyword of two letters, anything may stand.
    for (let code = 0; code < 32; code++) this.#threes[hashOf(two, keyword.length > 2 ? keyword.charCodeAt(2) : code)] = 1
  }

  /** Every keyword from the offset `from` on, from left to right. */
  find(text: string, from: number, meet: (at: number, value: T) => void): void {
    const threes = this.#threes
    // A read beyond the end is a number like no other, and would make the loop three times as slow.
    const last = text.length - 3
    if (last < from) return this.#walk(text, text.length - 2, meet)
    let three = hashOf(text.charCodeAt(from), text.charCodeAt(from + 1))
    for (let at = from; at <= last; at++) {
      three = hashOf(three, text.charCodeAt(at + 2))
      if (threes[three] === 1) this.#walk(text, at, meet)
    }
    this.#walk(text, text.length - 2, meet)
  }

  /** Keywords that begin at an offset. */
  #walk(text: string, at: number, meet: (at: number, value: T) => void): void {
    let node = ROOT
    for (let i = Math.max(0, at); i < text.length; i++) {
      node = this.#step(node, text.charCodeAt(i))
      if (node === ROOT) return
      for (const value of this.#values[node]!) meet(at, value)
    }
  }

  /** The offset where the text ends within a keyword that may be the beginning of a secret; its length where it does not. */
  open(text: string): number {
    for (let at = Math.max(0, text.length - this.#longest); at < text.length; at++) {
      let node = this.#step(ROOT, text.charCodeAt(at))
      for (let i = at + 1; node !== ROOT && i < text.length; i++) node = this.#step(node, text.charCodeAt(i))
      if (this.#leads[node] === ANYWHERE || (this.#leads[node] === APART && !isGlued(text, at))) return at
    }
    return text.length
  }

  /** The root where there is no way on: column 0 leads nowhere. */
  #step(node: number, code: number): number {
    return code < ASCII ? this.#next[node * this.#width + this.#columns[code]!]! : ROOT
  }
}

/** Of the last three letters, five bits each, which are the same in either case. */
const hashOf = (before: number, code: number): number => ((before << 5) | (code & 31)) & (HASHES - 1)

/** True behind what goes on into a name; the `n` of an escaped line end, as JSON has it, is no name. */
export function isGlued(text: string, at: number): boolean {
  return at > 0 && /[\w-]/.test(text[at - 1]!) && !(text[at - 2] === '\\' && /[nrt]/.test(text[at - 1]!))
}

// Finds the words and phrases of a list in a text: one tree over all of them, walked from each place where a word may
// begin. Whole words only begin there, so nothing is gained from the failure links of Aho and Corasick, and each walk ends
// within the longest phrase: linear in the text. Called by ../moderation.ts.
import { Folding, widthAt } from './folding.ts'

/** An entry in a text. Offsets are UTF-16 code units. */
export interface Hit {
  readonly start: number
  readonly end: number
  readonly category: string
}

interface Node {
  readonly next: Map<number, Node>
  /** Categories of the entry that ends here. */
  readonly categories: string[]
}

interface Entry {
  readonly end: number
  readonly categories: readonly string[]
}

/** The longest match, in folded code units; white space inside a phrase counts as it stands. */
export const LONGEST = 256

/** The longest entry, in folded code units. */
export const LONGEST_ENTRY = 128

const OPEN = -1
const SPACE = 32

/** Letters, digits and marks, but for the scripts that are written without spaces, where any character may begin a word. */
const LETTER = /^[\p{L}\p{N}\p{M}]$/u
const UNSPACED = /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]$/u

const UNKNOWN = 0
const WORD = 1
const WHITE = 2
const OTHER = 3

/** The words and phrases of a step, compiled. */
export class Lexicon {
  readonly #root: Node = { next: new Map(), categories: [] }
  readonly #folding = new Folding()
  /** What each code unit is, found out when it is met. */
  readonly #kinds = new Uint8Array(0x10000)

  /** Adds an entry. Throws a plain sentence where nothing of it is left to look for, or too much. */
  add(entry: string, category: string): void {
    const text = this.#folding.fold(entry).text.trim().replaceAll(/\s+/g, ' ')
    if (text === '' || text.length > LONGEST_ENTRY) {
      throw new Error(`expected the entries of "${category}" to have 1 to ${LONGEST_ENTRY} characters, got one of ${text.length}`)
    }
    let node = this.#root
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      const next: Node = node.next.get(code) ?? { next: new Map(), categories: [] }
      node.next.set(code, next)
      node = next
    }
    if (!node.categories.includes(category)) node.categories.push(category)
  }

  /** The longest entry at each place, for each of its categories. Hits may overlap. */
  find(text: string): Hit[] {
    const { text: folded, offsets } = this.#folding.fold(text)
    const hits: Hit[] = []
    let within = false
    for (let at = 0; at < folded.length; at++) {
      const word = this.#kindAt(folded, at) === WORD
      const found = word && within ? undefined : this.#walk(folded, at, true)
      within = word
      if (found === undefined || found === OPEN) continue
      const start = offsets?.[at] ?? at
      const last = offsets?.[found.end - 1]
      const end = last === undefined ? found.end : last + widthAt(text, last)
      for (const category of found.categories) hits.push({ start, end, category })
    }
    return hits
  }

  /** The offset from which the end of the text may still become an entry, or turn out to be none. */
  open(text: string): number {
    // Nobody knows what half a character folds to.
    const length = isHighSurrogate(text.charCodeAt(text.length - 1)) ? text.length - 1 : text.length
    const { text: folded, offsets } = this.#folding.fold(text.slice(0, length))
    for (let at = Math.max(0, folded.length - LONGEST); at < folded.length; at++) {
      if (this.#kindAt(folded, at) === WORD && this.#kindAt(folded, at - 1) === WORD) continue
      if (this.#walk(folded, at, false) === OPEN) return offsets?.[at] ?? at
    }
    return length
  }

  /** The longest entry that begins at an offset. Without `final`, OPEN where the text ends before that is known. */
  #walk(text: string, start: number, final: boolean): Entry | typeof OPEN | undefined {
    let node = this.#root.next.get(text.charCodeAt(start))
    if (node === undefined) return undefined
    let found: Entry | undefined
    let kind = this.#kindAt(text, start)
    for (let i = start + 1; i - start <= LONGEST; i++) {
      if (i === text.length && !final) return OPEN
      const before = kind
      kind = this.#kindAt(text, i)
      if (node.categories.length > 0 && !(before === WORD && kind === WORD)) found = { end: i, categories: node.categories }
      const next: Node | undefined = node.next.get(kind === WHITE ? SPACE : text.charCodeAt(i))
      if (next !== undefined) node = next
      else if (kind !== WHITE || before !== WHITE) break
    }
    return found
  }

  /** OTHER beyond either end. */
  #kindAt(text: string, at: number): number {
    if (at < 0 || at >= text.length) return OTHER
    const code = text.charCodeAt(at)
    const known = this.#kinds[code]!
    return known === UNKNOWN ? this.#kinds[code] = kindOf(text[at]!) : known
  }
}

function kindOf(character: string): number {
  if (/\s/.test(character)) return WHITE
  return LETTER.test(character) && !UNSPACED.test(character) ? WORD : OTHER
}

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff

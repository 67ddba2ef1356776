// The placeholders of one request: which value each one stands for, and how it is found again in what the model says.
// Lives as long as its request, on the Context; filled by redaction.ts, read by restore.ts.
import { hash } from 'node:crypto'

/** Characters of the part that nobody can guess: 40 bits. */
const NONCE_LENGTH = 8
/** Digits of an ordinal that are read back at most. */
const ORDINAL_LENGTH = 6
/** Zero-width characters that are skipped at one place; without a bound they would hold back a stream for ever. */
const MOST_INVISIBLE = 4
/** No vowels: a nonce never spells a word. Word characters survive JSON, URLs, Markdown and code. */
const ALPHABET = 'bcdfghjkmnpqrstvwxz0123456789y24'

/** What stands at an offset of a text. */
export type TokenAt = { readonly end: number; readonly value: string } | 'open' | undefined

/** Placeholders like `EMAIL_1_k7q3xb2d`: type, ordinal, nonce. */
export class Vault {
  readonly #key: string
  readonly #tokens = new Map<string, string>()
  readonly #values = new Map<string, string>()
  readonly #ordinals = new Map<string, number>()
  /** By character code: 1 where a placeholder begins with it. Every character of an answer is looked up here. */
  readonly #firsts = new Uint8Array(128)
  /** Values that were given back. */
  restored = 0

  /** The same value gets the same nonce for the same tenant under the same secret, in every request and every worker. */
  constructor(secret: string, tenant: string) {
    this.#key = `${secret}\0${tenant}`
  }

  get empty(): boolean { return this.#tokens.size === 0 }

  /** Cheap first look: whether a placeholder could begin with this character. */
  mayBegin(code: number): boolean {
    return this.#firsts[code] === 1
  }

  /** The placeholder for a value: the same one each time. */
  token(type: string, value: string): string {
    const identity = `${type}\0${value}`
    const known = this.#tokens.get(identity)
    if (known !== undefined) return known
    const word = type.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')
    const ordinal = (this.#ordinals.get(word) ?? 0) + 1
    this.#ordinals.set(word, ordinal)
    this.#firsts[word.charCodeAt(0)] = 1
    this.#firsts[word.toLowerCase().charCodeAt(0)] = 1
    const token = `${word}_${ordinal}_${this.#nonce(identity)}`
    this.#tokens.set(identity, token)
    return token
  }

  /** A short keyed hash of a value, for the `hash` action: says that two values are the same, and nothing else. */
  hash(type: string, value: string): string {
    return this.#keyed(`hash\0${type}\0${value}`)
  }

  #nonce(identity: string): string {
    for (let round = 0; ; round++) {
      const nonce = this.#keyed(`token\0${round}\0${identity}`)
      if (this.#values.has(nonce)) continue
      this.#values.set(nonce, identity.slice(identity.indexOf('\0') + 1))
      return nonce
    }
  }

  /**
   * Reads a placeholder at an offset, as a model may have bent it: other case, `\_`, `-` or a space for `_`, zero-width
   * characters inside. `open` where the text ends inside of what may still become one.
   */
  at(text: string, start: number): TokenAt {
    let open = false
    for (const word of this.#ordinals.keys()) {
      let cursor = readWord(text, start, word)
      if (cursor === OPEN) open = true
      if (cursor < 0) continue
      cursor = readSeparator(text, cursor)
      if (cursor >= 0) cursor = readDigits(text, cursor)
      if (cursor >= 0) cursor = readSeparator(text, cursor)
      if (cursor === OPEN) open = true
      if (cursor < 0) continue
      let nonce = ''
      while (nonce.length < NONCE_LENGTH) {
        cursor = skipInvisible(text, cursor)
        if (cursor >= text.length) break
        nonce += text[cursor++]!.toLowerCase()
      }
      if (nonce.length < NONCE_LENGTH) {
        if (this.#begins(nonce)) open = true
        continue
      }
      const value = this.#values.get(nonce)
      if (value !== undefined) return { end: cursor, value }
    }
    return open ? 'open' : undefined
  }

  /** Forty bits of a keyed hash. The key stands on both sides (RFC 1828 did so), which one call to SHA-256 can do. */
  #keyed(message: string): string {
    const digest = hash('sha256', `${this.#key}\0${message}\0${this.#key}`, 'hex')
    let bits = Number.parseInt(digest.slice(0, 10), 16)
    let out = ''
    for (let i = 0; i < NONCE_LENGTH; i++) {
      out += ALPHABET[bits % 32]
      bits = Math.floor(bits / 32)
    }
    return out
  }

  #begins(start: string): boolean {
    for (const nonce of this.#values.keys()) {
      if (nonce.startsWith(start)) return true
    }
    return false
  }
}

/** The code of an ASCII letter in upper case; every other code as it is. */
const upper = (code: number): number => code >= 97 && code <= 122 ? code - 32 : code

const UNDERSCORE = '_'.charCodeAt(0)
const NONE = -1
const OPEN = -2

function readWord(text: string, at: number, word: string): number {
  let cursor = at
  for (let i = 0; i < word.length; i++) {
    const wanted = word.charCodeAt(i)
    cursor = i === 0 ? cursor : skipInvisible(text, cursor)
    if (cursor >= text.length) return OPEN
    if (wanted === UNDERSCORE) cursor = readSeparator(text, cursor)
    else cursor = upper(text.charCodeAt(cursor)) === wanted ? cursor + 1 : NONE
    if (cursor < 0) return cursor
  }
  return cursor
}

function readSeparator(text: string, at: number): number {
  let cursor = skipInvisible(text, at)
  if (text[cursor] === '\\') cursor++
  if (cursor >= text.length) return OPEN
  return '_- '.includes(text[cursor]!) ? cursor + 1 : NONE
}

function readDigits(text: string, at: number): number {
  let cursor = skipInvisible(text, at)
  const first = cursor
  while (cursor < text.length && cursor - first < ORDINAL_LENGTH && text[cursor]! >= '0' && text[cursor]! <= '9') cursor++
  if (cursor >= text.length) return OPEN
  return cursor > first ? cursor : NONE
}

function skipInvisible(text: string, at: number): number {
  let cursor = at
  const most = Math.min(text.length, at + MOST_INVISIBLE)
  while (cursor < most && INVISIBLE.has(text.charCodeAt(cursor))) cursor++
  return cursor
}

/** Zero-width space, non-joiner, joiner, word joiner, byte order mark. */
const INVISIBLE: ReadonlySet<number> = new Set([0x200b, 0x200c, 0x200d, 0x2060, 0xfeff])

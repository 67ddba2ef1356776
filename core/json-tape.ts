// One pass over a JSON text in plain JavaScript: every value with its byte range, nothing copied, nothing decoded until
// asked for. Strict RFC 8259, and what proxies disagree about is refused: duplicate keys, lone surrogates, a byte order
// mark, invalid UTF-8. A worker owns one Scanner and calls it for every body and every frame of a stream.
import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import type { Tape } from '../sdk/index.ts'
import { refuse, refuseEncoding, type Source } from './json-error.ts'
import { isText, Names } from './json-names.ts'
import { escapeEnd, literalEnd, numberEnd, plainEnd } from './json-token.ts'

// A node is four slots of an Int32Array and its id is the index of the first, which holds its kind. Nodes stand in the
// order of the text; a member's value stands right behind the node of its key. In a container that is still open, END
// holds the container around it. (Constants that the loop reads live in its own file: an imported one takes 10% more.)
const STRIDE = 4
const START = 1
const END = 2
const NEXT = 3
const NONE = -1

const OBJECT = 0
const ARRAY = 1
const STRING = 2
const NUMBER = 3
const LITERAL = 4
const KEY = 5
const KIND = 7
const ESCAPED = 8
const KINDS = ['object', 'array', 'string', 'number', 'literal'] as const

// What a byte begins: a node of that kind, or one of these.
const SPACE = 8
const COMMA = 9
const COLON = 10
const NOTHING = 11
const BEGINS = new Uint8Array(256).fill(NOTHING)
for (const [characters, what] of [
  ['{', OBJECT], ['[', ARRAY], ['"', STRING], ['-0123456789', NUMBER], ['tfn', LITERAL],
  [' \t\n\r', SPACE], [',', COMMA], [':', COLON],
] as const) {
  for (const character of characters) BEGINS[character.charCodeAt(0)] = what
}

// What the grammar allows next.
const VALUE = 0
const FIRST_ITEM = 1
const FIRST_KEY = 2
const NEXT_KEY = 3
const AFTER_KEY = 4
const AFTER_ITEM = 5
const AFTER_MEMBER = 6
const DONE = 7
const EXPECTED = [
  'a value', "a value or ']'", "a key in double quotes or '}'", 'a key in double quotes', "':'", "',' or ']'", "',' or '}'",
  'the end of the text',
]
const CLOSER = [NONE, 0x5d, 0x7d, NONE, NONE, 0x5d, 0x7d, NONE]

/** Slots of a page, which small tapes share as small Buffers share a pool: an array of its own takes longer than a scan. */
const PAGE = 4096
/** From this many bytes on, a view that reads eight bytes in one step is worth making. */
const LONG = 512
/** Keys of an object, and bytes of a key, up to which duplicates are looked for without decoding. */
const FEW = 16
const SHORT = 64

/** What a text may hold. */
export interface Limits {
  /** Objects and arrays inside each other. */
  readonly depth: number
  /** Lets half a surrogate pair pass: a stream may cut its text anywhere. */
  readonly halves?: boolean
}

/** A scanned JSON text. */
export class JsonTape implements Tape {
  readonly bytes: Buffer
  readonly #nodes: Int32Array
  readonly #size: number
  readonly #names: Names

  /** The first `size` slots of `nodes` are the tape's; what follows belongs to others. */
  constructor(bytes: Buffer, nodes: Int32Array, size: number, names: Names) {
    this.bytes = bytes
    this.#nodes = nodes
    this.#size = size
    this.#names = names
  }

  kind(node: number): 'object' | 'array' | 'string' | 'number' | 'literal' {
    return KINDS[this.#nodes[node]! & KIND]!
  }

  start(node: number): number {
    return this.#nodes[node + START]!
  }

  end(node: number): number {
    return this.#nodes[node + END]!
  }

  first(node: number): number {
    const child = node + STRIDE
    if (node === NONE || child >= this.#size || this.start(child) >= this.end(node)) return NONE
    return this.#nodes[node] === OBJECT ? child + STRIDE : child
  }

  next(node: number): number {
    return this.#nodes[node + NEXT]!
  }

  /** The decoded key of an object's member; empty for every other node. */
  key(node: number): string {
    const key = node - STRIDE
    if ((this.#nodes[key]! & KIND) !== KEY) return ''
    return this.hasEscapes(key) ? this.#decode(key) : this.#names.of(this.bytes, this.start(key) + 1, this.end(key) - 1)
  }

  find(object: number, key: string): number {
    if (this.#nodes[object] !== OBJECT) return NONE
    for (let member = this.first(object); member !== NONE; member = this.next(member)) {
      const name = member - STRIDE
      const same = this.hasEscapes(name)
        ? this.#decode(name) === key
        : isText(this.bytes, this.start(name) + 1, this.end(name) - 1, key)
      if (same) return member
    }
    return NONE
  }

  text(node: number): string | undefined {
    return (this.#nodes[node]! & KIND) === STRING ? this.#decode(node) : undefined
  }

  /** True where a string node holds a backslash, so that its bytes are not its text. */
  hasEscapes(node: number): boolean {
    return (this.#nodes[node]! & ESCAPED) !== 0
  }

  #decode(node: number): string {
    const start = this.start(node)
    const end = this.end(node)
    if (this.hasEscapes(node)) return JSON.parse(this.bytes.toString('utf8', start, end)) as string
    return this.bytes.toString('utf8', start + 1, end - 1)
  }
}

/** Makes tapes. What it keeps between two scans is the page that small tapes share, and the names of keys. */
export class Scanner {
  readonly #names = new Names()
  #page = new Int32Array(PAGE)

  /**
   * The tape of the one JSON value in bytes `[start, end)`, with white space around it. Throws `invalid_json` for
   * everything else, and for what goes beyond the limits. Takes linear time and no stack on any input; the tape keeps
   * `bytes` and takes 16 bytes a value, 32 a member.
   */
  scan(bytes: Buffer, limits: Limits, start = 0, end = bytes.length): JsonTape {
    const source = { bytes, start, end, halves: limits.halves === true }
    if (!isUtf8(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end))) refuseEncoding(source)
    const words = end - start < LONG ? undefined : new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    let nodes = this.#page
    let size = 0
    let open = NONE
    let latest = NONE
    let depth = 0
    let due = VALUE
    let at = start

    while (at < end) {
      const byte = bytes[at]!
      const what = BEGINS[byte]!
      if (what === SPACE) {
        at++
        continue
      }
      if (what === COLON && due === AFTER_KEY) {
        due = VALUE
        at++
        continue
      }
      if (what === COMMA && (due === AFTER_ITEM || due === AFTER_MEMBER)) {
        due = due === AFTER_ITEM ? VALUE : NEXT_KEY
        at++
        continue
      }
      if (byte === CLOSER[due]) {
        if (due === AFTER_MEMBER) refuseDuplicates(source, nodes, open)
        at++
        latest = open
        open = nodes[latest + END]!
        nodes[latest + END] = at
        depth--
      } else {
        const isKey = due === FIRST_KEY || due === NEXT_KEY
        if (isKey ? what !== STRING : what > LITERAL || due > FIRST_ITEM) refuse(source, at, EXPECTED[due]!)
        if (size + STRIDE > nodes.length) nodes = widened(nodes, size)
        const node = size
        size += STRIDE
        nodes[node] = what
        nodes[node + START] = at
        nodes[node + NEXT] = NONE
        if (!isKey) {
          if (latest !== NONE) nodes[latest + NEXT] = node
          latest = node
        }
        if (what === STRING) {
          at = plainEnd(bytes, words, at + 1, end)
          let kind = isKey ? KEY : STRING
          while (at < end && bytes[at] === 0x5c) {
            kind |= ESCAPED
            at = plainEnd(bytes, words, escapeEnd(source, at), end)
          }
          if (at === end) refuse(source, at, "'\"' at the end of the string")
          if (bytes[at] !== 0x22) refuse(source, at, 'control characters in strings to be escaped')
          nodes[node] = kind
          nodes[node + END] = ++at
          if (isKey) {
            due = AFTER_KEY
            continue
          }
        } else if (what === NUMBER || what === LITERAL) {
          at = what === NUMBER ? numberEnd(source, at) : literalEnd(source, at)
          nodes[node + END] = at
        } else {
          if (depth === limits.depth) refuse(source, at, `at most ${limits.depth} levels of nesting`)
          depth++
          nodes[node + END] = open
          open = node
          latest = NONE
          due = what === OBJECT ? FIRST_KEY : FIRST_ITEM
          at++
          continue
        }
      }
      due = open === NONE ? DONE : nodes[open] === OBJECT ? AFTER_MEMBER : AFTER_ITEM
    }
    if (due !== DONE) refuse(source, end, EXPECTED[due]!)
    if (nodes.length > PAGE) return new JsonTape(bytes, nodes.slice(0, size), size, this.#names)
    this.#page = nodes.subarray(size)
    return new JsonTape(bytes, nodes, size, this.#names)
  }
}

/**
 * Refuses a closed object in which two keys are the same text, however they are escaped. It has members. The time is
 * linear in their bytes for any choice of keys: a few short keys are compared by their bytes, all others in a Set.
 */
function refuseDuplicates(source: Source, nodes: Int32Array, object: number): void {
  const { bytes } = source
  const first = object + STRIDE
  let count = 0
  let marks = 0
  for (let key = first; key !== NONE; key = nextKey(nodes, key)) {
    const start = nodes[key + START]!
    const length = nodes[key + END]! - start
    if (++count > FEW || length > SHORT || nodes[key] !== KEY) return refuseEqualTexts(source, nodes, first)
    // One of 32 marks, by length, first and last character: only where the mark was seen before, a key is compared.
    const mark = 1 << (length + bytes[start + 1]! + bytes[start + length - 2]!)
    if ((marks & mark) !== 0) refuseEqualBytes(source, nodes, first, key)
    marks |= mark
  }
}

function refuseEqualBytes(source: Source, nodes: Int32Array, first: number, key: number): void {
  for (let other = first; other !== key; other = nextKey(nodes, other)) {
    let at = nodes[key + START]!
    const shift = nodes[other + START]! - at
    // The closing quote is compared too, so neither key goes on.
    while (at < nodes[key + END]! && source.bytes[at] === source.bytes[at + shift]) at++
    if (at === nodes[key + END]!) refuseKey(source, nodes, key)
  }
}

function refuseEqualTexts(source: Source, nodes: Int32Array, first: number): void {
  const seen = new Set<string>()
  let count = 0
  for (let key = first; key !== NONE; key = nextKey(nodes, key)) {
    const raw = source.bytes.toString('utf8', nodes[key + START]!, nodes[key + END]!)
    const text = nodes[key] === KEY ? raw : `"${JSON.parse(raw) as string}"`
    // V8 hashes a string of more than 16,383 characters by its length alone: hostile keys would all meet in one bucket.
    // Their digests do not, and none of those begins with a quote as the texts do.
    seen.add(text.length > 1024 ? hash('sha256', text) : text)
    if (seen.size < ++count) refuseKey(source, nodes, key)
  }
}

function refuseKey(source: Source, nodes: Int32Array, key: number): never {
  refuse(source, nodes[key + START]!, 'every key of an object once', 'one again')
}

function nextKey(nodes: Int32Array, key: number): number {
  const value = nodes[key + STRIDE + NEXT]!
  return value === NONE ? NONE : value - STRIDE
}

function widened(nodes: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(size * 2 > PAGE ? size * 2 : PAGE)
  wider.set(nodes)
  return wider
}

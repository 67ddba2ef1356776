// The text of a config as plain data, with the way back from every value to its line. YAML 1.2, of which JSON is a
// part. Whatever is wrong with the text itself is found here. Called by config/loader.ts.
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type ParsedNode, type Scalar } from 'yaml'
import { below, keysOf } from './pointer.ts'
import { ConfigError, show } from './problem.ts'
import { syntaxSentence } from './syntax.ts'

/** A place in a text. */
export interface Place {
  /** Counts from 1, as the column does. */
  readonly line: number
  readonly column: number
}

/** A text that could be read. */
export interface Source {
  readonly value: unknown
  /** Where a value stands (in a mapping: where its key stands), or else the nearest one above it that does. */
  locate(pointer: string): Place
}

/** Longest text, in UTF-16 code units and in bytes: room for some seven thousand consumers. */
export const LONGEST_SOURCE = 1024 * 1024
/** What an alias repeats counts each time, so that a short text cannot unfold into a huge config. */
const MOST_VALUES = 200_000
const DEEPEST = 64

/** Ends the reading: nothing after it is to be trusted. */
type Fail = (offset: number, path: string, expected: string, got: string, message?: string) => never

/** Reads a text. Throws a ConfigError for broken syntax, duplicate keys, too much of anything, and no mapping at all. */
export function readSource(text: string, file: string): Source {
  const lines = new LineCounter()
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const fail: Fail = (offset, path, expected, got, message = '') => {
    throw new ConfigError([{ file, path, ...placeAt(offset), expected, got, message }])
  }
  if (text.length > LONGEST_SOURCE) fail(0, '', `at most ${LONGEST_SOURCE} characters`, String(text.length))
  // Keys that stand twice are found by the reader below, since the parser compares each with each.
  const document = parseDocument(text, {
    lineCounter: lines, prettyErrors: false, logLevel: 'error', uniqueKeys: false, stringKeys: true, resolveKnownTags: false,
  })
  const broken = document.errors[0] ?? document.warnings[0]
  if (broken !== undefined) {
    const [offset] = broken.pos
    fail(offset, '', 'valid YAML or JSON', 'broken syntax', syntaxSentence(broken.code, lineAt(text, offset)))
  }
  const root = document.contents
  const expected = 'a mapping with providers and routes'
  if (root === null || (isScalar(root) && root.value === null)) return fail(0, '', expected, 'an empty file')
  if (!isMap(root)) return fail(root.range[0], '', expected, isSeq(root) ? 'a list' : 'a single value')
  const value = new Reader(fail).read(root, '', 1).value
  return { value, locate: pointer => placeAt(offsetOf(root, pointer)) }
}

/** A value with its measures. */
interface Measured {
  readonly value: unknown
  /** Of how many values it is made, itself included. */
  readonly size: number
  /** How many levels it has, itself included. */
  readonly height: number
}

/** Turns nodes into plain data, in the order of the text: an anchor is known once its value is complete. */
class Reader {
  readonly #fail: Fail
  readonly #anchors = new Map<string, Measured>()
  #total = 0

  constructor(fail: Fail) {
    this.#fail = fail
  }

  /** `depth` counts the levels down to the node, from 1. */
  read(node: ParsedNode | null, pointer: string, depth: number): Measured {
    const offset = node?.range[0] ?? 0
    if (isAlias(node)) {
      const known = this.#anchors.get(node.source)
        ?? this.#fail(offset, pointer, 'an alias with its anchor above', 'one without', 'a text that begins with * needs quotes')
      this.#admit(known.size, depth + known.height - 1, offset, pointer)
      return known
    }
    const before = this.#total
    this.#admit(1, depth, offset, pointer)
    let height = 1
    const inner = (child: ParsedNode | null, at: string): unknown => {
      const measured = this.read(child, at, depth + 1)
      height = Math.max(height, measured.height + 1)
      return measured.value
    }
    const value = isMap(node) ? this.#mapping(node.items, pointer, inner)
      : isSeq(node) ? node.items.map((item, index) => inner(item, below(pointer, index)))
      : isScalar(node) ? node.value : null
    const measured = { value, size: this.#total - before, height }
    if (node?.anchor !== undefined) this.#anchors.set(node.anchor, measured)
    return measured
  }

  #mapping(pairs: readonly ParsedPair[], pointer: string, inner: (child: ParsedNode | null, at: string) => unknown): object {
    const members = new Map<string, unknown>()
    for (const pair of pairs) {
      const key = nameOf(pair.key)
      const at = below(pointer, key)
      if (members.has(key)) this.#fail(pair.key.range[0], at, 'each key once', `${show(key)} again`)
      members.set(key, inner(pair.value, at))
    }
    return Object.fromEntries(members)
  }

  #admit(values: number, levels: number, offset: number, pointer: string): void {
    this.#total += values
    if (levels > DEEPEST) this.#fail(offset, pointer, `at most ${DEEPEST} levels`, 'more of them')
    if (this.#total > MOST_VALUES) this.#fail(offset, pointer, `a config of at most ${MOST_VALUES} values`, 'more of them')
  }
}

interface ParsedPair {
  readonly key: ParsedNode
  readonly value: ParsedNode | null
}

function offsetOf(root: ParsedNode, pointer: string): number {
  let found: Member = { offset: root.range[0], value: root }
  for (const key of keysOf(pointer)) {
    const member = memberOf(found.value, key)
    if (member === undefined) break
    found = member
  }
  return found.offset
}

interface Member {
  readonly offset: number
  readonly value: ParsedNode | null
}

function memberOf(node: ParsedNode | null, key: string): Member | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(key)]
    return item && { offset: item.range[0], value: item }
  }
  if (!isMap(node)) return undefined
  const pair = node.items.find(one => nameOf(one.key) === key)
  return pair && { offset: pair.key.range[0], value: pair.value }
}

/** With `stringKeys`, the parser lets nothing else be a key. */
function nameOf(key: ParsedNode): string {
  return String((key as Scalar).value)
}

function lineAt(text: string, offset: number): string {
  const end = text.indexOf('\n', offset)
  return text.slice(text.lastIndexOf('\n', Math.max(offset - 1, 0)) + 1, end === -1 ? undefined : end)
}

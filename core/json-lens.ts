// How a text that is itself JSON (the arguments of a tool call, an answer in a given format) reads to a detector: decoded,
// one line a value with its key before it. Findings are made in this view and carried out in the JSON. Called by piece.ts.
import type { Tape } from '../sdk/index.ts'
import { quote } from './json-string.ts'
import type { Scanner } from './json-tape.ts'
import { patch, type TextEdit } from './patch.ts'
import type { Path } from './tool-schema.ts'

/** Levels of nesting; what goes deeper is read as plain text. */
const DEPTH = 64

/** Says whether the JSON may hold a text at a path. */
export type Fits = (path: Path, text: string) => boolean

/** Why edits cannot be carried out. */
export type Refusal = 'found where nothing can be edited' | 'its edit does not fit what the request declares'

/** One step of a path, and the steps above it. */
interface Trail {
  readonly step: string | number
  readonly above: Trail | undefined
}

/** A string or number of the JSON, and where its text stands in the view. */
interface Leaf {
  readonly trail: Trail | undefined
  readonly isText: boolean
  readonly value: string
  /** Offsets in the view. */
  readonly start: number
  readonly end: number
  /** Offsets of the whole literal in the JSON, in UTF-16 code units. */
  readonly from: number
  readonly to: number
}

/**
 * A JSON text as lines of `key: value`, so that a rule that looks for `ssn: 123-45-6789` finds it, escapes do not hide a
 * letter, and numbers are read like strings. Elements of an array stand behind the array's own key.
 */
export class JsonLens {
  readonly text: string
  /** In the order of the text; undefined where nobody can say what stands where. */
  readonly #leaves: readonly Leaf[] | undefined

  private constructor(text: string, leaves: readonly Leaf[] | undefined) {
    this.text = text
    this.#leaves = leaves
  }

  /**
   * Undefined where the text is no JSON object or array: it is then read as it stands. What only looks like one (a key
   * twice, too deep, cut off) is read with its escapes undone, since a client may read it so, and cannot be edited.
   */
  static read(json: string, scanner: Scanner): JsonLens | undefined {
    if (!/^[\s\ufeff]*[[{]/.test(json)) return undefined
    let tape: Tape
    try {
      tape = scanner.scan(Buffer.from(json), { depth: DEPTH, halves: true })
    } catch {
      return json.includes('\\') ? new JsonLens(unescaped(json), undefined) : undefined
    }
    const lines: string[] = []
    const leaves: Leaf[] = []
    const unit = unitsOf(tape.bytes)
    let length = 0
    const say = (line: string): void => {
      lines.push(line)
      length += line.length + 1
    }
    const visit = (node: number, key: string, trail: Trail | undefined): void => {
      const kind = tape.kind(node)
      if (kind === 'string' || kind === 'number') {
        const isText = kind === 'string'
        const value = isText ? tape.text(node)! : tape.bytes.toString('latin1', tape.start(node), tape.end(node))
        const start = length + (key === '' ? 0 : key.length + 2)
        const from = unit(tape.start(node))
        leaves.push({ trail, isText, value, start, end: start + value.length, from, to: unit(tape.end(node)) })
        return say(key === '' ? value : `${key}: ${value}`)
      }
      if (key !== '') say(`${key}:`)
      let index = 0
      for (let child = tape.first(node); child !== -1; child = tape.next(child)) {
        const step = kind === 'object' ? tape.key(child) : index++
        visit(child, typeof step === 'string' ? step : key, { step, above: trail })
      }
    }
    visit(0, '', undefined)
    return new JsonLens(lines.join('\n'), leaves)
  }

  /**
   * The edits of the JSON that do the given edits of the view; why not, where one of them touches more than the value of
   * one string (a key, a number, two values at once) or makes it what does not fit: the JSON would not be what it is.
   */
  edits(wanted: readonly TextEdit[], fits: Fits = () => true): TextEdit[] | Refusal {
    const leaves = this.#leaves
    if (leaves === undefined) return wanted.length === 0 ? [] : 'found where nothing can be edited'
    const edits: TextEdit[] = []
    let at = 0
    for (let i = 0; i < wanted.length;) {
      while (at < leaves.length && leaves[at]!.end < wanted[i]!.end) at++
      const leaf = leaves[at]
      if (leaf === undefined || !leaf.isText || wanted[i]!.start < leaf.start) return 'found where nothing can be edited'
      const within: TextEdit[] = []
      for (; i < wanted.length && wanted[i]!.end <= leaf.end; i++) {
        const { start, end, text } = wanted[i]!
        within.push({ start: start - leaf.start, end: end - leaf.start, text })
      }
      const edited = patch(leaf.value, within)
      if (!fits(pathOf(leaf.trail), edited)) return 'its edit does not fit what the request declares'
      edits.push({ start: leaf.from, end: leaf.to, text: quote(edited) })
    }
    return edits
  }
}

/** The steps from the root; put together for an edit only. */
function pathOf(trail: Trail | undefined): Path {
  const path: (string | number)[] = []
  for (let at = trail; at !== undefined; at = at.above) path.push(at.step)
  return path.toReversed()
}

const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|(.))/gs
const PLAIN: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }

/** A text with the escapes of JSON strings undone wherever they stand. */
function unescaped(json: string): string {
  return json.replace(ESCAPE, (_, code: string | undefined, mark: string) =>
    code === undefined ? PLAIN[mark] ?? mark : String.fromCharCode(Number.parseInt(code, 16)))
}

/** Offsets in UTF-16 code units for offsets in the UTF-8 bytes of the same text, asked for in rising order. */
function unitsOf(bytes: Buffer): (offset: number) => number {
  let done = 0
  let units = 0
  return offset => {
    units += bytes.toString('utf8', done, offset).length
    done = offset
    return units
  }
}

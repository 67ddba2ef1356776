// The sentence of a JSON text that is refused: what was expected, what came, and where; never what the text says.
// Called by json-tape.ts and json-token.ts, the two files that read JSON grammar.
import { GatehouseError } from '../sdk/index.ts'

/** A JSON text: bytes `[start, end)` of a buffer. */
export interface Source {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  /** True where half a surrogate pair is no error. */
  readonly halves: boolean
}

/**
 * Throws `invalid_json`. Byte offsets count from 0 at the source's start; lines and columns from 1, columns in characters
 * (code points). At most one character of the text is quoted, and only where it is printable ASCII.
 */
export function refuse(source: Source, at: number, expected: string, found = describe(source, at)): never {
  const { line, column } = place(source, at)
  const where = `byte ${at - source.start} (line ${line}, column ${column})`
  throw new GatehouseError('invalid_json', `Invalid JSON: expected ${expected}, found ${found} at ${where}.`)
}

/** Throws `invalid_json` for a source that is not UTF-8, at the first byte that a decoder would have to replace. */
export function refuseEncoding(source: Source): never {
  const { bytes, start, end } = source
  const repaired = Buffer.from(bytes.toString('utf8', start, end))
  let at = start
  while (at < end && bytes[at] === repaired[at - start]) at++
  refuse(source, at, 'UTF-8')
}

function describe({ bytes, end }: Source, at: number): string {
  if (at >= end) return 'the end of the text'
  const byte = bytes[at]!
  if (byte === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) return 'a byte order mark'
  if (byte === 0x27) return 'a single quote'
  return byte > 0x20 && byte < 0x7f ? `'${String.fromCharCode(byte)}'` : hex(byte)
}

const hex = (byte: number): string => `0x${byte.toString(16).padStart(2, '0')}`

function place({ bytes, start }: Source, at: number): { line: number; column: number } {
  let line = 1
  let column = 1
  for (let before = start; before < at; before++) {
    const byte = bytes[before]!
    if (byte === 0x0a) {
      line++
      column = 1
    } else if ((byte & 0xc0) !== 0x80) {
      column++
    }
  }
  return { line, column }
}

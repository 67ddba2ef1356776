// Texts as JSON strings and back: how a text becomes a string, and which bytes of a string stand for which part of its
// text. Called by patch.ts and by whoever writes a JSON string of the gateway's own.
import { GatehouseError, type Tape } from '../sdk/index.ts'

/** A surrogate pair as two escapes. */
const PAIR = /^\\ud[89ab]..\\ud[c-f]/i

/** The text as a JSON string with its quotes. A lone surrogate comes out as its \u escape, so the result is UTF-8. */
export function quote(text: string): string {
  return JSON.stringify(text)
}

/**
 * The byte offset in `tape.bytes` of an offset in the decoded text of a string node (UTF-16 code units; the text's length
 * gives the closing quote). An offset inside a surrogate pair belongs to the pair's begin for the start of a range, to
 * its end for the end of one, so a range never cuts a character. Throws `internal` for an offset beyond the text.
 */
export function byteOffset(tape: Tape, node: number, offset: number, edge: 'start' | 'end' = 'start'): number {
  return edge === 'start' ? byteOffsets(tape, node, [offset])[0]! : byteOffsets(tape, node, [0, offset])[1]!
}

/** The byte offsets of ascending offsets `[start, end, start, end, ...]`, by the rule of `byteOffset`, in one pass. */
export function byteOffsets(tape: Tape, node: number, offsets: readonly number[]): number[] {
  const first = tape.start(node) + 1
  const last = tape.end(node) - 1
  const length = tape.text(node)?.length ?? -1
  if (offsets.some((offset, index) => !(offset >= (offsets[index - 1] ?? 0) && offset <= length))) {
    throw new GatehouseError('internal', 'Offsets into a string must ascend and stay within its text.')
  }
  // Every escape and every character beyond ASCII takes more bytes than code units: equal lengths mean neither is there.
  if (length === last - first) return offsets.map(offset => first + offset)
  let at = first
  let units = 0
  return offsets.map((offset, index) => {
    while (units < offset) {
      const size = characterSize(tape.bytes, at)
      const width = size === 4 || size === 12 ? 2 : 1
      if (units + width > offset && index % 2 === 0) break
      at += size
      units += width
    }
    return at
  })
}

/** Bytes of the character at `at` in a valid string: 1 to 4 as UTF-8, 2 or 6 as an escape, 12 as an escaped pair. */
function characterSize(bytes: Buffer, at: number): number {
  const byte = bytes[at]!
  if (byte >= 0x80) return byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
  if (byte !== 0x5c) return 1
  if (bytes[at + 1] !== 0x75) return 2
  if ((bytes[at + 2]! | 0x20) !== 0x64) return 6
  return PAIR.test(bytes.toString('latin1', at, at + 12)) ? 12 : 6
}

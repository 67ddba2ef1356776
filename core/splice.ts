// The one rewrite: edits become new bytes, and every byte that no edit names stays as it came. Called by chain.ts.
import { GatehouseError, type ByteEdit } from '../sdk/index.ts'

/**
 * The bytes with the edits done. Edits may come in any order; inserts at one place keep theirs and stand before an edit
 * that begins there. Without edits the very same buffer comes back. Throws `internal` where edits overlap or leave the bytes.
 */
export function splice(bytes: Buffer, edits: readonly ByteEdit[]): Buffer {
  if (edits.length === 0) return bytes
  const sorted = edits.toSorted((one, other) => one.start - other.start || one.end - other.end)
  const spliced = Buffer.allocUnsafe(splicedLength(bytes, sorted))
  let from = 0
  let at = 0
  for (const { start, end, text } of sorted) {
    at += bytes.copy(spliced, at, from, start)
    at += typeof text === 'string' ? spliced.write(text, at) : text.copy(spliced, at)
    from = end
  }
  bytes.copy(spliced, at, from)
  return spliced
}

function splicedLength(bytes: Buffer, sorted: readonly ByteEdit[]): number {
  let length = bytes.length
  let done = 0
  for (const { start, end, text } of sorted) {
    if (!(start >= done && end >= start && end <= bytes.length)) {
      throw new GatehouseError('internal', 'Edits of a body must not overlap and must stay within its bytes.')
    }
    length += Buffer.byteLength(text) - (end - start)
    done = end
  }
  return length
}

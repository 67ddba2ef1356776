// Keys of objects as texts, without making a new string for each: asked for by json-tape.ts whenever somebody reads a key.

/** Bytes of the longest name that is kept. */
const LONGEST = 64

/**
 * The names that a worker keeps meeting: `role`, `content`, `index`. A string made from bytes takes about 85 ns, which for
 * the keys of a stream's frame adds up to more than its scan. Holds at most 256 names.
 */
export class Names {
  readonly #names: string[] = Array.from({ length: 256 }, () => '')

  /** The text of bytes `[start, end)`, which are UTF-8. */
  of(bytes: Buffer, start: number, end: number): string {
    const length = end - start
    if (length === 0 || length > LONGEST) return bytes.toString('utf8', start, end)
    const slot = (length * 7 + bytes[start]! * 31 + bytes[start + (length >> 1)]! * 57 + bytes[end - 1]!) & 255
    const known = this.#names[slot]!
    if (isText(bytes, start, end, known)) return known
    const name = bytes.toString('utf8', start, end)
    this.#names[slot] = name
    return name
  }
}

/** True where bytes `[start, end)`, which are UTF-8, are this text. Only a text beyond ASCII takes decoding. */
export function isText(bytes: Buffer, start: number, end: number, text: string): boolean {
  if (text.length > end - start) return false
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit >= 0x80) return bytes.toString('utf8', start, end) === text
    if (unit !== bytes[start + index]) return false
  }
  return text.length === end - start
}

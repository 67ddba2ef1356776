// A stream that is one JSON array, sent element by element: Google's form of a stream without server-sent events. Bytes in,
// frames out, not a byte lost or changed, and an array again whatever leaves. Used by client-framing.ts.
import { GatehouseError } from '../../sdk/index.ts'
import type { Frame } from './sse.ts'

const OPEN = 0x5b
const CLOSE = 0x5d
const COMMA = 0x2c
const BRACE = 0x7b
const END_BRACE = 0x7d
const QUOTE = 0x22
const BACKSLASH = 0x5c
const NOTHING = Buffer.alloc(0)

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

/** Where in the array a byte is expected. */
type Due = 'opening' | 'first' | 'element' | 'inside' | 'next' | 'nothing'

/**
 * One stream, on its way in and out. A frame is an element with the mark before it (`[` or a comma) and all white space
 * around that, so that it can leave as soon as its last brace is there. Elements are objects; what they hold is not looked at.
 */
export class JsonArrayStream {
  readonly #limit: number
  /** Pieces of the unfinished frame, and how long they are together. */
  #held: Buffer[] = []
  #size = 0
  #due: Due = 'opening'
  /** Where the element begins in its frame. */
  #start = 0
  /** Braces and brackets that are open, and whether a string is. */
  #depth = 0
  #quoted = false
  #escaped = false
  /** True after the first element has left. */
  #begun = false
  /** What closes the array, as it came. */
  #tail: Buffer = NOTHING

  /** `limit` bounds one frame, in bytes. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /**
   * Takes the next piece; gives the frames that it completes. Throws `upstream_invalid` for what is no array of objects, or an
   * empty one.
   */
  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = []
    let from = 0
    for (let at = 0; at < chunk.length; at++) {
      if (!this.#ends(chunk[at]!, this.#size + at - from)) continue
      this.#keep(chunk.subarray(from, at + 1))
      frames.push(this.#complete())
      from = at + 1
    }
    this.#keep(chunk.subarray(from))
    return frames
  }

  /** The stream has ended. Throws `upstream_closed` where the array has not. */
  end(): Frame[] {
    if (this.#due !== 'nothing') {
      throw new GatehouseError('upstream_closed', 'The upstream ended its answer before it was complete.')
    }
    this.#tail = Buffer.concat(this.#held)
    return []
  }

  /** Puts the right mark before each of the frames that leave next: one of our own may be the first, and theirs may stay. */
  join(out: Buffer[]): void {
    for (const [index, bytes] of out.entries()) {
      const at = bytes.findIndex(byte => !isSpace(byte))
      if (at === -1) continue
      const mark = this.#begun ? COMMA : OPEN
      this.#begun = true
      if (bytes[at] === mark) continue
      const mended = Buffer.from(bytes)
      mended[at] = mark
      out[index] = mended
    }
  }

  /** The bytes that close the array. */
  close(): Buffer {
    return this.#tail.length > 0 ? this.#tail : Buffer.from(this.#begun ? ']' : '[]')
  }

  /** True where a byte completes a frame; `offset` is its place in there. */
  #ends(byte: number, offset: number): boolean {
    if (this.#due === 'inside') return this.#endsElement(byte)
    if (isSpace(byte)) return false
    const due = this.#due
    if (byte === OPEN && due === 'opening') this.#due = 'first'
    else if (byte === COMMA && due === 'next') this.#due = 'element'
    else if (byte === CLOSE && due === 'next') this.#due = 'nothing'
    else if (byte === BRACE && (due === 'element' || due === 'first')) {
      this.#due = 'inside'
      this.#start = offset
      this.#depth = 1
    } else throw new GatehouseError('upstream_invalid', 'Expected a JSON array of objects from the upstream.')
    return false
  }

  #endsElement(byte: number): boolean {
    if (this.#quoted) {
      if (this.#escaped) this.#escaped = false
      else if (byte === BACKSLASH) this.#escaped = true
      else if (byte === QUOTE) this.#quoted = false
    } else if (byte === QUOTE) {
      this.#quoted = true
    } else if (byte === BRACE || byte === OPEN) {
      this.#depth++
    } else if (byte === END_BRACE || byte === CLOSE) {
      this.#depth--
      if (this.#depth === 0) this.#due = 'next'
    }
    return this.#due === 'next'
  }

  #keep(piece: Buffer): void {
    this.#size += piece.length
    if (this.#size > this.#limit) {
      throw new GatehouseError('upstream_invalid', `Expected frames of at most ${this.#limit} bytes from the upstream.`)
    }
    if (piece.length > 0) this.#held.push(piece)
  }

  #complete(): Frame {
    const bytes = this.#held.length === 1 ? this.#held[0]! : Buffer.concat(this.#held)
    this.#held = []
    this.#size = 0
    return { bytes, data: bytes.subarray(this.#start), dataStart: this.#start, event: undefined }
  }
}

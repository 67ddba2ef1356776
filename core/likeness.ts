// Most frames of a stream are alike but for the one text in them. What a frame was found to be holds for every other that
// has the same bytes before and behind its text, so those need not be read again. Used by stream-guard.ts.
import { isUtf8 } from 'node:buffer'
import type { Frame } from './codec/sse.ts'
import { quote } from './json-string.ts'
import type { Reading, Spot } from './reading.ts'

/** A frame with one text and nothing else to tell. */
export class Likeness {
  readonly spot: Spot
  /** Choices that it tells of. */
  readonly choices: readonly number[]
  readonly #payload: Buffer
  /** Offsets in the payload: of the text, and of its closing quote. */
  readonly #start: number
  readonly #end: number

  private constructor({ tape, choices }: Reading, spot: Spot) {
    this.spot = spot
    this.choices = choices
    this.#payload = tape.bytes
    this.#start = tape.start(spot.node) + 1
    this.#end = tape.end(spot.node) - 1
  }

  /** The likeness of a frame; undefined where there is more in it than a piece of one text. */
  static of(reading: Reading): Likeness | undefined {
    const { spots: [spot], spots, finished, repeats, usage, error } = reading
    const plain = spots.length === 1 && finished.length + repeats.length === 0 && usage === -1 && error === -1
    return plain && !spot!.whole ? new Likeness(reading, spot!) : undefined
  }

  /**
   * The text of a payload that is alike; undefined where it is not. The same bytes before a string lead to the same place
   * in the JSON, and where the string itself is sound and ends there, the same bytes behind it mean the same again.
   */
  textOf(payload: Buffer): string | undefined {
    const tail = this.#payload.length - this.#end
    const end = payload.length - tail
    if (end < this.#start) return undefined
    if (payload.compare(this.#payload, 0, this.#start, 0, this.#start) !== 0) return undefined
    if (payload.compare(this.#payload, this.#end, this.#payload.length, end) !== 0) return undefined
    for (let i = this.#start; i < end; i++) {
      const byte = payload[i]!
      if (byte < 0x20 || byte >= 0x80 || byte === QUOTE || byte === BACKSLASH) return unquoted(payload.subarray(this.#start - 1, end + 1))
    }
    return payload.toString('latin1', this.#start, end)
  }

  /** A frame that is alike, with another text: all its other bytes are as they came. */
  rewritten({ bytes, dataStart, data }: Frame, text: string): Buffer {
    const written = quote(text)
    const start = dataStart + this.#start - 1
    const end = dataStart + data!.length - (this.#payload.length - this.#end) + 1
    const size = Buffer.byteLength(written)
    const out = Buffer.allocUnsafe(start + size + bytes.length - end)
    bytes.copy(out, 0, 0, start)
    out.write(written, start)
    bytes.copy(out, start + size, end)
    return out
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** What a JSON string says, by its bytes with their quotes; undefined where it is none, or more than one. */
function unquoted(json: Buffer): string | undefined {
  if (!isUtf8(json)) return undefined
  try {
    return JSON.parse(json.toString()) as string
  } catch {
    return undefined
  }
}

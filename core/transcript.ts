// What the upstream of a request said, for observers: each text once, whoever reads it. Kept on the Context; filled by
// chain.ts with a whole answer and by lane.ts with the lines of a stream, read by settle.ts.
import type { Channel, Origin, Segment } from '../sdk/index.ts'
import { covers, type ReadsMask } from './conversation.ts'

/** What is kept of a stream, in UTF-16 code units. Models' longest answers are a tenth of it; nothing but its time bounds the stream itself. */
const LONGEST = 4 * 2 ** 20

type Said = Pick<Segment, 'origin' | 'channel' | 'text'>

/** The texts of one answer. */
export class Transcript {
  #said: Said[] = []
  readonly #bound = { left: LONGEST }

  /** All of a whole answer. */
  take(segments: Segment[]): void { this.#said = segments }

  /** Begins a line of a stream. */
  line(origin: Origin, channel: Channel): Line {
    const line = new Line(origin, channel, this.#bound)
    this.#said.push(line)
    return line
  }

  /** The texts that a mask covers, in their order. */
  read(mask: ReadsMask): string[] {
    return this.#said.flatMap(({ origin, channel, text }) => covers(mask, origin, channel) ? [text] : [])
  }
}

/** One line of a stream: its pieces, as far as the bound of all lines together. */
export class Line implements Said {
  readonly origin: Origin
  readonly channel: Channel
  text = ''
  readonly #bound: { left: number }

  constructor(origin: Origin, channel: Channel, bound: { left: number }) {
    this.origin = origin
    this.channel = channel
    this.#bound = bound
  }

  push(piece: string): void {
    const kept = piece.slice(0, this.#bound.left)
    this.text += kept
    this.#bound.left -= kept.length
  }
}

// One JSON text a line (NDJSON): bytes in, lines out. Called by framing.ts for streams of providers that frame so.
import { GatehouseError } from '../../sdk/index.ts'

const LF = 0x0a

/** Cuts a stream into lines. One per stream; linear in the bytes, whatever their pieces. */
export class LineDecoder {
  readonly #limit: number
  /** Pieces of the unfinished line. */
  #held: Buffer[] = []
  #size = 0

  /** `limit` bounds one line, in bytes. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Takes the next piece; gives the lines that it completes, without their ends. Empty lines are none. */
  push(chunk: Buffer): string[] {
    const lines: string[] = []
    let start = 0
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      this.#keep(chunk.subarray(start, end))
      this.#take(lines)
      start = end + 1
    }
    this.#keep(chunk.subarray(start))
    return lines
  }

  /** The stream has ended: what follows the last line end is a line as well. */
  end(): string[] {
    const lines: string[] = []
    this.#take(lines)
    return lines
  }

  #keep(piece: Buffer): void {
    if (piece.length === 0) return
    this.#size += piece.length
    if (this.#size > this.#limit) throw new GatehouseError('upstream_invalid', `Expected lines of at most ${this.#limit} bytes from the upstream.`)
    this.#held.push(piece)
  }

  #take(lines: string[]): void {
    const line = Buffer.concat(this.#held, this.#size).toString().trim()
    this.#held = []
    this.#size = 0
    if (line !== '') lines.push(line)
  }
}

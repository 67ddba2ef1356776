// Watches a stream that no step reads: every frame passes as it came, and only what the record needs is looked at.
// Called by stream.ts.
import type { Streaming } from '../sdk/index.ts'
import type { Frame } from './codec/sse.ts'
import type { Context } from './context.ts'
import type { Passage } from './passage.ts'
import { read, type Reading } from './reading.ts'

/** How its name begins: there is a `usageMetadata` as well. */
const USAGE = Buffer.from('"usage')
const ERROR = Buffer.from('"error"')

/** Frames that are kept to see, when the stream ends, whether it had finished. */
const KEPT = 3

/** Lets frames pass and notes usage, errors and the end. */
export class StreamTap implements Passage {
  readonly #context: Context
  readonly #streaming: Streaming
  readonly #done: Buffer | undefined
  /** True after the frame that ends the stream, or after one that says it failed. */
  #ended = false
  readonly held = 0
  sequence = 0
  #latest: Buffer[] = []

  constructor(context: Context, streaming: Streaming) {
    this.#context = context
    this.#streaming = streaming
    this.#done = streaming.done === undefined ? undefined : Buffer.from(streaming.done)
  }

  frame(frame: Frame, out: Buffer[]): void {
    out.push(frame.bytes)
    const { data } = frame
    if (data === undefined) return
    this.sequence++
    if (this.#done?.equals(data)) {
      this.#ended = true
      return
    }
    if (this.#latest.length === KEPT) this.#latest.shift()
    this.#latest.push(data)
    // Looking for a word is a hundred times cheaper than reading the frame, and most frames have neither.
    if (data.includes(USAGE) || data.includes(ERROR)) this.#look(data)
  }

  finish(): boolean {
    if (this.#ended) return true
    return this.#latest.some(data => (this.#read(data)?.finished.length ?? 0) > 0)
  }

  get complete(): boolean { return this.#ended }

  /** Without guards nothing is blocked, so there is nothing to refuse. */
  refusal(): Buffer {
    return Buffer.alloc(0)
  }

  #look(data: Buffer): void {
    const reading = this.#read(data)
    if (reading === undefined) return
    if (reading.usage !== -1) this.#context.noteUsage(reading.tape, reading.usage)
    if (reading.error === -1) return
    this.#context.noteUpstreamError()
    this.#ended = true
  }

  #read(data: Buffer): Reading | undefined {
    try {
      const { scanner, config: { limits: { depth } } } = this.#context.gateway
      return read(scanner.scan(data, { depth, halves: true }), this.#streaming.frame)
    } catch {
      // A frame that is no JSON is the client's to judge: nothing here has to understand it.
      return undefined
    }
  }
}


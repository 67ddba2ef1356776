// Amazon's binary event streams (`application/vnd.amazon.eventstream`): bytes in, messages out, and messages to bytes. Called
// for what comes from Bedrock. The layout is that of Smithy's "Amazon Event Stream" specification: lengths and a CRC-32 of
// them, headers, the payload, and a CRC-32 of it all; integers are big-endian.
import { crc32 } from 'node:zlib'
import { GatehouseError } from '../../sdk/index.ts'

/** One message as it came. */
export interface AwsEvent {
  /** Every byte of it. The messages of a stream, one after the other, are the stream. */
  readonly bytes: Buffer
  /** Its `:event-type`, `:exception-type` or `:error-code`, by its kind; undefined where it names none. */
  readonly event: string | undefined
  /** JSON, for Bedrock. An error without a payload comes with its `:error-message` as `{ "message": ... }`. */
  readonly payload: Buffer
}

const PRELUDE = 12
const CRC = 4
const MAX_HEADERS = 128 << 10

/** Sizes of header values by type; -1 where two bytes before the value say it. */
const SIZES: readonly number[] = [0, 0, 1, 2, 4, 8, -1, -1, 8, 16]
const STRING = 7

/** Cuts a stream into messages. One per stream. Linear in the bytes, whatever their pieces. */
export class AwsEventDecoder {
  readonly #limit: number
  /** Pieces of the unfinished message. They are joined once its length is known and reached. */
  #pieces: Buffer[] = []
  #size = 0
  /** How many bytes are needed to get on: the prelude's, then the message's. */
  #needed = PRELUDE

  /** `limit` bounds one message, in bytes. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /**
   * Takes the next piece; gives the messages that it completes. Throws `upstream_invalid` for a message over the limit, or
   * one whose lengths, headers or checksums are wrong. What is unfinished at the end of a stream was never sent.
   */
  push(chunk: Buffer): AwsEvent[] {
    this.#pieces.push(chunk)
    this.#size += chunk.length
    if (this.#size < this.#needed) return []
    const bytes = this.#pieces.length === 1 ? chunk : Buffer.concat(this.#pieces, this.#size)
    const events: AwsEvent[] = []
    let start = 0
    this.#needed = PRELUDE
    while (bytes.length - start >= PRELUDE) {
      const length = this.#lengthOf(bytes, start)
      this.#needed = length
      if (bytes.length - start < length) break
      events.push(readMessage(bytes.subarray(start, start + length)))
      start += length
      this.#needed = PRELUDE
    }
    this.#pieces = start === bytes.length ? [] : [bytes.subarray(start)]
    this.#size = bytes.length - start
    return events
  }

  /** The length of the message that begins there, once its prelude is known to be sound. */
  #lengthOf(bytes: Buffer, start: number): number {
    const length = bytes.readUInt32BE(start)
    const headers = bytes.readUInt32BE(start + 4)
    const sound = bytes.readUInt32BE(start + 8) === crc32(bytes.subarray(start, start + 8))
    if (!sound) throw invalid('a sound checksum of each prelude')
    if (headers > MAX_HEADERS || length < PRELUDE + headers + CRC) throw invalid('sound lengths of each message')
    if (length > this.#limit) throw invalid(`messages of at most ${this.#limit} bytes`)
    return length
  }
}

function readMessage(bytes: Buffer): AwsEvent {
  const end = bytes.length - CRC
  if (bytes.readUInt32BE(end) !== crc32(bytes.subarray(0, end))) throw invalid('a sound checksum of each message')
  const body = PRELUDE + bytes.readUInt32BE(4)
  const headers = readHeaders(bytes.subarray(PRELUDE, body))
  const payload = bytes.subarray(body, end)
  switch (headers.get(':message-type')) {
    case 'exception': return { bytes, event: headers.get(':exception-type'), payload }
    case 'error': {
      const message = JSON.stringify({ message: headers.get(':error-message') ?? '' })
      return { bytes, event: headers.get(':error-code'), payload: payload.length > 0 ? payload : Buffer.from(message) }
    }
  }
  return { bytes, event: headers.get(':event-type'), payload }
}

/** The headers whose values are strings; the others are passed over. */
function readHeaders(bytes: Buffer): Map<string, string> {
  const headers = new Map<string, string>()
  let at = 0
  const taken = (size: number): number => {
    const start = at
    at += size
    if (at > bytes.length) throw invalid('sound headers of each message')
    return start
  }
  while (at < bytes.length) {
    const length = bytes[taken(1)]!
    const name = bytes.toString('utf8', taken(length), at)
    const type = bytes[taken(1)]!
    const fixed = SIZES[type]
    if (fixed === undefined) throw invalid('sound headers of each message')
    const size = fixed === -1 ? bytes.readUInt16BE(taken(2)) : fixed
    const start = taken(size)
    if (type === STRING) headers.set(name, bytes.toString('utf8', start, at))
  }
  return headers
}

/** Writes a message; header names have at most 255 bytes, values are strings of at most 65,535. */
export function encodeAwsEvent(headers: Readonly<Record<string, string>>, payload: string | Buffer): Buffer {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => {
    const field = Buffer.alloc(1 + Buffer.byteLength(name) + 3)
    field.writeUInt8(Buffer.byteLength(name))
    field.write(name, 1)
    field.writeUInt8(STRING, field.length - 3)
    field.writeUInt16BE(Buffer.byteLength(value), field.length - 2)
    return Buffer.concat([field, Buffer.from(value)])
  }))
  const body = Buffer.from(payload)
  const prelude = Buffer.alloc(PRELUDE)
  prelude.writeUInt32BE(PRELUDE + head.length + body.length + CRC)
  prelude.writeUInt32BE(head.length, 4)
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8)
  const bytes = Buffer.concat([prelude, head, body])
  const crc = Buffer.alloc(CRC)
  crc.writeUInt32BE(crc32(bytes))
  return Buffer.concat([bytes, crc])
}

function invalid(expected: string): GatehouseError {
  return new GatehouseError('upstream_invalid', `Expected ${expected} in the event stream from the upstream.`)
}

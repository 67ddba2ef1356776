// How the frames of a stream stand on the wire to a client: as server-sent events, or as the elements of one JSON array. Asked
// of context.ts by whatever reads or writes a stream in the client's dialect.
import { JsonArrayStream } from './json-array.ts'
import { encodeFrame, SseDecoder, type Frame } from './sse.ts'

/** One stream in the client's form. */
export interface ClientStream {
  /** Takes the next piece; gives the frames that it completes. Throws `upstream_invalid` for what is malformed or too long. */
  push(chunk: Buffer): readonly Frame[]
  /** What the end of the connection completes. */
  end(): readonly Frame[]
  /** Mends what stands between the frames that leave next, where frames of our own may be among them. */
  join?(out: Buffer[]): void
  /** What closes a stream, behind its last frame. */
  close?(): Buffer
}

/** A form of streams. */
export interface ClientFraming {
  /** The content type, as it begins. */
  readonly type: string
  /** A stream that comes in this form. `limit` bounds one frame, in bytes. */
  open(limit: number): ClientStream
  /** A frame of our own. `event` is its name, where the dialect has names. */
  frame(payload: string, event?: string): string
  /** All the frames of a stream, as that stream. */
  all(frames: readonly string[]): string
  /** What is no stream, an error say, for a client that asked for one. */
  whole(body: string): string
  /** What means nothing between two frames: it tells a client that somebody is still there. */
  readonly pause: Buffer
}

/** Server-sent events. Every reader of them skips comments (WHATWG HTML, section 9.2.6). */
export const EVENTS: ClientFraming = {
  type: 'text/event-stream',
  open: limit => new SseDecoder(limit),
  frame: encodeFrame,
  all: frames => frames.join(''),
  whole: body => body,
  pause: Buffer.from(': held\n\n'),
}

/** One JSON array, where white space is free. */
export const JSON_ARRAY: ClientFraming = {
  type: 'application/json',
  open: limit => new JsonArrayStream(limit),
  frame: payload => `,\r\n${payload}`,
  all: frames => `[${frames.join('').slice(1)}]`,
  whole: body => `[${body}]`,
  pause: Buffer.from('\n'),
}

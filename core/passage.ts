// What stands between a stream's codec and the client: a guard that edits, or a tap that only watches. Members are
// stream-guard.ts and stream-tap.ts; driven by stream.ts.
import type { Frame } from './codec/sse.ts'

/** Frames in, bytes out. */
export interface Passage {
  /** Puts the bytes to send for one frame into `out`. Throws Blocked where the stream must end. */
  frame(frame: Frame, out: Buffer[]): void | Promise<void>
  /** Puts what is still held into `out`. True where the stream had come to its proper end. */
  finish(out: Buffer[]): boolean | Promise<boolean>
  /** Characters that wait for a verdict. */
  readonly held: number
  /** The number of the next frame, where the dialect numbers them. */
  readonly sequence: number
  /** True where the stream has come to its end, though not all of it may have left. */
  readonly complete: boolean
  /** The frames that end the stream as the dialect's own refusal, or as cut for its length. */
  refusal(why: 'content_filter' | 'length'): Buffer
}

// An answer that is there as a whole: words of the gateway's own, or of an upstream that was read to its end. Made by
// spoken.ts, translated.ts, first-event.ts and complete.ts.
import type { Source } from './upstream.ts'

/** A source of one piece. */
export function atOnce(status: number, headers: Source['headers'], body: string | Buffer): Source {
  let rest: Buffer | null = typeof body === 'string' ? Buffer.from(body) : body
  return {
    status,
    headers,
    next() {
      const now = rest
      rest = null
      return now
    },
    cancel() { rest = null },
  }
}

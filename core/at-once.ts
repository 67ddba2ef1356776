// An answer that is there as a whole: words of the gateway's own, or of an upstream that was read to its end. Made by
// spoken.ts, translated.ts, first-event.ts and complete.ts.
import type { Failure } from '../sdk/index.ts'
import type { Source } from './call.ts'

/** A source of one piece. `taken` is called when somebody takes it. */
export function atOnce(
  status: number, headers: Source['headers'], body: string | Buffer, failure?: Failure, taken?: () => void,
): Source {
  let rest: Buffer | null = typeof body === 'string' ? Buffer.from(body) : body
  return {
    status,
    headers,
    failure,
    next() {
      const now = rest
      rest = null
      if (now !== null) taken?.()
      return now
    },
    cancel() { rest = null },
  }
}

// Ids for calls to which Gemini gave none. Used by request-reader.ts and stream-reader.ts.
import { hash } from 'node:crypto'

/** The same id whenever the same thing is read, since the client brings it back with the result. */
export function callId(index: number, ...seed: readonly string[]): string {
  return `call_${index}_${hash('sha256', JSON.stringify(seed)).slice(0, 12)}`
}

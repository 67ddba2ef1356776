// Whole answers, read to their end before anything of them leaves: one that breaks off halfway can be had elsewhere.
// Called by reach.ts.
import { atOnce } from './at-once.ts'
import { collect, type Call, type Source } from './upstream.ts'

/** The answer with all of it there; an error, and a stream that nobody asked for, as it comes. Rejects where it is longer than `limit` bytes, or breaks off. */
export function complete(call: Call, limit: number): Source | Promise<Source> {
  const isStream = String(call.headers['content-type'] ?? '').startsWith('text/event-stream')
  return call.status >= 300 || isStream ? call : collect(call, limit).then(body => atOnce(call.status, call.headers, body))
}

// Errors after a 200: a stream whose first event says that there will be none is the error that it should have been, and
// is tried elsewhere like any. Status and headers have not left by then. Called by reach.ts.
import { GatehouseError, type CanonicalEvent, type Translation } from '../sdk/index.ts'
import { SseDecoder } from './codec/sse.ts'
import { atOnce } from './at-once.ts'
import type { Call, Source } from './upstream.ts'

const ERROR = Buffer.from('error')

/** The call itself, or the error that its stream begins with, in the same dialect. */
export function firstEvent(call: Call, translation: Translation, limit: number): Source {
  const first = call.peek()
  const streams = call.status === 200 && String(call.headers['content-type'] ?? '').startsWith('text/event-stream')
  // Looking for a word is a hundred times cheaper than reading the event, and nearly none has it.
  if (!streams || first === undefined || !first.includes(ERROR)) return call
  try {
    const reader = translation.streamReader()
    for (const { data, event } of new SseDecoder(limit).push(first)) {
      if (data === undefined) continue
      const events = reader.read({ payload: data.toString(), ...(event !== undefined && { event }) })
      const failed = events.find((one): one is CanonicalEvent & { event: 'error' } => one.event === 'error')
      if (failed !== undefined) {
        call.cancel(new GatehouseError('upstream_error', 'The stream has failed.'))
        return atOnce(translation.writeError(failed.error).status, { ...call.headers, 'content-type': 'application/json' }, data)
      }
      if (events.some(one => one.event === 'block')) return call
    }
  } catch {
    // What it is, its reader will say.
  }
  return call
}

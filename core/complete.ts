// Whole answers, read to their end before anything of them leaves: one that breaks off halfway can be had elsewhere.
// Called by reach.ts.
import type { Failure, Translation } from '../sdk/index.ts'
import { atOnce } from './at-once.ts'
import { collect, type Call, type Source } from './call.ts'
import { isFiltered } from './filtered.ts'

/**
 * The answer with all of it there; a stream that nobody asked for, and an error, as it comes. With a reader of its dialect,
 * an error is read as well, and what it tells of is said. Rejects where it is longer than `limit` bytes, or breaks off.
 */
export function complete(call: Call, limit: number, reader?: Translation): Source | Promise<Source> {
  const isStream = String(call.headers['content-type'] ?? '').startsWith('text/event-stream')
  if (isStream || (call.status >= 300 && reader === undefined)) return call
  const body = collect(call, limit)
  return body instanceof Promise ? body.then(whole => completed(call, whole, reader)) : completed(call, body, reader)
}

function completed({ status, headers }: Call, body: Buffer, reader: Translation | undefined): Source {
  return atOnce(status, headers, body, reader && failureIn(status, body, reader))
}

function failureIn(status: number, bytes: Buffer, reader: Translation): Failure | undefined {
  try {
    const body: unknown = JSON.parse(bytes.toString())
    if (status >= 400) return reader.readError(status, body).failure
    return isFiltered(reader.readAnswer(body)) ? 'content' : undefined
  } catch {
    // What cannot be read tells of nothing.
    return undefined
  }
}

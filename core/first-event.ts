// Errors after a 200: a stream whose first event says that there will be none is the error that it should have been, and
// is tried elsewhere like any. Status and headers have not left by then. Called by reach.ts.
import { GatehouseError, type CanonicalEvent, type Failure, type StreamReader, type Translation } from '../sdk/index.ts'
import type { ClientFraming } from './codec/client-framing.ts'
import type { Frame } from './codec/sse.ts'
import { atOnce } from './at-once.ts'
import { endsFiltered } from './filtered.ts'
import type { Call, Source } from './call.ts'

const ERROR = Buffer.from('error')

/** The call itself, or the error that its stream begins with, in the same dialect. */
export function firstEvent(call: Call, translation: Translation, framing: ClientFraming, limit: number): Source {
  const first = call.peek()
  // Looking for a word is a hundred times cheaper than reading the event, and nearly none has it.
  if (!isStream(call, framing) || first === undefined || !first.includes(ERROR)) return call
  try {
    const told = firstWord(framing.open(limit).push(first), translation.streamReader())
    return told?.event.event === 'error' ? failed(call, told.event, told.data, translation, framing) : call
  } catch {
    // What it is, its reader will say.
    return call
  }
}

/** The same, and it says where a content filter has refused the answer. Reads on until the stream tells how it goes on. */
export async function readOn(call: Call, translation: Translation, framing: ClientFraming, limit: number): Promise<Source> {
  if (!isStream(call, framing)) return call
  const stream = framing.open(limit)
  const reader = translation.streamReader()
  const pieces: Buffer[] = []
  for (let bytes = 0; bytes < limit;) {
    const piece = await call.next()
    if (piece === null) break
    pieces.push(piece)
    bytes += piece.length
    try {
      const told = firstWord(stream.push(piece), reader)
      if (told?.event.event === 'error') return failed(call, told.event, told.data, translation, framing)
      if (told !== undefined) return replayed(call, pieces, endsFiltered(told.event) ? 'content' : undefined)
    } catch {
      break
    }
  }
  return replayed(call, pieces)
}

function isStream(call: Call, framing: ClientFraming): boolean {
  return call.status === 200 && String(call.headers['content-type'] ?? '').startsWith(framing.type)
}

/** The first event that is more than a beginning, and the frame that it is in. */
function firstWord(frames: readonly Frame[], reader: StreamReader): { readonly event: CanonicalEvent; readonly data: Buffer } | undefined {
  for (const { data, event: name } of frames) {
    if (data === undefined) continue
    const events = reader.read({ payload: data.toString(), ...(name !== undefined && { event: name }) })
    const event = events.find(one => one.event !== 'start' && one.event !== 'usage')
    if (event !== undefined) return { event, data }
  }
  return undefined
}

/** A stream that fails is hung up on, and is the error that it should have been. */
function failed(call: Call, { error }: CanonicalEvent & { event: 'error' }, data: Buffer, translation: Translation, framing: ClientFraming): Source {
  call.cancel(new GatehouseError('upstream_error', 'The stream has failed.'))
  const { status } = translation.writeError(error)
  return atOnce(status, { ...call.headers, 'content-type': 'application/json' }, framing.whole(data.toString()), error.failure)
}

/** A call of which some pieces were read already. */
function replayed(call: Call, pieces: Buffer[], failure?: Failure): Source {
  return {
    status: call.status,
    headers: call.headers,
    failure,
    next: () => pieces.shift() ?? call.next(),
    cancel(reason) {
      pieces.length = 0
      call.cancel(reason)
    },
  }
}

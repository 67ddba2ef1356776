// Frames of OpenAI's streams: read for what they repeat, and written. Used by the dialects that stream.
import type { Reply, Tape } from '../../../sdk/index.ts'
import { count, members } from './words.ts'

/** What every frame of one stream repeats. */
export interface Head {
  readonly id: string
  readonly object: string
  readonly created: number
  readonly model: string
  readonly system_fingerprint?: string
}

/** The payload of a frame as far as it is an object; upstreams also send what is not. */
export function parseFrame(payload: string): Readonly<Record<string, unknown>> {
  try {
    return members(JSON.parse(payload))
  } catch {
    return {}
  }
}

/** What may be a list of objects. */
export function listOf(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(members) : []
}

/** The head of a stream, by one of its frames. */
export function headOf(frame: Readonly<Record<string, unknown>>, object: string): Head {
  const { id, created, model, system_fingerprint } = frame
  return {
    id: typeof id === 'string' ? id : '',
    object,
    created: count(created) ?? 0,
    model: typeof model === 'string' ? model : '',
    ...(typeof system_fingerprint === 'string' ? { system_fingerprint } : {}),
  }
}

/** The head of an answer of the gateway's own. */
export function headOfReply(reply: Reply, object: string): Head {
  return { id: reply.id, object, created: reply.at, model: reply.model }
}

/** The payload of a frame with one choice in it. */
export function frameOf(head: Head, choice: object): string {
  return JSON.stringify({ ...head, choices: [choice] })
}

/** True for the frame that reports usage and nothing else: its list of choices is empty. */
export function onlyUsage(frame: Tape): boolean {
  if (frame.kind(0) !== 'object') return false
  const choices = frame.find(0, 'choices')
  const usage = frame.find(0, 'usage')
  return choices !== -1 && frame.kind(choices) === 'array' && frame.first(choices) === -1
    && usage !== -1 && frame.kind(usage) === 'object'
}

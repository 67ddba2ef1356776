// What a processor sees: pieces of text with their place and where they came from. Nothing of the wire format leaks in
// here, so one processor serves every dialect. Made by core/reading.ts from a dialect's map; read by every processor.

/**
 * Who put a text into the conversation.
 *
 * `gateway` marks words that the gateway's own chain inserted (a decorated system prompt); detectors do not see them
 * unless they name that origin, since scanning one's own words only makes false alarms.
 */
export type Origin = 'system' | 'developer' | 'user' | 'assistant' | 'tool_result' | 'tool_def' | 'file' | 'gateway'

/**
 * What kind of text it is. `tool_args` is the argument JSON of a tool call as one string; `schema` is any string inside
 * a declared JSON schema; `transcript` is speech put into words.
 */
export type Channel = 'text' | 'reasoning' | 'refusal' | 'tool_args' | 'tool_name' | 'schema' | 'transcript'

/** Every origin, in the order of the type above. */
export const ORIGINS = ['system', 'developer', 'user', 'assistant', 'tool_result', 'tool_def', 'file', 'gateway'] as const satisfies readonly Origin[]

/** Every channel, in the order of the type above. */
export const CHANNELS = ['text', 'reasoning', 'refusal', 'tool_args', 'tool_name', 'schema', 'transcript'] as const satisfies readonly Channel[]

/**
 * One string of a request or of an answer. Plain data: it crosses threads and isolates as it is.
 *
 * A processor MUST address a segment by its `id` and MUST NOT assume that ids are dense or ordered by path. `text` is
 * the decoded text (no JSON escapes left); offsets into it are UTF-16 code units, as JavaScript counts.
 *
 * On a stream, `text` is the part of the segment that is in the gateway's hands at that moment; see `StreamNeeds` in
 * processor.ts for what is promised about it.
 */
export interface Segment {
  readonly id: number
  readonly origin: Origin
  /** `untrusted` for what others than the operator and the assistant wrote: users, tools, files. */
  readonly trust: 'trusted' | 'untrusted'
  readonly channel: Channel
  /** Index of the choice in an answer that has several; 0 in a request. */
  readonly choice: number
  /** JSON pointer (RFC 6901) of the string in the body, or in the whole answer that a stream adds up to. */
  readonly path: string
  readonly text: string
}

/** Which segments a processor wants. What is left out is never handed over, and counts as skipped in the record. */
export interface Reads {
  /** Default: every origin except `gateway` and `tool_def`. */
  readonly origins?: readonly Origin[]
  /** Default: `text`. */
  readonly channels?: readonly Channel[]
}

/** What `Reads` means where it says nothing. */
export const DEFAULT_READS = {
  origins: ['system', 'developer', 'user', 'assistant', 'tool_result', 'file'],
  channels: ['text'],
} as const satisfies Reads

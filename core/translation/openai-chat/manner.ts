// What sets the members of the family apart: formats that took over the messages of Chat Completions, each with small
// ways of its own. Used by everything in this folder; mistral-chat.ts brings its own.
import type { MediaBlock } from '../../../sdk/index.ts'
import { callId } from './identifier.ts'
import { partOf } from './content.ts'

/** How one format of the family speaks. */
export interface Manner {
  /** Of the translation. */
  readonly dialect: string
  /** An id of a tool call as this format takes it; the same for the same. */
  callId(id: string): string
  /** A picture, a sound or a file as a part of a message's content; undefined where the format has no such thing. */
  partOf(block: MediaBlock): object | undefined
  /** Where thoughts stand: in a field of the message, or among the parts of its content. */
  readonly thoughts: 'field' | 'parts'
  /** Whether a message has a field for refusals; where it has none, they are text. */
  readonly refusals: 'field' | 'text'
  /** What the result of a tool may hold. */
  readonly results: 'text' | 'parts'
  /** True where a message tells which of several users wrote it. */
  readonly names: boolean
  /** True where a user may not speak right after the result of a tool. */
  readonly replies: boolean
  /** True where an answer tells its sources. */
  readonly cites: boolean
  /** Where a stream tells its usage: in a frame of its own and only when asked, or with the last word of the answer. */
  readonly usage: 'asked' | 'always'
}

/** OpenAI's own. */
export const OPENAI: Manner = {
  dialect: 'openai-chat', callId, partOf,
  thoughts: 'field', refusals: 'field', results: 'text', names: true, replies: false, cites: true, usage: 'asked',
}

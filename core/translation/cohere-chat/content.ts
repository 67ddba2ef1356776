// Pieces of what Cohere's messages say. Used by the readers and writers of requests, answers and streams.
import type { ToolCallBlock } from '../../../sdk/index.ts'

/** The name under which opaque blocks are kept. */
export const DIALECT = 'cohere-chat'

/** What may be an object, as far as it is one. */
export type Raw = Readonly<Record<string, unknown>>

/** The string that may stand in a field, else `''`. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** A text or a thought as a piece of content. */
export function writeSaid(kind: 'text' | 'refusal' | 'reasoning', text: string): Raw {
  return kind === 'reasoning' ? { type: 'thinking', thinking: text } : { type: 'text', text }
}

/** A call. Arguments are JSON text, `{}` where there are none. */
export function writeCall({ id, name, args }: Pick<ToolCallBlock, 'id' | 'name' | 'args'>): Raw {
  return { id, type: 'function', function: { name, arguments: args === '' ? '{}' : args } }
}

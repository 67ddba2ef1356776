// Pieces of what Cohere's messages say. Used by the readers and writers of requests, answers and streams.
import type { Block, TextBlock, ToolCallBlock } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { members } from '../../dialect/openai/words.ts'
import { readCitations, type Cited } from './citation.ts'

/** The name under which opaque blocks are kept. */
export const DIALECT = 'cohere-chat'

/** What may be an object, as far as it is one. */
export type Raw = Readonly<Record<string, unknown>>

/** The string that may stand in a field, else `''`. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/**
 * What an assistant says and does: texts and thoughts (a string, or a list of pieces), its plan to use tools, which is what
 * other formats say in front of calls, and its calls.
 */
export function readSpoken({ content, tool_plan, citations, tool_calls }: Raw): Block[] {
  const cited = readCitations(citations)
  const pieces = typeof content === 'string' ? [{ type: 'text', text: content }] : listOf(content)
  return [
    ...pieces.flatMap(({ type, text, thinking }: Raw, index): Block[] => {
      if (type !== 'thinking') return textBlock(textOf(text), index, cited)
      const said = textOf(thinking)
      return said === '' ? [] : [{ kind: 'reasoning', text: said }]
    }),
    ...textBlock(textOf(tool_plan), 'plan', cited),
    ...listOf(tool_calls).map(readCall),
  ]
}

function textBlock(text: string, piece: Cited['piece'], cited: readonly Cited[]): TextBlock[] {
  const citations = cited.flatMap(one => one.piece === piece ? [one.citation] : [])
  return text === '' ? [] : [{ kind: 'text', text, ...(citations.length > 0 && { citations }) }]
}

/** A text or a thought as a piece of content. */
export function writeSaid(kind: 'text' | 'refusal' | 'reasoning', text: string): Raw {
  return kind === 'reasoning' ? { type: 'thinking', thinking: text } : { type: 'text', text }
}

function readCall({ id, function: called }: Raw): ToolCallBlock {
  const { name, arguments: args } = members(called)
  return { kind: 'tool_call', id: textOf(id), name: textOf(name), args: textOf(args) }
}

/** A call. Arguments are JSON text, `{}` where there are none. */
export function writeCall({ id, name, args }: Pick<ToolCallBlock, 'id' | 'name' | 'args'>): Raw {
  return { id, type: 'function', function: { name, arguments: args === '' ? '{}' : args } }
}

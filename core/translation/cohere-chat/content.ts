// Pieces of what Cohere's messages say. Used by the readers and writers of requests, answers and streams.
import type { Block, OpaqueBlock, ReasoningBlock, TextBlock, ToolCallBlock } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { members } from '../../dialect/openai/words.ts'

/** The name under which opaque blocks are kept. */
export const DIALECT = 'cohere-chat'

/** What may be an object, as far as it is one. */
export type Raw = Readonly<Record<string, unknown>>

/** The string that may stand in a field, else `''`. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Texts and thoughts of what an assistant says: a string, or a list of pieces. */
export function readSaid(content: unknown): (TextBlock | ReasoningBlock)[] {
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content }]
  return listOf(content).flatMap(({ type, text, thinking }) => {
    const said = textOf(type === 'thinking' ? thinking : text)
    return said === '' ? [] : [{ kind: type === 'thinking' ? 'reasoning' : 'text', text: said }]
  })
}

/** A text or a thought as a piece of content. */
export function writeSaid(kind: 'text' | 'refusal' | 'reasoning', text: string): Raw {
  return kind === 'reasoning' ? { type: 'thinking', thinking: text } : { type: 'text', text }
}

/**
 * What an assistant did beside speaking: its plan to use tools, which is what other formats say in front of calls, the
 * places that it cites, and its calls.
 */
export function readDone({ tool_plan, citations, tool_calls }: Raw): Block[] {
  const plan = textOf(tool_plan)
  return [
    ...(plan === '' ? [] : [{ kind: 'text', text: plan } as const]),
    ...listOf(citations).map(citationOf),
    ...listOf(tool_calls).map(readCall),
  ]
}

/** A citation, which points into the text before it. */
export function citationOf(raw: Raw): OpaqueBlock {
  return { kind: 'opaque', dialect: DIALECT, type: 'citation', raw }
}

function readCall({ id, function: called }: Raw): ToolCallBlock {
  const { name, arguments: args } = members(called)
  return { kind: 'tool_call', id: textOf(id), name: textOf(name), args: textOf(args) }
}

/** A call. Arguments are JSON text, `{}` where there are none. */
export function writeCall({ id, name, args }: Pick<ToolCallBlock, 'id' | 'name' | 'args'>): Raw {
  return { id, type: 'function', function: { name, arguments: args === '' ? '{}' : args } }
}

/** The places cited, as this format has them. */
export function citationsIn(blocks: readonly Block[]): readonly unknown[] {
  return blocks.flatMap(block => isCitation(block) ? [block.raw] : [])
}

/** True for a citation of this format. */
export function isCitation(block: Block): block is OpaqueBlock {
  return block.kind === 'opaque' && block.dialect === DIALECT && block.type === 'citation'
}

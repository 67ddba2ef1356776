// What an assistant has said and done: of an answer, or of an earlier turn. Used by the readers of answers and of requests.
import type { Block, TextBlock, ToolCallBlock } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { members } from '../../dialect/openai/words.ts'
import { readCitations, type Cited } from './citation.ts'
import { textOf, type Raw } from './content.ts'

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

function readCall({ id, function: called }: Raw): ToolCallBlock {
  const { name, arguments: args } = members(called)
  return { kind: 'tool_call', id: textOf(id), name: textOf(name), args: textOf(args) }
}

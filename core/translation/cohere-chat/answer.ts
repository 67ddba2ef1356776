// Whole answers of Cohere, read and written. Called by translated.ts.
import type {
  AnswerSettings, Block, CanonicalAnswer, CanonicalChoice, ReasoningBlock, RefusalBlock, TextBlock,
} from '../../../sdk/index.ts'
import { members } from '../../dialect/openai/words.ts'
import { writeCitation } from './citation.ts'
import { textOf, writeCall, writeSaid } from './content.ts'
import { finishWord, readFinish } from './finish.ts'
import { readSpoken } from './spoken.ts'
import { readUsage, writeUsage } from './usage.ts'

/** Reads a whole answer. Throws an Error where the body holds no message. */
export function readAnswer(body: unknown): CanonicalAnswer {
  const { id, message, finish_reason, usage: told } = members(body)
  if (typeof message !== 'object' || message === null) throw new Error('The body is no answer of Cohere')
  const blocks = readSpoken(members(message))
  const finish = readFinish(textOf(finish_reason), blocks.some(({ kind }) => kind === 'tool_call'))
  const usage = readUsage(told)
  return { id: textOf(id), model: '', choices: [{ index: 0, blocks, finish }], ...(usage !== undefined && { usage }) }
}

const NOTHING: Pick<CanonicalChoice, 'blocks' | 'finish'> = { blocks: [], finish: { stop: 'error', raw: '' } }

function isSaid(block: Block): block is TextBlock | RefusalBlock | ReasoningBlock {
  return block.kind === 'text' || block.kind === 'refusal' || (block.kind === 'reasoning' && block.redacted === undefined)
}

/** Writes a whole answer. Cohere has one choice. */
export function writeAnswer({ id, choices, usage }: CanonicalAnswer, settings: AnswerSettings): string {
  const { blocks, finish } = choices[0] ?? NOTHING
  const said = blocks.filter(isSaid)
  const content = said.map(block => writeSaid(block.kind, block.text))
  const calls = blocks.flatMap(block => block.kind === 'tool_call' ? [writeCall(block)] : [])
  const citations = said.flatMap((block, index) => (
    block.kind === 'text' ? (block.citations ?? []).map(citation => writeCitation(citation, block.text, index)) : []))
  return JSON.stringify({
    id: id === '' ? settings.id : id,
    message: {
      role: 'assistant',
      ...(content.length > 0 && { content }),
      ...(citations.length > 0 && { citations }),
      ...(calls.length > 0 && { tool_calls: calls }),
    },
    finish_reason: finishWord(finish),
    ...(usage !== undefined && { usage: writeUsage(usage) }),
  })
}

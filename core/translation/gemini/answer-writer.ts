// A whole answer in Gemini's words. Called by translated.ts; stream-writer.ts shares its envelope.
import type { AnswerSettings, Block, CanonicalAnswer, CanonicalChoice } from '../../../sdk/index.ts'
import { linked, type Linked } from '../openai-chat/citation.ts'
import { finishWord } from './finish.ts'
import { groundingFields } from './grounding.ts'
import { logprobFields } from './logprob.ts'
import { partOf } from './part.ts'
import type { Fields } from './proto.ts'
import { writeUsage } from './usage.ts'

/** Writes a GenerateContentResponse. */
export function writeAnswer({ id, choices, usage }: CanonicalAnswer, settings: AnswerSettings): string {
  return JSON.stringify({
    candidates: choices.map(candidateOf),
    ...(usage !== undefined && { usageMetadata: writeUsage(usage) }),
    ...headOf(id, settings),
  })
}

/** What stands in every answer and frame. */
export function headOf(id: string, { model, id: own }: AnswerSettings): Fields {
  return { modelVersion: model, responseId: id === '' ? own : id }
}

function candidateOf({ index, blocks, finish }: CanonicalChoice): Fields {
  const parts = blocks.map(partOf)
  const spoilt = parts.some((part, at) => part === undefined && blocks[at]!.kind === 'tool_call')
  return {
    content: { role: 'model', parts: parts.filter(part => part !== undefined) },
    finishReason: finishWord(finish, spoilt),
    index,
    ...groundingOf(blocks),
    ...logprobFields(blocks.flatMap(block => block.kind === 'text' ? block.logprobs ?? [] : [])),
  }
}

/** What the texts of a candidate cite. */
export function groundingOf(blocks: readonly Block[]): Fields {
  let said = ''
  const cited: Linked[] = []
  for (const block of blocks) {
    if (block.kind !== 'text' && block.kind !== 'refusal') continue
    const { text } = block
    if (block.kind === 'text') cited.push(...(block.citations ?? []).flatMap(citation => linked(citation, text.length, said.length)))
    said += text
  }
  return groundingFields(said, cited)
}

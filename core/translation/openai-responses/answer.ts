// Whole answers, both ways. Used by ../openai-responses.ts.
import type { AnswerSettings, Block, CanonicalAnswer } from '../../../sdk/index.ts'
import { usage } from '../../dialect/openai-responses/usage.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { count, members, tiered } from '../../dialect/openai/words.ts'
import { textOf } from '../openai-chat/content.ts'
import { ending, readFinish, type Held } from './finish.ts'
import { isEmpty, readItem } from './output-reader.ts'
import { itemsOf, type Item } from './output-writer.ts'
import { responseOf, usageFields } from './response.ts'

/** A provider's whole answer. Throws an Error where it is none. */
export function readAnswer(body: unknown): CanonicalAnswer {
  const response = members(body)
  const { id, model, created_at, output } = response
  if (!Array.isArray(output)) throw new Error('Expected an answer with a list of output items')
  const created = count(created_at)
  const told = tiered(usage(response.usage), response.service_tier)
  const blocks = listOf(output).flatMap(readItem).filter(block => !isEmpty(block))
  return {
    id: textOf(id),
    model: textOf(model),
    ...(created !== undefined && { created }),
    choices: [{ index: 0, blocks, finish: readFinish(response, heldIn(blocks)) }],
    ...(told !== undefined && { usage: told }),
  }
}

function heldIn(blocks: readonly Block[]): Held {
  return { calls: blocks.some(block => block.kind === 'tool_call'), refusal: blocks.some(block => block.kind === 'refusal') }
}

/** The body of an answer to a client: the first choice, since this format has one. */
export function writeAnswer({ id, created, choices, usage: told }: CanonicalAnswer, settings: AnswerSettings): string {
  const { blocks, finish } = choices[0] ?? { blocks: [], finish: { stop: 'end' } as const }
  const output: Item[] = []
  for (const block of blocks) output.push(...itemsOf(block, settings.request, id || settings.id, output.length))
  const state = { id, created, ...ending(finish.stop, heldIn(blocks)), output, usage: usageFields(told) }
  return JSON.stringify(responseOf(state, settings))
}

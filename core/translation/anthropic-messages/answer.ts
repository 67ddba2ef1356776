// Whole answers of this format, both ways. Called by ../anthropic-messages.ts.
import { GatehouseError } from '../../../sdk/index.ts'
import type { AnswerSettings, CanonicalAnswer } from '../../../sdk/index.ts'
import { usage as readUsage } from '../../dialect/anthropic/words.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { members } from '../../dialect/openai/words.ts'
import { textOf } from './payload.ts'
import { callsClient, readAnswered } from './read-blocks.ts'
import { readFinish, writeFinish } from './stop.ts'
import { writeUsage } from './usage.ts'
import { writeAnswered } from './write-blocks.ts'

/** Reads one. Throws `upstream_invalid` for what is no message. */
export function readAnswer(raw: unknown): CanonicalAnswer {
  const { id, model, content, stop_reason: reason, stop_sequence: sequence, usage: counts } = members(raw)
  if (!Array.isArray(content)) throw new GatehouseError('upstream_invalid', 'Expected a message with content from the upstream.')
  const blocks = readAnswered(content)
  const usage = readUsage(counts)
  const finish = readFinish(reason, sequence, listOf(content).some(callsClient))
  return { id: textOf(id), model: textOf(model), choices: [{ index: 0, blocks, finish }], ...(usage !== undefined && { usage }) }
}

/** Writes one; this format has one choice, the first. */
export function writeAnswer({ id, choices, usage }: CanonicalAnswer, settings: AnswerSettings): string {
  const [choice] = choices
  if (choice === undefined) throw new GatehouseError('upstream_invalid', 'Expected an answer with a choice from the upstream.')
  const { blocks, finish } = choice
  return JSON.stringify({
    id: id || settings.id,
    type: 'message',
    role: 'assistant',
    model: settings.model,
    content: blocks.flatMap(block => writeAnswered(block) ?? []),
    ...writeFinish(finish, {
      called: blocks.some(({ kind }) => kind === 'tool_call'),
      refused: blocks.some(({ kind }) => kind === 'refusal'),
    }),
    usage: writeUsage(usage),
  })
}

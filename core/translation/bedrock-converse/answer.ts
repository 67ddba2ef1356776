// Whole answers of this format, both ways. Called by ../bedrock-converse.ts.
import { GatehouseError } from '../../../sdk/index.ts'
import type { CanonicalAnswer } from '../../../sdk/index.ts'
import { members, tiered } from '../../dialect/openai/words.ts'
import { readBlocks } from './read-blocks.ts'
import { readFinish, writeFinish } from './stop.ts'
import { readUsage, writeUsage } from './usage.ts'
import { writeAnswered } from './write-blocks.ts'

/** Reads one, which has neither id nor model. Throws `upstream_invalid` for what is no answer. */
export function readAnswer(raw: unknown): CanonicalAnswer {
  const { output, stopReason, usage: counts, serviceTier, additionalModelResponseFields: more } = members(raw)
  const { content } = members(members(output).message)
  if (!Array.isArray(content)) throw new GatehouseError('upstream_invalid', 'Expected a message with content from the upstream.')
  const blocks = readBlocks(content)
  const usage = tiered(readUsage(counts), members(serviceTier).type)
  const finish = readFinish(stopReason, more, blocks.some(({ kind }) => kind === 'tool_call'))
  return { id: '', model: '', choices: [{ index: 0, blocks, finish }], ...(usage !== undefined && { usage }) }
}

/** Writes one; this format has one choice, the first. */
export function writeAnswer({ choices, usage }: CanonicalAnswer): string {
  const [choice] = choices
  if (choice === undefined) throw new GatehouseError('upstream_invalid', 'Expected an answer with a choice from the upstream.')
  const { blocks, finish } = choice
  return JSON.stringify({
    output: { message: { role: 'assistant', content: blocks.flatMap(block => writeAnswered(block) ?? []) } },
    ...writeFinish(finish, blocks.some(({ kind }) => kind === 'tool_call')),
    usage: writeUsage(usage),
    metrics: { latencyMs: 0 },
  })
}

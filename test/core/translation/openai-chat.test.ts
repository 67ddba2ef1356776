// OpenAI Chat Completions keep the laws of every format.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import translation from '../../../core/translation/openai-chat.ts'
import type { CanonicalChoice, Finish } from '../../../sdk/index.ts'
import { answerLaws } from './law.ts'
import { inRanks, orderless } from './orderless.ts'
import { survivesWildBodies } from './wild-body.ts'

/** How an answer ended, as this format can say it. */
function stopOf({ blocks, finish: { stop } }: CanonicalChoice): Finish['stop'] {
  const holds = (kind: string): boolean => blocks.some(block => block.kind === kind)
  if (stop === 'refusal' && !holds('refusal')) return 'filter'
  if (stop !== 'end' && stop !== 'stop_sequence' && stop !== 'refusal') return stop
  if (holds('tool_call')) return 'tool'
  return holds('refusal') ? 'refusal' : 'end'
}

answerLaws(orderless(translation), answer => ({
  ...answer,
  choices: answer.choices.map(choice => ({
    ...choice, blocks: inRanks(choice.blocks), finish: { ...choice.finish, stop: stopOf(choice) },
  })),
}))

test('a call goes to the path of the format', () => {
  assert.deepEqual([translation.pathOf('m', true), translation.framing], ['/chat/completions', 'sse'])
})

survivesWildBodies(translation)

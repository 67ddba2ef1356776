// The usage of Responses, which is that of Chat Completions in other words. Used by the dialect and the translation.
import type { Tape, Usage } from '../../../sdk/index.ts'
import { members, tiered, usage as readUsage, wordIn } from '../openai/words.ts'

/** Reads a usage object; undefined where it holds no sound counts. What was cached or thought is inside of the totals. */
export function usage(raw: unknown, _earlier?: Usage, answer?: Tape): Usage | undefined {
  const { input_tokens, input_tokens_details, output_tokens, output_tokens_details, total_tokens } = members(raw)
  const counts = readUsage({
    prompt_tokens: input_tokens, prompt_tokens_details: input_tokens_details,
    completion_tokens: output_tokens, completion_tokens_details: output_tokens_details, total_tokens,
  })
  // A frame has the response, and a whole answer is one.
  return tiered(counts, answer && wordIn(answer, Math.max(answer.find(0, 'response'), 0), 'service_tier'))
}

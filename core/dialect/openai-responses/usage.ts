// The usage of Responses, which is that of Chat Completions in other words. Used by the dialect and the translation.
import type { Usage } from '../../../sdk/index.ts'
import { members, usage as readUsage } from '../openai/words.ts'

/** Reads a usage object; undefined where it holds no sound counts. What was cached or thought is inside of the totals. */
export function usage(raw: unknown): Usage | undefined {
  const { input_tokens, input_tokens_details, output_tokens, output_tokens_details, total_tokens } = members(raw)
  return readUsage({
    prompt_tokens: input_tokens, prompt_tokens_details: input_tokens_details,
    completion_tokens: output_tokens, completion_tokens_details: output_tokens_details, total_tokens,
  })
}

// Tokens as Anthropic counts them: what was cached stands beside the input, not in it. Called by answer.ts and the streams.
import type { Usage } from '../../../sdk/index.ts'

const NOTHING: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider' }

/** Writes the counts; zeros where nobody knows, since clients of this format want to see numbers. */
export function writeUsage(usage: Usage = NOTHING): object {
  const { input, output, cacheRead, cacheWrite, cacheWriteHour, reasoning } = usage
  return {
    input_tokens: Math.max(input - cacheRead - cacheWrite, 0),
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cacheRead,
    ...(cacheWriteHour !== undefined && {
      cache_creation: { ephemeral_5m_input_tokens: cacheWrite - cacheWriteHour, ephemeral_1h_input_tokens: cacheWriteHour },
    }),
    output_tokens: output,
    ...(reasoning > 0 && { output_tokens_details: { thinking_tokens: reasoning } }),
  }
}

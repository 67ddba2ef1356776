// Tokens as Anthropic counts them: what was cached stands beside the input, not in it. Called by answer.ts and the streams.
import type { Usage } from '../../../sdk/index.ts'
import { count, members } from '../../dialect/openai/words.ts'

/** Reads the counts of an answer; undefined where there are none. */
export function readUsage(raw: unknown): Usage | undefined {
  const told = members(raw)
  const fresh = count(told.input_tokens)
  const output = count(told.output_tokens)
  if (fresh === undefined && output === undefined) return undefined
  const cacheRead = count(told.cache_read_input_tokens) ?? 0
  const cacheWrite = count(told.cache_creation_input_tokens) ?? 0
  const reasoning = Math.min(count(members(told.output_tokens_details).thinking_tokens) ?? 0, output ?? 0)
  const input = (fresh ?? 0) + cacheRead + cacheWrite
  return { input, output: output ?? 0, cacheRead, cacheWrite, reasoning, source: 'provider' }
}

const NOTHING = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 } as const

/** Writes them; zeros where nobody knows, since clients of this format want to see numbers. */
export function writeUsage(usage: Usage | undefined): object {
  const { input, output, cacheRead, cacheWrite, reasoning } = usage ?? NOTHING
  return {
    input_tokens: Math.max(input - cacheRead - cacheWrite, 0),
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cacheRead,
    output_tokens: output,
    ...(reasoning > 0 && { output_tokens_details: { thinking_tokens: reasoning } }),
  }
}

// Tokens as Bedrock counts them: what was cached stands beside the input, and thoughts are not told apart. Called by answer.ts
// and the streams.
import type { Usage } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { count, members, parts, within } from '../../dialect/openai/words.ts'

/** Reads the counts of an answer; undefined where there are none. */
export function readUsage(raw: unknown): Usage | undefined {
  const told = members(raw)
  const fresh = count(told.inputTokens)
  const output = count(told.outputTokens)
  if (fresh === undefined || output === undefined) return undefined
  const cacheRead = count(told.cacheReadInputTokens) ?? 0
  const cacheWrite = count(told.cacheWriteInputTokens) ?? 0
  const hour = listOf(told.cacheDetails).find(({ ttl }) => ttl === '1h')
  const cacheWriteHour = within(hour?.inputTokens, cacheWrite)
  return {
    input: fresh + cacheRead + cacheWrite, output, cacheRead, cacheWrite, reasoning: 0, source: 'provider', ...parts({ cacheWriteHour }),
  }
}

/** Writes them; zeros where nobody knows, since the format requires numbers. */
export function writeUsage(usage: Usage | undefined): object {
  const { input, output, cacheRead, cacheWrite, cacheWriteHour = 0 } = usage ?? { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }
  const details = [{ ttl: '1h', inputTokens: cacheWriteHour }, { ttl: '5m', inputTokens: cacheWrite - cacheWriteHour }]
  return {
    inputTokens: Math.max(input - cacheRead - cacheWrite, 0),
    outputTokens: output,
    totalTokens: input + output,
    cacheReadInputTokens: cacheRead,
    cacheWriteInputTokens: cacheWrite,
    ...(cacheWriteHour > 0 && { cacheDetails: details.filter(({ inputTokens }) => inputTokens > 0) }),
  }
}

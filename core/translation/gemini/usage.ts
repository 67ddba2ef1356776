// Tokens as Gemini counts them, and back. Used by the readers and writers of answers and streams.
import type { Usage } from '../../../sdk/index.ts'
import { count } from '../../dialect/openai/words.ts'
import { fieldsOf, type Fields } from './proto.ts'

/**
 * Reads usageMetadata; undefined where it holds no sound counts, as in the first frames of a stream. The prompt includes
 * what came from a cache but not what tools brought in; candidates do not include thoughts.
 */
export function readUsage(raw: unknown): Usage | undefined {
  const told = fieldsOf(raw)
  const prompt = count(told.promptTokenCount)
  if (prompt === undefined) return undefined
  const input = prompt + (count(told.toolUsePromptTokenCount) ?? 0)
  const reasoning = count(told.thoughtsTokenCount) ?? 0
  const output = (count(told.candidatesTokenCount) ?? 0) + reasoning
  const cacheRead = Math.min(count(told.cachedContentTokenCount) ?? 0, input)
  return { input, output, cacheRead, cacheWrite: 0, reasoning, source: 'provider' }
}

/** The usageMetadata to write. */
export function writeUsage({ input, output, cacheRead, reasoning }: Usage): Fields {
  return {
    promptTokenCount: input,
    ...(cacheRead > 0 && { cachedContentTokenCount: cacheRead }),
    candidatesTokenCount: output - reasoning,
    ...(reasoning > 0 && { thoughtsTokenCount: reasoning }),
    totalTokenCount: input + output,
  }
}

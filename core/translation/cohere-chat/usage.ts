// Tokens as Cohere counts them, and back. Used by the readers and writers of answers and streams.
import type { Usage } from '../../../sdk/index.ts'
import { count, members } from '../../dialect/openai/words.ts'
import type { Raw } from './content.ts'

/**
 * Reads a usage object; undefined where it holds no sound counts. `tokens` is what the model saw, `billed_units` the part
 * of it that is paid for: without Cohere's own frame around the prompt. What was cached is part of the former.
 */
export function readUsage(raw: unknown): Usage | undefined {
  const { tokens, billed_units, cached_tokens } = members(raw)
  const told = members(tokens ?? billed_units)
  const input = count(told.input_tokens)
  if (input === undefined) return undefined
  const output = count(told.output_tokens) ?? 0
  const cacheRead = Math.min(count(cached_tokens) ?? 0, input)
  const billed = members(billed_units)
  const billedInput = count(billed.input_tokens) ?? input
  const billedOutput = count(billed.output_tokens) ?? output
  return {
    input, output, cacheRead, cacheWrite: 0, reasoning: 0, source: 'provider',
    ...(billedInput !== input && { billedInput }), ...(billedOutput !== output && { billedOutput }),
  }
}

/** The usage object to write. */
export function writeUsage({ input, output, cacheRead, billedInput = input, billedOutput = output }: Usage): Raw {
  return {
    billed_units: { input_tokens: billedInput, output_tokens: billedOutput },
    tokens: { input_tokens: input, output_tokens: output },
    ...(cacheRead > 0 && { cached_tokens: cacheRead }),
  }
}

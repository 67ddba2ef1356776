// Usage objects as the wire formats shape them, read by the very code that reads them off answers. Called by ../settlement.ts.
import type { Usage } from '../../sdk/index.ts'
import { dialectNames, loadDialect } from '../registry.ts'

/** Reads a usage object; undefined for what holds no sound counts. */
export type ReadUsage = (usage: unknown) => Usage | undefined

/** Formats that no client speaks. */
const OTHERS: Readonly<Record<string, () => Promise<ReadUsage>>> = {
  'bedrock-converse': async () => (await import('../translation/bedrock-converse/usage.ts')).readUsage,
  'cohere-chat': async () => (await import('../translation/cohere-chat/usage.ts')).readUsage,
  'mistral-chat': async () => (await import('../dialect/openai/words.ts')).usage,
  'ollama-chat': async () => {
    const { usageIn } = await import('../translation/ollama-chat/answer.ts')
    return usage => usageIn(usage as Readonly<Record<string, unknown>>)
  },
}

/** Names of the formats whose usage can be read. */
export const usageShapes = (): string[] => [...dialectNames(), ...Object.keys(OTHERS)]

/** How a format tells usage; undefined where there is no such format, or its usage cannot be read by itself. */
export async function readerOf(format: string): Promise<ReadUsage | undefined> {
  if (Object.hasOwn(OTHERS, format)) return OTHERS[format]!()
  if (!dialectNames().includes(format)) return undefined
  const dialect = await loadDialect(format)
  return usage => dialect.usage(usage)
}

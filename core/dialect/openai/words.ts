// Words that OpenAI's formats share: what stands in every answer, how an error and the usage are told, which headers are
// passed on. Used by the openai-*.ts dialects.
import { ERRORS, anywhere, each, fields, text, wholeText, word } from '../../../sdk/index.ts'
import type { ErrorCode, GatehouseError, Place, Tape, Usage } from '../../../sdk/index.ts'

/**
 * Request headers that are passed on with a JSON body. `openai-organization` and `openai-project` are not among them:
 * which account pays is for the owner of the key to say.
 */
export const FORWARDS = ['accept', 'idempotency-key', 'openai-beta', 'x-client-request-id'] as const

/** Words of the format at any depth. */
export const opaque = anywhere('structural')
/** What the application wrote beside the conversation. */
export const fromUser = text('text', 'user')
/** One such text, or a list of them. */
export const fromUserMany: Place = { ...fromUser, ...each(fromUser) }

const fromAssistant = wholeText('text', 'assistant')

/** What stands on top of every answer and frame. An error's sentence may quote what was said, so it is text. */
export const envelope: Readonly<Record<string, Place>> = {
  id: word,
  object: word,
  model: word,
  usage: { mark: 'usage' },
  error: { ...fromAssistant, ...fields({ message: fromAssistant, type: word, param: word, code: word }), mark: 'error' },
}

/** What stands on top where text was generated, with what vendors add: OpenRouter, Perplexity, Azure, Groq. */
export const generated: Readonly<Record<string, Place>> = {
  ...envelope,
  system_fingerprint: word,
  service_tier: word,
  obfuscation: word,
  provider: word,
  citations: each(fromAssistant),
  prompt_filter_results: opaque,
  x_groq: fields({ id: word }),
}

/** What stands beside the text of a choice. Tokens in `logprobs` spell the text again. */
export const besideText: Readonly<Record<string, Place>> = {
  finish_reason: { leaf: 'finish' },
  native_finish_reason: word,
  // vLLM: the stop sequence that matched.
  stop_reason: fromAssistant,
  logprobs: { ...opaque, mark: 'repeats' },
  content_filter_results: opaque,
}

/** Codes for which OpenAI's clients know another word. */
const OPENAI_CODE: Partial<Record<ErrorCode, string>> = { invalid_key: 'invalid_api_key', blocked: 'content_filter' }

/** The body of an error reply, which is also the payload of an error frame. */
export function errorBody(error: GatehouseError): string {
  const { message, param, code } = error
  return JSON.stringify({ error: { message, type: ERRORS[code].type, param, code: OPENAI_CODE[code] ?? code } })
}

/** The usage of an answer that no model made. */
export const NO_TOKENS = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 } as const

/**
 * Reads a usage object; undefined where it holds no sound counts. What was cached is part of `prompt_tokens` and is told
 * in the details (OpenAI), as `prompt_cache_hit_tokens` (DeepSeek), or on top (Moonshot, Mistral). The tier of service stands
 * beside it in the answer.
 */
export function usage(raw: unknown, _earlier?: Usage, answer?: Tape): Usage | undefined {
  return tiered(countsOf(raw), answer && wordIn(answer, 0, 'service_tier'))
}

/** A usage at the tier of service that an answer tells. */
export function tiered(counts: Usage | undefined, tier: unknown): Usage | undefined {
  return counts !== undefined && isOffList(tier) ? { ...counts, offList: true } : counts
}

/** Tiers of service at the prices of the list, in the words of OpenAI, Anthropic, Bedrock and Groq. */
const LISTED: ReadonlySet<string> = new Set(['auto', 'default', 'standard', 'on_demand'])

/** True of the name of a tier of service that is billed otherwise. */
export const isOffList = (tier: unknown): boolean => typeof tier === 'string' && !LISTED.has(tier)

/** The text of a member; undefined where it has none. */
export function wordIn(tape: Tape, object: number, name: string): string | undefined {
  const node = tape.find(object, name)
  return node === -1 ? undefined : tape.text(node)
}

function countsOf(raw: unknown): Usage | undefined {
  const told = members(raw)
  const input = count(told.prompt_tokens)
  const completion = count(told.completion_tokens ?? 0)
  if (input === undefined || completion === undefined) return undefined
  const prompt = members(told.prompt_tokens_details)
  const said = members(told.completion_tokens_details)
  const reasoning = count(said.reasoning_tokens) ?? 0
  // xAI counts reasoning beside `completion_tokens`; only its total says so.
  const output = told.total_tokens === input + completion + reasoning ? completion + reasoning : completion
  const cached = prompt.cached_tokens ?? told.prompt_cache_hit_tokens ?? told.cached_tokens ?? told.num_cached_tokens
  const cacheRead = Math.min(count(cached) ?? 0, input)
  const cacheWrite = Math.min(count(prompt.cache_write_tokens) ?? 0, input - cacheRead)
  const cachedKinds = members(prompt.cached_tokens_details)
  return {
    input, output, cacheRead, cacheWrite, reasoning: Math.min(reasoning, output), source: 'provider',
    ...parts({
      inputAudio: within(prompt.audio_tokens, input), inputImage: within(prompt.image_tokens, input),
      cacheReadAudio: within(cachedKinds.audio_tokens, cacheRead), cacheReadImage: within(cachedKinds.image_tokens, cacheRead),
      outputAudio: within(said.audio_tokens, output), outputImage: within(said.image_tokens, output),
    }),
  }
}

/** A count that is part of a whole; undefined for anything else. */
export function within(value: unknown, whole: number): number | undefined {
  const part = count(value)
  return part && Math.min(part, whole)
}

/** Those parts of a usage that came to something: the others need not be told. */
export function parts<K extends keyof Usage>(counts: Readonly<Record<K, number | undefined>>): Partial<Record<K, number>> {
  const told: Partial<Record<K, number>> = {}
  for (const part in counts) if (counts[part]) told[part] = counts[part]
  return told
}

/** A count of tokens or of seconds; undefined for anything else. */
export function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

/** The members of what may be an object. */
export function members(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? value as Readonly<Record<string, unknown>> : {}
}

// Whole answers of the family, both ways. Used by openai-chat.ts and mistral-chat.ts.
import type {
  AnswerSettings, Block, CanonicalAnswer, CanonicalChoice, TextBlock, TokenLogprob, Usage,
} from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { count, members, tiered, usage } from '../../dialect/openai/words.ts'
import { listedLinks } from './citation.ts'
import { textOf } from './content.ts'
import { finishReason, heldIn, readFinish } from './finish.ts'
import type { Manner } from './manner.ts'
import { readLogprobs, writeLogprobs } from './logprob.ts'
import { messageFields, readMessage } from './message.ts'

type Raw = Readonly<Record<string, unknown>>

/** A provider's whole answer. Throws an Error where it is none. */
export function readAnswer(body: unknown, dialect: string): CanonicalAnswer {
  const { id, model, created, choices, ...rest } = members(body)
  if (!Array.isArray(choices)) throw new Error('Expected an answer with a list of choices')
  const seconds = count(created)
  const told = usageIn(rest)
  return {
    id: textOf(id),
    model: textOf(model),
    ...(seconds !== undefined && { created: seconds }),
    choices: listOf(choices).map((choice, at) => readChoice(choice, at, dialect, seedOf(id, created), listedLinks(rest))),
    ...(told !== undefined && { usage: told }),
  }
}

/** What tells one answer from another. */
export function seedOf(id: unknown, created: unknown): string {
  return JSON.stringify([textOf(id), count(created)])
}

function readChoice(choice: Raw, at: number, dialect: string, seed: string, links: readonly object[]): CanonicalChoice {
  const index = count(choice.index) ?? at
  const message = members(choice.message)
  const cited = listOf(message.annotations).length > 0 ? message : { ...message, annotations: links }
  const blocks = withTokens(readMessage(cited, dialect, seed, index), readLogprobs(members(choice.logprobs).content))
  return { index, blocks, finish: readFinish(choice, heldIn(blocks)) }
}

/** The tokens of what was said stand at the first text. */
function withTokens(blocks: readonly Block[], logprobs: readonly TokenLogprob[]): readonly Block[] {
  const first = logprobs.length === 0 ? -1 : blocks.findIndex(({ kind }) => kind === 'text')
  return first === -1 ? blocks : blocks.with(first, { ...blocks[first] as TextBlock, logprobs })
}

/** The usage of an answer or a frame, wherever a vendor tells it: Groq's frames have it in `x_groq`, Moonshot's in the choice. */
export function usageIn(body: Raw): Usage | undefined {
  const told = [body.usage, members(body.x_groq).usage, ...listOf(body.choices).map(choice => choice.usage)]
  return tiered(usage(told.find(value => typeof value === 'object' && value !== null)), body.service_tier)
}

/** The body of an answer to a client. */
export function writeAnswer(answer: CanonicalAnswer, settings: AnswerSettings, manner: Manner): string {
  const { id, created, choices, usage: told } = answer
  return JSON.stringify({
    id: id || settings.id,
    object: 'chat.completion',
    created: created ?? settings.at,
    model: settings.model,
    choices: choices.map(({ index, blocks, finish }) => ({
      index,
      message: { role: 'assistant', ...messageFields(blocks, manner) },
      logprobs: logprobsOf(blocks.flatMap(block => block.kind === 'text' ? block.logprobs ?? [] : [])),
      finish_reason: finishReason(finish, heldIn(blocks)),
    })),
    ...(told !== undefined && { usage: usageFields(told) }),
  })
}

/** What a choice tells of its tokens; null where it does not. */
export function logprobsOf(tokens: readonly TokenLogprob[] = []): object | null {
  return tokens.length === 0 ? null : { content: writeLogprobs(tokens), refusal: null }
}

/** A usage in OpenAI's words, whose totals include their parts as ours do. */
export function usageFields({ input, output, cacheRead, cacheWrite, reasoning, inputAudio, outputAudio }: Usage): object {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: {
      cached_tokens: cacheRead, cache_write_tokens: cacheWrite, ...(inputAudio !== undefined && { audio_tokens: inputAudio }),
    },
    completion_tokens_details: { reasoning_tokens: reasoning, ...(outputAudio !== undefined && { audio_tokens: outputAudio }) },
  }
}

// Probabilities of tokens, which OpenAI tells alike in both of its formats. Used by the readers and writers of both.
import type { TextBlock, TokenLogprob } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { count } from '../../dialect/openai/words.ts'
import { textOf } from './content.ts'

type Raw = Readonly<Record<string, unknown>>

/** The tokens of a list; what has no number is none. */
export function readLogprobs(tokens: unknown): TokenLogprob[] {
  return listOf(tokens).flatMap(told => readToken(told).map(token => (
    { ...token, top: listOf(told.top_logprobs).flatMap(readToken) })))
}

function readToken({ token, logprob, bytes }: Raw): [Omit<TokenLogprob, 'top'>] | [] {
  if (typeof logprob !== 'number') return []
  const known = Array.isArray(bytes) && bytes.every(byte => count(byte) !== undefined)
  return [{ token: textOf(token), logprob, ...(known && { bytes }) }]
}

/** The field of a text for its tokens; none for none. */
export function withLogprobs(tokens: readonly TokenLogprob[]): Pick<TextBlock, 'logprobs'> {
  return tokens.length === 0 ? {} : { logprobs: tokens }
}

/** The tokens as they are told here. */
export function writeLogprobs(tokens: readonly TokenLogprob[] = []): object[] {
  return tokens.map(({ top, ...token }) => ({ ...tokenOf(token), top_logprobs: top.map(tokenOf) }))
}

function tokenOf({ token, logprob, bytes }: Omit<TokenLogprob, 'top'>): object {
  return { token, logprob, bytes: bytes ?? null }
}

// Probabilities of tokens in Gemini's words, and back. Used by the readers and writers of answers and streams.
import type { TokenLogprob } from '../../../sdk/index.ts'
import { fieldsOf, listOf, type Fields } from './proto.ts'

/** The tokens of a candidate, each with those that might have stood there. */
export function readLogprobs({ logprobsResult }: Fields): TokenLogprob[] {
  const { chosenCandidates, topCandidates } = fieldsOf(logprobsResult)
  const others = listOf(topCandidates)
  return listOf(chosenCandidates).flatMap((chosen, place) => readToken(chosen).map(token => (
    { ...token, top: listOf(others[place]?.candidates).flatMap(readToken) })))
}

/** JSON leaves out what is 0, which is a certain token's. */
function readToken({ token, logProbability = 0 }: Fields): [Omit<TokenLogprob, 'top'>] | [] {
  return typeof logProbability === 'number' && typeof token === 'string' ? [{ token, logprob: logProbability }] : []
}

/** The field of a candidate for its tokens; none for none. */
export function logprobFields(tokens: readonly TokenLogprob[]): Fields {
  if (tokens.length === 0) return {}
  return {
    logprobsResult: {
      chosenCandidates: tokens.map(candidateOf), topCandidates: tokens.map(({ top }) => ({ candidates: top.map(candidateOf) })),
    },
  }
}

function candidateOf({ token, logprob }: Omit<TokenLogprob, 'top'>): Fields {
  return { token, logProbability: logprob }
}

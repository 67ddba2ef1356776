// What the writers of embeddings' requests have in common: texts where tokens mean nothing, and what was left out. Used by the
// formats of embeddings.
import { GatehouseError, type EmbeddingRequest, type Usage, type Warning } from '../../../sdk/index.ts'
import { count } from '../../dialect/openai/words.ts'

/** The inputs, for a provider that takes texts alone: tokens are numbers of another's vocabulary. */
export function textsOf({ inputs }: EmbeddingRequest, provider: string): string[] {
  return inputs.map(input => typeof input === 'string' ? input : refuse('input', `${provider} takes texts, and no tokens`))
}

/** Throws `untranslatable`. */
export function refuse(param: string, problem: string): never {
  throw new GatehouseError('untranslatable', `Expected a request that this provider can be told; ${problem}.`, { param })
}

/** Throws `invalid_body`. */
export function complain(param: string, expected: string): never {
  throw new GatehouseError('invalid_body', `Expected "${param}" to be ${expected}.`, { param })
}

/** The length that a client asks for; undefined where it does not. */
export function dimensionsIn(value: unknown, param: string): number | undefined {
  if (value === undefined || value === null) return undefined
  return count(value) || complain(param, 'a whole number of at least 1')
}

/** Warns of what a provider has no field for: those of the client's own format, and of ours the named ones. */
export function leftOut(request: EmbeddingRequest, provider: string, ...fields: ('task' | 'user')[]): Warning[] {
  const given = [...Object.keys(request.rest.fields), ...fields.filter(field => request[field] !== undefined)]
  return given.map(field => ({ field, action: 'dropped', why: `${provider} has no such field` }))
}

/** Usage by the tokens of the inputs; undefined where the provider does not tell them. */
export function usageOf(tokens: unknown): { readonly usage?: Usage } {
  const input = count(tokens)
  return input === undefined ? {} : { usage: { input, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider' } }
}

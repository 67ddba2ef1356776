// What Gemini's models differ in. Used by the writers of requests.
import type { CanonicalRequest, ModelFacts, Warning } from '../../../sdk/index.ts'

/** The generation that a model's name tells; a tuned or unknown model counts as one of the latest. */
function generation(model: string): number {
  return Number(/gemini-(\d{1,3})/.exec(model)?.[1] ?? Infinity)
}

/** False for models that know OpenAPI's subset of JSON schema only: the first generation. */
export const knowsJsonSchema = (model: string): boolean => generation(model) >= 2

/** True for models that see pictures inside the result of a function: since the third generation. */
export const seesInResults = (model: string): boolean => generation(model) >= 3

/** True for models that think by level and insist on the signatures of their calls: since the third generation. */
export function thinksByLevel(model: string, facts: ModelFacts): boolean {
  return facts.thinking === undefined ? generation(model) >= 3 : facts.thinking === 'effort' || facts.thinking === 'adaptive'
}

/** How long the answer may be, as far as the model can. */
export function limitOf({ maxOutput }: CanonicalRequest, facts: ModelFacts, warnings: Warning[]): number | undefined {
  if (maxOutput === undefined || facts.maxOutput === undefined || maxOutput <= facts.maxOutput) return maxOutput
  warnings.push({ field: 'maxOutput', action: 'approximated', why: 'the model cannot write more' })
  return facts.maxOutput
}

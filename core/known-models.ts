// What the house knows of models by their names, as their vendors document them. Of what is not here nothing is known, and
// what a client says goes through. Used by model-facts.ts.
import type { ModelFacts } from '../sdk/index.ts'

const K = 1000

/** Claude before it decided by itself how long to think. */
const budgeted = (maxOutput: number): ModelFacts => ({ maxOutput, context: 200 * K, thinking: 'budget' })
const thoughtless = (maxOutput: number): ModelFacts => ({ maxOutput, context: 200 * K, thinking: 'none' })

/** By glob; the first that matches holds. Bedrock and Vertex have the same names inside their own: `eu.anthropic.claude-...`. */
export const KNOWN_MODELS: readonly (readonly [glob: string, facts: ModelFacts])[] = [
  ['*claude-3-5-*', thoughtless(8192)],
  ['*claude-3-7-*', budgeted(64 * K)],
  ['*claude-3-*', thoughtless(4096)],
  ['*claude-opus-4-0*', budgeted(32 * K)],
  ['*claude-opus-4-1*', budgeted(32 * K)],
  ['*claude-opus-4-2025*', budgeted(32 * K)],
  ['*claude-opus-4@*', budgeted(32 * K)],
  ['*claude-sonnet-4-0*', budgeted(64 * K)],
  ['*claude-sonnet-4-2025*', budgeted(64 * K)],
  ['*claude-sonnet-4@*', budgeted(64 * K)],
  ['*claude-*-4-5*', budgeted(64 * K)],
  ['*claude-*', { maxOutput: 128 * K, context: 1000 * K, thinking: 'adaptive' }],

  ['*gemini-2.5-*-image*', { maxOutput: 32_768, thinking: 'none' }],
  ['*gemini-2.5-*', { maxOutput: 65_536, context: 1_048_576, thinking: 'budget' }],
  ['*gemini-3*-image*', { thinking: 'effort' }],
  ['*gemini-3*', { maxOutput: 65_536, context: 1_048_576, thinking: 'effort' }],

  // OpenAI's sizes come from the package.
  ['gpt-3.5*', { thinking: 'none' }],
  ['gpt-4*', { thinking: 'none' }],
  ['chatgpt-4o*', { thinking: 'none' }],
  ['gpt-5*-chat*', { thinking: 'none' }],
  ['gpt-5*', { thinking: 'effort' }],
  ['gpt-6*', { thinking: 'effort' }],
  ['o1*', { thinking: 'effort' }],
  ['o3*', { thinking: 'effort' }],
  ['o4-*', { thinking: 'effort' }],
]

// What is known of a model by its name: the operator's word, else the house's own, and of OpenAI's models the sizes that
// gpt-tokenizer lists. Made by gateway.ts, one per config; asked by translate.ts for the model of each target.
import * as openai from 'gpt-tokenizer/models'
import type { ModelFacts } from '../sdk/index.ts'
import { KNOWN_MODELS } from './known-models.ts'
import { glob } from './match.ts'

type Entry = readonly [matches: (model: string) => boolean, facts: ModelFacts]

/** Models remembered at most, since clients choose their names; the oldest gives way. */
const MOST_MODELS = 1000

const KNOWN: readonly Entry[] = compiled(KNOWN_MODELS)
interface Sizes { readonly max_output_tokens?: number; readonly context_window?: number }
const SIZES: Readonly<Record<string, object>> = openai

/** Facts by model. */
export class ModelBook {
  readonly #own: readonly Entry[]
  readonly #found = new Map<string, ModelFacts>()

  /** `own` is the operator's word, by name or glob; the first that matches holds, field by field. */
  constructor(own: Readonly<Record<string, ModelFacts>>) {
    this.#own = compiled(Object.entries(own))
  }

  /** What is known of a model; an empty object for one that nobody knows. */
  find(model: string): ModelFacts {
    const known = this.#found.get(model)
    if (known !== undefined) return known
    const facts = { ...sizesOf(model), ...first(KNOWN, model), ...first(this.#own, model) }
    if (this.#found.size >= MOST_MODELS) this.#found.delete(this.#found.keys().next().value!)
    this.#found.set(model, facts)
    return facts
  }
}

function compiled(list: readonly (readonly [pattern: string, facts: ModelFacts])[]): Entry[] {
  return list.map(([pattern, facts]) => [glob(pattern), facts])
}

function first(entries: readonly Entry[], model: string): ModelFacts | undefined {
  return entries.find(([matches]) => matches(model))?.[1]
}

function sizesOf(model: string): ModelFacts {
  if (!Object.hasOwn(SIZES, model)) return {}
  const { max_output_tokens: maxOutput, context_window: context } = SIZES[model] as Sizes
  return { ...maxOutput !== undefined && { maxOutput }, ...context !== undefined && { context } }
}

// The settings of a request that the family writes alike: tools and which to call, the form of the answer, how much to
// think. Used by the writers of its requests.
import type { CanonicalRequest, Format, ModelFacts, Thinking, Tool } from '../../../sdk/index.ts'
import type { Account } from './account.ts'

/** The tools; vendors other than OpenAI want a schema for those without arguments, too. */
export function toolsOf(tools: readonly Tool[], account: Account): object[] {
  return tools.map(({ name, description, schema, strict, cache }, at) => {
    if (cache !== undefined) account.warn(`tools[${at}].cache`, 'dropped', 'this provider caches by itself')
    return {
      type: 'function',
      function: {
        name,
        ...(description !== undefined && { description }),
        parameters: schema ?? { type: 'object', properties: {} },
        ...(strict !== undefined && { strict }),
      },
    }
  })
}

/** One tool that has to be called. */
export function forced(name: string): object {
  return { type: 'function', function: { name } }
}

/** The form of the answer. A schema has to have a name. */
export function responseFormat({ type, name, description, schema, strict }: Format): object {
  switch (type) {
    case 'text': return { type: 'text' }
    case 'json': return { type: 'json_object' }
    case 'schema': return {
      type: 'json_schema',
      json_schema: {
        name: name ?? 'answer', schema: schema ?? {},
        ...(description !== undefined && { description }), ...(strict !== undefined && { strict }),
      },
    }
  }
}

/**
 * How much to think, in a word; undefined where nothing is to be said. A number of tokens becomes the word that models
 * spend about as many on.
 */
export function effortOf({ thinking }: CanonicalRequest, facts: ModelFacts, account: Account): Thinking['effort'] | undefined {
  const { effort, budget } = thinking ?? {}
  if (effort === undefined && budget === undefined) return undefined
  if (facts.thinking === 'none') {
    account.warn('thinking', 'dropped', 'this model does not think')
    return undefined
  }
  if (effort !== undefined) return effort
  account.warn('thinking.budget', 'approximated', 'this format has words for it instead of tokens')
  const tokens = budget ?? 0
  return tokens === 0 ? 'none' : tokens <= 4096 ? 'low' : tokens <= 16_384 ? 'medium' : 'high'
}

/** How long the answer may be, as far as the model can. */
export function maxOutput(request: CanonicalRequest, facts: ModelFacts, account: Account): number | undefined {
  const most = facts.maxOutput ?? Infinity
  if (request.maxOutput === undefined || request.maxOutput <= most) return request.maxOutput
  account.warn('maxOutput', 'approximated', 'this model answers with fewer tokens at most')
  return most
}

/** The tools that may be called, where only some of them may. */
export function allowed({ tools, toolChoice }: CanonicalRequest): readonly Tool[] {
  const names = toolChoice?.names
  return names === undefined ? tools : tools.filter(tool => names.includes(tool.name))
}

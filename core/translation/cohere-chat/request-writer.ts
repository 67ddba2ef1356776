// A request in Cohere's words. Called by translated.ts; message-writer.ts writes the conversation.
import {
  GatehouseError, type CanonicalRequest, type Format, type ModelFacts, type Thinking, type Tool, type Warning, type Written,
} from '../../../sdk/index.ts'
import { limitOf } from '../gemini/facts.ts'
import { DIALECT, type Raw } from './content.ts'
import { writeMessages } from './message-writer.ts'

/** Writes a request for v2/chat. JSON leaves out what is undefined. Throws `untranslatable` for several answers. */
export function writeRequest(request: CanonicalRequest, facts: ModelFacts): Written {
  if ((request.choices ?? 1) > 1) {
    throw new GatehouseError('untranslatable', 'Cohere gives one answer to a request.', { param: 'choices' })
  }
  const warnings: Warning[] = []
  const body = {
    ...restOf(request, warnings),
    model: request.model,
    messages: writeMessages(request.turns, warnings),
    ...writeTools(request, warnings),
    max_tokens: limitOf(request, facts, warnings),
    temperature: request.temperature,
    p: request.topP,
    k: request.topK,
    seed: request.seed,
    frequency_penalty: request.frequencyPenalty,
    presence_penalty: request.presencePenalty,
    stop_sequences: request.stop,
    response_format: request.format && writeFormat(request.format),
    thinking: request.thinking && writeThinking(request.thinking, facts, warnings),
    stream: request.stream,
  }
  if (request.parallelTools === false) {
    warnings.push({ field: 'parallelTools', action: 'dropped', why: 'Cohere has no switch for calls at the same time' })
  }
  if (request.logprobs !== undefined) {
    warnings.push({ field: 'logprobs', action: 'dropped', why: 'Cohere tells them in a way of its own' })
  }
  if (request.user !== undefined) warnings.push({ field: 'user', action: 'dropped', why: 'Cohere does not ask for the end user' })
  return { body: JSON.stringify(body), warnings }
}

/** Fields that came from this same format. */
function restOf({ rest }: CanonicalRequest, warnings: Warning[]): Raw {
  if (rest.dialect === DIALECT) return rest.fields
  for (const field of Object.keys(rest.fields)) warnings.push({ field, action: 'dropped', why: 'Cohere has no such field' })
  return {}
}

/** Cohere can be told to call none or any of the tools, so a choice among them is a list of those. */
function writeTools({ tools, toolChoice }: CanonicalRequest, warnings: Warning[]): Raw {
  if (tools.length === 0) return {}
  const names = toolChoice?.names
  const allowed = names === undefined ? tools : tools.filter(({ name }) => names.includes(name))
  if (names !== undefined) {
    warnings.push({ field: 'toolChoice.names', action: 'emulated', why: 'Cohere is told of these tools only' })
  }
  const strict = allowed.filter(tool => tool.strict === true).length
  if (strict > 0 && strict < allowed.length) {
    warnings.push({ field: 'tools', action: 'approximated', why: 'Cohere holds all tools to their schemas, or none' })
  }
  return {
    tools: allowed.map((tool, at) => declarationOf(tool, at, warnings)),
    strict_tools: strict > 0 && strict === allowed.length ? true : undefined,
    tool_choice: toolChoice && { auto: undefined, none: 'NONE', required: 'REQUIRED' }[toolChoice.mode],
  }
}

function declarationOf({ name, description, schema, cache }: Tool, at: number, warnings: Warning[]): Raw {
  if (cache !== undefined) warnings.push({ field: `tools[${at}].cache`, action: 'dropped', why: 'Cohere caches without marks' })
  return { type: 'function', function: { name, description, parameters: schema ?? { type: 'object', properties: {} } } }
}

function writeFormat({ type, schema }: Format): Raw {
  return type === 'text' ? { type: 'text' } : { type: 'json_object', ...(type === 'schema' && { json_schema: schema }) }
}

function writeThinking({ effort, budget }: Thinking, facts: ModelFacts, warnings: Warning[]): Raw | undefined {
  if (facts.thinking === 'none') {
    if (effort !== 'none') warnings.push({ field: 'thinking', action: 'dropped', why: 'this model does not think' })
    return undefined
  }
  if (effort === 'none') return { type: 'disabled' }
  if (effort !== undefined && budget === undefined) {
    warnings.push({ field: 'thinking.effort', action: 'approximated', why: 'Cohere thinks, or does not' })
  }
  return { type: 'enabled', token_budget: budget }
}

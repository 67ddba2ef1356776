// A request in Gemini's words. Called by translated.ts; turn-writer.ts writes the conversation.
import type { CanonicalRequest, Format, ModelFacts, Thinking, Tool, Warning, Written } from '../../../sdk/index.ts'
import { members } from '../../dialect/openai/words.ts'
import { knowsJsonSchema, limitOf, thinksByLevel } from './facts.ts'
import { DIALECT } from './part.ts'
import type { Fields } from './proto.ts'
import { toSubset } from './schema.ts'
import { writeTurns } from './turn-writer.ts'

/** Writes a GenerateContentRequest. JSON leaves out what is undefined. */
export function writeRequest(request: CanonicalRequest, facts: ModelFacts): Written {
  const warnings: Warning[] = []
  const { tools, toolConfig, generationConfig, ...fields } = restOf(request, warnings)
  const { system, contents } = writeTurns(request, facts, warnings)
  const body = {
    ...fields,
    systemInstruction: system.length === 0 ? undefined : { parts: system },
    contents,
    tools: writeTools(request, tools, warnings),
    toolConfig: writeToolConfig(request, toolConfig),
    generationConfig: { ...members(generationConfig), ...writeGeneration(request, facts, warnings) },
  }
  if (request.parallelTools === false) {
    warnings.push({ field: 'parallelTools', action: 'dropped', why: 'Gemini has no switch for calls at the same time' })
  }
  if (request.user !== undefined) warnings.push({ field: 'user', action: 'dropped', why: 'Gemini does not ask for the end user' })
  return { body: JSON.stringify(body), warnings }
}

/** Fields that came from this same format. */
function restOf({ rest }: CanonicalRequest, warnings: Warning[]): Fields {
  if (rest.dialect === DIALECT) return rest.fields
  for (const field of Object.keys(rest.fields)) warnings.push({ field, action: 'dropped', why: 'Gemini has no such field' })
  return {}
}

function writeTools({ model, tools }: CanonicalRequest, others: unknown, warnings: Warning[]): unknown {
  const functionDeclarations = tools.map((tool, at) => declarationOf(tool, at, model, warnings))
  const declared = functionDeclarations.length === 0 ? [] : [{ functionDeclarations }]
  const all = [...declared, ...(Array.isArray(others) ? others : [])]
  return all.length === 0 ? undefined : all
}

function declarationOf(tool: Tool, at: number, model: string, warnings: Warning[]): Fields {
  const { name, description, schema } = tool
  const drop = (field: string, why: string) => warnings.push({ field: `tools[${at}].${field}`, action: 'dropped', why })
  if (tool.strict === true) drop('strict', 'Gemini has no strict functions')
  if (tool.cache !== undefined) drop('cache', 'Gemini caches without marks')
  const told = { name, description: description ?? '' }
  if (knowsJsonSchema(model)) return { ...told, parametersJsonSchema: schema }
  return { ...told, parameters: subsetOf(schema, `tools[${at}].schema`, warnings) }
}

function subsetOf(schema: unknown, field: string, warnings: Warning[]): unknown {
  const lost = new Set<string>()
  const subset = toSubset(schema, keyword => lost.add(keyword))
  if (lost.size > 0) {
    const why = `this model knows a part of JSON schema only, without ${[...lost].join(', ')}`
    warnings.push({ field, action: 'approximated', why })
  }
  return subset
}

function writeToolConfig({ tools, toolChoice }: CanonicalRequest, others: unknown): unknown {
  if (toolChoice === undefined || tools.length === 0) return others
  const { mode, names } = toolChoice
  // AUTO takes no names.
  const word = { auto: names === undefined ? 'AUTO' : 'VALIDATED', none: 'NONE', required: 'ANY' }[mode]
  const allowed = mode !== 'none' && names !== undefined && { allowedFunctionNames: names }
  return { ...members(others), functionCallingConfig: { mode: word, ...allowed } }
}

function writeGeneration(request: CanonicalRequest, facts: ModelFacts, warnings: Warning[]): Fields {
  const { temperature, topP, topK, seed, frequencyPenalty, presencePenalty, format, thinking, logprobs } = request
  return {
    maxOutputTokens: limitOf(request, facts, warnings),
    temperature,
    topP,
    topK,
    seed,
    frequencyPenalty,
    presencePenalty,
    stopSequences: request.stop,
    candidateCount: request.choices,
    ...(logprobs !== undefined && { responseLogprobs: true, logprobs: logprobs > 0 ? logprobs : undefined }),
    ...(format !== undefined && writeFormat(format, request.model, warnings)),
    thinkingConfig: thinking && writeThinking(thinking, request.model, facts, warnings),
  }
}

function writeFormat({ type, schema }: Format, model: string, warnings: Warning[]): Fields {
  if (type === 'text') return {}
  if (type === 'json') return { responseMimeType: 'application/json' }
  return knowsJsonSchema(model)
    ? { responseMimeType: 'application/json', responseJsonSchema: schema }
    : { responseMimeType: 'application/json', responseSchema: subsetOf(schema, 'format.schema', warnings) }
}

/** Tokens that stand for a word, where a model is told to think by their number. */
const BUDGETS = { none: 0, minimal: 512, low: 1024, medium: 8192, high: 24_576, xhigh: 24_576, max: 24_576 } as const
/** Levels that stand for a word. Thinking cannot be forbidden there. */
const LEVELS = {
  none: 'MINIMAL', minimal: 'MINIMAL', low: 'LOW', medium: 'MEDIUM', high: 'HIGH', xhigh: 'HIGH', max: 'HIGH',
} as const

/** A level and a budget exclude each other. */
function writeThinking(thinking: Thinking, model: string, facts: ModelFacts, warnings: Warning[]): Fields | undefined {
  const { effort, budget, adaptive, shown } = thinking
  if (facts.thinking === 'none') {
    if (effort !== 'none') warnings.push({ field: 'thinking', action: 'dropped', why: 'this model does not think' })
    return undefined
  }
  const includeThoughts = shown
  if (thinksByLevel(model, facts)) {
    if (effort === undefined) return { includeThoughts, thinkingBudget: budget }
    const thinkingLevel = LEVELS[effort]
    if (thinkingLevel.toLowerCase() !== effort) {
      warnings.push({ field: 'thinking.effort', action: 'approximated', why: `the nearest level is ${thinkingLevel}` })
    }
    return { includeThoughts, thinkingLevel }
  }
  if (budget !== undefined) return { includeThoughts, thinkingBudget: budget }
  if (effort === undefined) return { includeThoughts, thinkingBudget: adaptive === true ? -1 : undefined }
  const thinkingBudget = BUDGETS[effort]
  warnings.push({ field: 'thinking.effort', action: 'approximated', why: `this model thinks by tokens: ${thinkingBudget}` })
  return { includeThoughts, thinkingBudget }
}

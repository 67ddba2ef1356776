// A client's request for generateContent. Called by translated.ts; turn-reader.ts reads the conversation.
import {
  GatehouseError, type Asked, type CanonicalRequest, type Format, type Thinking, type Tool, type ToolChoice,
} from '../../../sdk/index.ts'
import { count } from '../../dialect/openai/words.ts'
import { DIALECT } from './part.ts'
import { fieldsOf, listOf, textOf, type Fields } from './proto.ts'
import { toJsonSchema } from './schema.ts'
import { readTurns } from './turn-reader.ts'

/** Reads a GenerateContentRequest; the model and whether it streams stand in its path. */
export function readRequest(body: unknown, { model, stream }: Asked): CanonicalRequest {
  const { contents, systemInstruction, tools, toolConfig, generationConfig, ...fields } = fieldsOf(body)
  if (!Array.isArray(contents)) throw refused('contents', 'contents must be a list of messages.')
  // A resource of Google's that holds the first part of the prompt.
  if (fields.cachedContent !== undefined) {
    throw refused('cachedContent', 'cachedContent is known to Gemini alone; send its contents with the request.')
  }
  const generation = readGeneration(fieldsOf(generationConfig))
  const config = fieldsOf(toolConfig)
  const { functionCallingConfig: calling, ...otherConfig } = config
  const toolChoice = readToolChoice(fieldsOf(calling))
  const declared = listOf(tools)
  const foreign = declared.map(withoutFunctions).filter(other => Object.keys(other).length > 0)
  const rest = {
    ...fields,
    ...(foreign.length > 0 && { tools: foreign }),
    ...(Object.keys(otherConfig).length > 0 && { toolConfig: otherConfig }),
    ...(Object.keys(generation.rest).length > 0 && { generationConfig: generation.rest }),
  }
  return {
    model,
    turns: readTurns(fieldsOf(systemInstruction), listOf(contents)),
    tools: declared.flatMap(tool => listOf(tool.functionDeclarations)).map(readTool),
    ...(toolChoice !== undefined && { toolChoice }),
    ...generation.told,
    stream,
    streamUsage: true,
    rest: { dialect: DIALECT, fields: rest },
  }
}

function refused(param: string, message: string): GatehouseError {
  return new GatehouseError('invalid_body', message, { param })
}

/** What else a tool holds: a search, a sandbox for code. */
function withoutFunctions(tool: Fields): Fields {
  return Object.fromEntries(Object.entries(tool).filter(([key]) => key !== 'functionDeclarations'))
}

function readTool({ name, description, parameters, parametersJsonSchema }: Fields): Tool {
  if (typeof name !== 'string' || name === '') throw refused('tools', 'Every function of tools must have a name.')
  const schema = parametersJsonSchema ?? (parameters === undefined ? undefined : toJsonSchema(parameters))
  return { name, ...(typeof description === 'string' && { description }), ...(schema !== undefined && { schema }) }
}

const MODES: Readonly<Record<string, ToolChoice['mode']>> = { AUTO: 'auto', VALIDATED: 'auto', ANY: 'required', NONE: 'none' }

function readToolChoice({ mode, allowedFunctionNames: allowed }: Fields): ToolChoice | undefined {
  const word = textOf(mode)
  if (!Object.hasOwn(MODES, word)) return undefined
  const names = Array.isArray(allowed) ? allowed.filter(name => typeof name === 'string') : []
  return { mode: MODES[word]!, ...(names.length > 0 && { names }) }
}

/** What the request says of the answer, and what of that no other format has. */
function readGeneration(config: Fields): { readonly told: Partial<CanonicalRequest>; readonly rest: Fields } {
  const {
    maxOutputTokens, temperature, topP, topK, seed, frequencyPenalty, presencePenalty, stopSequences, candidateCount,
    responseMimeType, responseSchema, responseJsonSchema, responseModalities, responseLogprobs, logprobs, thinkingConfig,
    ...rest
  } = config
  if (Array.isArray(responseModalities) && responseModalities.some(modality => modality !== 'TEXT')) {
    throw refused('generationConfig.responseModalities', 'Answers in other modalities than TEXT are for Gemini alone to give.')
  }
  const format = readFormat(textOf(responseMimeType), responseJsonSchema ?? toJsonSchema(responseSchema))
  const thinking = readThinking(fieldsOf(thinkingConfig))
  const maxOutput = count(maxOutputTokens)
  const choices = count(candidateCount)
  const numbers = { temperature, topP, topK, seed, frequencyPenalty, presencePenalty }
  return {
    told: {
      ...(maxOutput !== undefined && { maxOutput }),
      ...Object.fromEntries(Object.entries(numbers).filter(([, value]) => typeof value === 'number')),
      ...(Array.isArray(stopSequences) && { stop: stopSequences.filter(stop => typeof stop === 'string') }),
      ...(choices !== undefined && { choices }),
      ...(responseLogprobs === true && { logprobs: count(logprobs) ?? 0 }),
      ...(format !== undefined && { format }),
      ...(thinking !== undefined && { thinking }),
    },
    rest,
  }
}

function readFormat(mimeType: string, schema: unknown): Format | undefined {
  if (mimeType === '' || mimeType === 'text/plain') return undefined
  if (mimeType !== 'application/json') {
    throw refused('generationConfig.responseMimeType', 'responseMimeType must be text/plain or application/json.')
  }
  return schema === undefined ? { type: 'json' } : { type: 'schema', schema }
}

const LEVELS: Readonly<Record<string, NonNullable<Thinking['effort']>>> = {
  MINIMAL: 'minimal', LOW: 'low', MEDIUM: 'medium', HIGH: 'high',
}

function readThinking({ includeThoughts, thinkingBudget, thinkingLevel }: Fields): Thinking | undefined {
  const level = textOf(thinkingLevel).toUpperCase()
  const budget = count(thinkingBudget)
  const thinking: Thinking = {
    ...(typeof includeThoughts === 'boolean' && { shown: includeThoughts }),
    ...(Object.hasOwn(LEVELS, level) && { effort: LEVELS[level]! }),
    // -1 leaves it to the model, and 0 forbids it.
    ...(thinkingBudget === -1 && { adaptive: true }),
    ...(budget === 0 ? { effort: 'none' } : budget !== undefined && { budget }),
  }
  return Object.keys(thinking).length === 0 ? undefined : thinking
}

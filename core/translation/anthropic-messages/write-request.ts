// A request to a provider of this format, written. Called by ../anthropic-messages.ts.
import type { CanonicalRequest, ModelFacts, Tool, Warning, Written } from '../../../sdk/index.ts'
import { cacheMarks, type Marks } from './cache.ts'
import { takenSchema } from './schema.ts'
import { thinkingFor, type ToldThinking } from './thinking.ts'
import { writeTurns } from './turns.ts'
import { BlockWriter, cacheControl, untranslatable } from './write-blocks.ts'

const NAME = 'anthropic-messages'
/** What every Claude of the last years can write. */
const MAX_OUTPUT = 8192

/** Writes it. */
export function writeRequest(request: CanonicalRequest, facts: ModelFacts): Written {
  const warnings: Warning[] = []
  if ((request.choices ?? 1) > 1) throw untranslatable('choices', 'gives one answer at a time')
  if (request.stop?.some(one => one.trim() === '') === true) throw untranslatable('stop', 'takes no blank stop sequences')
  const marks = cacheMarks(request, warnings)
  const { system, messages } = writeTurns(request, new BlockWriter(marks, warnings), warnings)
  const maxTokens = limitOf(request, facts, warnings)
  const told = thinkingFor(request, facts, maxTokens, warnings)
  if (request.format?.type === 'json') {
    warnings.push({ field: 'format', action: 'emulated', why: 'asked for in words: this provider takes JSON by a schema only' })
    system.push({ type: 'text', text: 'Answer with one JSON value and nothing else.' })
  }
  const body = {
    ...restOf(request, NAME, warnings),
    model: request.model,
    max_tokens: maxTokens,
    ...(system.length > 0 && { system }),
    messages,
    ...sampling(request, told, warnings),
    stop_sequences: request.stop,
    ...writeTools(request, marks, warnings),
    thinking: told.thinking,
    output_config: outputOf(request, told, warnings),
    ...(request.user !== undefined && { metadata: { user_id: request.user } }),
    ...(request.stream && { stream: true }),
  }
  if (request.logprobs !== undefined) {
    warnings.push({ field: 'logprobs', action: 'dropped', why: 'this provider does not tell' })
  }
  for (const field of ['seed', 'frequencyPenalty', 'presencePenalty'] as const) {
    if ((request[field] ?? 0) !== 0) warnings.push({ field, action: 'dropped', why: 'this provider has no such setting' })
  }
  return { body: JSON.stringify(body), warnings }
}

function limitOf({ maxOutput }: CanonicalRequest, facts: ModelFacts, warnings: Warning[]): number {
  if (maxOutput === undefined) return facts.maxOutput ?? MAX_OUTPUT
  if (facts.maxOutput === undefined || maxOutput <= facts.maxOutput) return maxOutput
  warnings.push({ field: 'maxOutput', action: 'approximated', why: 'the model cannot write more' })
  return facts.maxOutput
}

/** Temperatures end at 1 here, newer models take one way of sampling only, and a model that thinks takes none. */
function sampling({ temperature, topP, topK }: CanonicalRequest, { thinking }: ToldThinking, warnings: Warning[]): object {
  const drop = (field: string, why: string): undefined => {
    warnings.push({ field, action: 'dropped', why })
  }
  if (thinking !== undefined) {
    const why = 'a model that thinks takes none'
    if (temperature !== undefined && temperature !== 1) drop('temperature', why)
    if (topP !== undefined && topP < 0.95) drop('topP', why)
    if (topK !== undefined) drop('topK', why)
    return { top_p: topP !== undefined && topP >= 0.95 ? topP : undefined }
  }
  if (temperature !== undefined && topP !== undefined && topP !== 1) drop('topP', 'it goes with no temperature here')
  if ((temperature ?? 0) > 1) warnings.push({ field: 'temperature', action: 'approximated', why: '1 is the highest here' })
  return {
    temperature: temperature === undefined ? undefined : Math.min(temperature, 1),
    top_p: temperature === undefined ? topP : undefined,
    top_k: topK,
  }
}

function writeTools(request: CanonicalRequest, marks: Marks, warnings: Warning[]): object {
  const { toolChoice, parallelTools } = request
  if (request.tools.length === 0) return calledTools(request)
  const tools = offered(request, warnings).map(tool => {
    const { name, description, strict } = tool
    if (!/^[A-Za-z0-9_-]{1,128}$/.test(name)) {
      throw untranslatable(`tools[${request.tools.indexOf(tool)}].name`, 'takes letters, digits, _ and - in names')
    }
    return { name, description, input_schema: schemaOf(tool, request, warnings), strict, ...cacheControl(tool, marks) }
  })
  if (tools.length === 0) return {}
  const mode = toolChoice?.mode ?? 'auto'
  const single = parallelTools === false && mode !== 'none' ? { disable_parallel_tool_use: true } : {}
  if (mode === 'required') {
    const forced = toolChoice?.names?.length === 1 ? { type: 'tool', name: toolChoice.names[0] } : { type: 'any' }
    return { tools, tool_choice: { ...forced, ...single } }
  }
  if (toolChoice === undefined && parallelTools !== false) return { tools }
  return { tools, tool_choice: { type: mode, ...single } }
}

/** Tools that were called before have to be declared, even where none is offered any more. */
function calledTools({ turns }: CanonicalRequest): object {
  const names = new Set(turns.flatMap(({ blocks }) => blocks.flatMap(block => block.kind === 'tool_call' ? [block.name] : [])))
  if (names.size === 0) return {}
  return { tools: [...names].map(name => ({ name, input_schema: { type: 'object' } })), tool_choice: { type: 'none' } }
}

/** The tools that may be called: where several are named, the others are left out, which says the same. */
export function offered({ tools, toolChoice }: CanonicalRequest, warnings: Warning[]): readonly Tool[] {
  const names = toolChoice?.names
  if (names === undefined || (toolChoice?.mode === 'required' && names.length === 1)) return tools
  warnings.push({ field: 'toolChoice.names', action: 'emulated', why: 'the other tools are left out' })
  const named = tools.filter(({ name }) => names.includes(name))
  if (named.length === 0) throw untranslatable('toolChoice.names', 'can call declared tools only')
  return named
}

/** The schema of a tool's arguments, always an object's. A strict one keeps to what the provider can enforce. */
export function schemaOf({ schema, strict }: Tool, request: CanonicalRequest, warnings: Warning[]): object {
  if (schema === undefined) return { type: 'object', properties: {} }
  if (strict !== true) return { type: 'object', ...Object(schema) }
  const taken = takenSchema(schema)
  const i = request.tools.findIndex(tool => tool.schema === schema)
  if (taken.changed) warnings.push({ field: `tools[${i}].schema`, action: 'approximated', why: 'bounds are told in words' })
  return { type: 'object', ...taken.schema }
}

function outputOf({ format }: CanonicalRequest, { effort }: ToldThinking, warnings: Warning[]): object | undefined {
  if (format?.type !== 'schema') return effort === undefined ? undefined : { effort }
  return { effort, format: { type: 'json_schema', schema: formatSchema(format, warnings) } }
}

/** The schema of an answer, with what the format says about it. */
export function formatSchema({ schema, description }: NonNullable<CanonicalRequest['format']>, warnings: Warning[]): object {
  const taken = takenSchema(schema)
  if (taken.changed) warnings.push({ field: 'format.schema', action: 'approximated', why: 'bounds are told in words' })
  return description === undefined ? taken.schema : { description, ...taken.schema }
}

/** The fields that this format put aside itself; those of others are lost. */
export function restOf({ rest }: CanonicalRequest, dialect: string, warnings: Warning[]): Readonly<Record<string, unknown>> {
  if (rest.dialect === dialect) return rest.fields
  for (const field of Object.keys(rest.fields)) warnings.push({ field, action: 'dropped', why: 'this provider has none' })
  return {}
}

// A client's request of the family, read. Used by openai-chat.ts and mistral-chat.ts.
import { GatehouseError } from '../../../sdk/index.ts'
import type {
  Asked, Block, CanonicalRequest, Format, Thinking, Tool, ToolChoice, ToolResultBlock, Turn,
} from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { count, members } from '../../dialect/openai/words.ts'
import { readContent, textOf } from './content.ts'
import { readMessage } from './message.ts'

type Raw = Readonly<Record<string, unknown>>

/** Fields that have a place in the canonical form; all others are the rest. */
const PLACED = new Set([
  'model', 'messages', 'stream', 'stream_options', 'tools', 'tool_choice', 'parallel_tool_calls', 'max_completion_tokens',
  'max_tokens', 'temperature', 'top_p', 'top_k', 'seed', 'frequency_penalty', 'presence_penalty', 'stop', 'n', 'logprobs',
  'top_logprobs', 'response_format', 'reasoning_effort', 'reasoning', 'user', 'safety_identifier',
])

/** Reads a request. Throws `invalid_body` for what is none, and for what only this format has and cannot be left out. */
export function readRequest(raw: unknown, asked: Asked, dialect: string): CanonicalRequest {
  const body = members(raw)
  for (const field of ['functions', 'function_call']) {
    if (said(body[field])) refuse(field, `"${field}" is told to this model as "tools" and "tool_choice" only`)
  }
  const tools = listOf(body.tools).map((tool, at) => readTool(tool, `tools[${at}]`))
  const stop = stopsIn(body.stop)
  const toolChoice = readToolChoice(body.tool_choice)
  const format = readFormat(members(body.response_format))
  const thinking = readThinking(body)
  const user = textOf(body.user) || textOf(body.safety_identifier)
  return {
    model: asked.model,
    turns: readTurns(body.messages, dialect),
    tools,
    ...(toolChoice !== undefined && { toolChoice }),
    ...(typeof body.parallel_tool_calls === 'boolean' && { parallelTools: body.parallel_tool_calls }),
    ...numbers(body),
    ...(stop !== undefined && { stop }),
    ...(format !== undefined && { format }),
    ...(thinking !== undefined && { thinking }),
    stream: asked.stream,
    streamUsage: members(body.stream_options).include_usage === true,
    ...(user !== '' && { user }),
    rest: { dialect, fields: without(body, onlyText(body) ? new Set([...PLACED, 'modalities']) : PLACED) },
  }
}

/** What every answer is. */
function onlyText({ modalities }: Raw): boolean {
  return Array.isArray(modalities) && modalities.every(modality => modality === 'text')
}

/** What was said beside these fields. */
export function without(body: Raw, placed: ReadonlySet<string>): Raw {
  return Object.fromEntries(Object.entries(body).filter(([field, value]) => !placed.has(field) && said(value)))
}

const said = (value: unknown): boolean => value !== undefined && value !== null

function refuse(param: string, problem: string): never {
  throw new GatehouseError('invalid_body', `Expected a request that can be told in another format; ${problem}.`, { param })
}

/** Stop sequences: one, or a list of them. */
export function stopsIn(stop: unknown): readonly string[] | undefined {
  if (typeof stop === 'string') return [stop]
  return Array.isArray(stop) ? stop.map(textOf) : undefined
}

/** The settings that are numbers. */
function numbers(body: Raw): Partial<CanonicalRequest> {
  const told = {
    maxOutput: count(body.max_completion_tokens) ?? count(body.max_tokens),
    temperature: body.temperature, topP: body.top_p, topK: count(body.top_k), seed: body.seed,
    frequencyPenalty: body.frequency_penalty, presencePenalty: body.presence_penalty, choices: count(body.n),
    logprobs: body.logprobs === true ? count(body.top_logprobs) ?? 0 : undefined,
  }
  return Object.fromEntries(Object.entries(told).filter(([, value]) => typeof value === 'number'))
}

/** The turns; results of tools that follow one another are one turn of the user. */
function readTurns(messages: unknown, dialect: string): Turn[] {
  if (!Array.isArray(messages) || messages.length === 0) refuse('messages', '"messages" is to be a list with something in it')
  const turns: Turn[] = []
  let results: Block[] | undefined
  for (const [at, raw] of messages.entries()) {
    const message = members(raw)
    const { role } = message
    if (role === 'tool') {
      if (results === undefined) turns.push({ role: 'user', blocks: results = [] })
      results.push(resultOf(message, dialect))
      continue
    }
    results = undefined
    const name = textOf(message.name)
    if (role !== 'system' && role !== 'developer' && role !== 'user' && role !== 'assistant') {
      refuse(`messages[${at}].role`, `"messages[${at}].role" is to be system, developer, user, assistant or tool`)
    }
    turns.push({
      role,
      blocks: role === 'assistant' ? assistantBlocks(message, at, dialect) : readContent(message.content, dialect),
      ...(name !== '' && { name }),
    })
  }
  return turns
}

function assistantBlocks(message: Raw, at: number, dialect: string): Block[] {
  const custom = listOf(message.tool_calls).findIndex(call => said(call.custom))
  if (custom !== -1) refuse(`messages[${at}].tool_calls[${custom}]`, 'calls of custom tools stay in this one')
  if (said(message.function_call)) refuse(`messages[${at}].function_call`, 'calls are to be in "tool_calls"')
  return readMessage(message, dialect, `turn ${at}`, 0)
}

function resultOf(message: Raw, dialect: string): Block {
  const blocks = readContent(message.content, dialect).flatMap(block => isResult(block) ? [block] : [])
  return { kind: 'tool_result', id: textOf(message.tool_call_id), name: textOf(message.name), blocks, failed: false }
}

const RESULTS: readonly Block['kind'][] = ['text', 'image', 'audio', 'file', 'opaque']

function isResult(block: Block): block is ToolResultBlock['blocks'][number] {
  return RESULTS.includes(block.kind)
}

function readTool(tool: Raw, place: string): Tool {
  const { name, description, parameters, strict } = members(tool.function)
  if (textOf(name) === '') refuse(place, `"${place}" is to be a function with a name`)
  const cached = members(tool.cache_control)
  return {
    name: textOf(name),
    ...(typeof description === 'string' && { description }),
    ...(said(parameters) && { schema: parameters }),
    ...(typeof strict === 'boolean' && { strict }),
    ...(textOf(cached.type) !== '' && { cache: cached.ttl === '1h' ? '1h' : '5m' }),
  }
}

const MODE: Readonly<Record<string, ToolChoice['mode']>> = { auto: 'auto', none: 'none', required: 'required', 'any': 'required' }

function readToolChoice(choice: unknown): ToolChoice | undefined {
  const mode = MODE[textOf(choice)]
  if (mode !== undefined) return { mode }
  if (!said(choice)) return undefined
  const { type, function: chosen, allowed_tools } = members(choice)
  if (type === 'allowed_tools') {
    const { mode: allowed, tools } = members(allowed_tools)
    return { mode: MODE[textOf(allowed)] ?? 'auto', names: listOf(tools).map(tool => textOf(members(tool.function).name)) }
  }
  const name = textOf(members(chosen).name)
  if (name === '') refuse('tool_choice', '"tool_choice" is to be auto, none, required, a function or allowed tools')
  return { mode: 'required', names: [name] }
}

function readFormat({ type, json_schema, schema }: Raw): Format | undefined {
  if (type === 'text') return { type: 'text' }
  // Together puts the schema here.
  if (type === 'json_object' && !said(schema)) return { type: 'json' }
  if (type !== 'json_schema' && type !== 'json_object') return undefined
  const told = members(json_schema)
  return {
    type: 'schema',
    schema: told.schema ?? schema,
    ...(typeof told.name === 'string' && { name: told.name }),
    ...(typeof told.description === 'string' && { description: told.description }),
    ...(typeof told.strict === 'boolean' && { strict: told.strict }),
  }
}

const EFFORTS: readonly unknown[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] satisfies Thinking['effort'][]
const isEffort = (value: unknown): value is NonNullable<Thinking['effort']> => EFFORTS.includes(value)

/** How much to think: OpenAI's one word, or OpenRouter's object. */
function readThinking(body: Raw): Thinking | undefined {
  const { effort, max_tokens, enabled, exclude } = members(body.reasoning)
  const word = body.reasoning_effort ?? effort
  const budget = count(max_tokens)
  const thinking: Thinking = {
    ...(isEffort(word) ? { effort: word } : enabled === false && { effort: 'none' }),
    ...(budget !== undefined && { budget }),
    ...(enabled === true && !isEffort(word) && budget === undefined && { adaptive: true }),
    ...(typeof exclude === 'boolean' && { shown: !exclude }),
  }
  return Object.keys(thinking).length === 0 ? undefined : thinking
}

// A client's request in this format, read. Called by ../bedrock-converse.ts.
import { GatehouseError } from '../../../sdk/index.ts'
import type { Asked, CacheMark, CanonicalRequest, Format, Tool, ToolChoice, Turn } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { count, members } from '../../dialect/openai/words.ts'
import { textOf } from '../anthropic-messages/payload.ts'
import { resultsFirst } from '../anthropic-messages/turns.ts'
import { cacheOf, readBlocks } from './read-blocks.ts'

const ROLES = ['system', 'user', 'assistant'] as const
const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const

/** Fields with a place in the canonical form; the others ride along. */
const PLACED = new Set(['messages', 'system', 'inferenceConfig', 'toolConfig', 'outputConfig'])

/** Reads it. */
export function readRequest(raw: unknown, asked: Asked): CanonicalRequest {
  const body = members(raw)
  const { maxTokens, temperature, topP, stopSequences } = members(body.inferenceConfig)
  const { tools, toolChoice } = members(body.toolConfig)
  const { textFormat, effort } = members(body.outputConfig)
  const word = EFFORTS.find(one => one === effort)
  if (word === undefined && (effort ?? undefined) !== undefined) {
    throw invalid('outputConfig.effort', `Expected one of ${EFFORTS.join(', ')}`)
  }
  const maxOutput = count(maxTokens)
  const format = readFormat(members(textFormat))
  return {
    model: asked.model,
    turns: readTurns(body),
    tools: readTools(tools),
    ...(maxOutput !== undefined && { maxOutput }),
    ...(typeof temperature === 'number' && { temperature }),
    ...(typeof topP === 'number' && { topP }),
    ...(Array.isArray(stopSequences) && { stop: stopSequences.map(textOf) }),
    ...(toolChoice !== undefined && toolChoice !== null && { toolChoice: readChoice(members(toolChoice)) }),
    ...(word !== undefined && { thinking: { effort: word } }),
    ...(format !== undefined && { format }),
    stream: asked.stream,
    streamUsage: true,
    rest: { dialect: 'bedrock-converse', fields: restOf(body) },
  }
}

function restOf(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(body).filter(([field]) => !PLACED.has(field)))
}

function readTurns(body: Readonly<Record<string, unknown>>): Turn[] {
  if (!Array.isArray(body.messages)) throw invalid('messages', 'Expected a list')
  const system = readBlocks(body.system)
  const turns: Turn[] = system.length === 0 ? [] : [{ role: 'system', blocks: system }]
  for (const [i, { role: said, content }] of listOf(body.messages).entries()) {
    const role = ROLES.find(one => one === said)
    if (role === undefined) throw invalid(`messages[${i}].role`, `Expected one of ${ROLES.join(', ')}`)
    if (!Array.isArray(content)) throw invalid(`messages[${i}].content`, 'Expected a list of blocks')
    turns.push({ role, blocks: resultsFirst(readBlocks(content), ({ kind }) => kind === 'tool_result') })
  }
  return turns
}

/** The tools; a cache point marks the one before it. */
function readTools(raw: unknown): Tool[] {
  const tools: Tool[] = []
  for (const [i, one] of listOf(raw).entries()) {
    const cache: CacheMark | undefined = cacheOf(one)
    const before = tools.at(-1)
    if (cache !== undefined) {
      if (before !== undefined) tools[tools.length - 1] = { ...before, cache }
      continue
    }
    const { name, description, inputSchema, strict } = members(one.toolSpec)
    if (typeof name !== 'string') throw invalid(`toolConfig.tools[${i}]`, "Expected a tool of the client's own")
    const { json: schema } = members(inputSchema)
    tools.push({
      name,
      ...(typeof description === 'string' && { description }),
      ...(schema !== undefined && { schema }),
      ...(typeof strict === 'boolean' && { strict }),
    })
  }
  return tools
}

function readChoice(raw: Readonly<Record<string, unknown>>): ToolChoice {
  if (raw.auto !== undefined) return { mode: 'auto' }
  if (raw.any !== undefined) return { mode: 'required' }
  if (raw.tool !== undefined) return { mode: 'required', names: [textOf(members(raw.tool).name)] }
  throw invalid('toolConfig.toolChoice', 'Expected one of auto, any, tool')
}

function readFormat({ type, structure }: Readonly<Record<string, unknown>>): Format | undefined {
  if (type === undefined) return undefined
  const { schema, name, description } = members(members(structure).jsonSchema)
  return {
    type: 'schema',
    schema: parsedSchema(schema),
    ...(typeof name === 'string' && { name }),
    ...(typeof description === 'string' && { description }),
  }
}

function parsedSchema(schema: unknown): unknown {
  try {
    return JSON.parse(textOf(schema))
  } catch {
    throw invalid('outputConfig.textFormat.structure.jsonSchema.schema', 'Expected JSON')
  }
}

function invalid(field: string, expected: string): GatehouseError {
  return new GatehouseError('invalid_body', `${expected}: ${field}.`, { param: field })
}

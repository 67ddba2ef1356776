// A client's request in this format, read. Called by ../anthropic-messages.ts.
import { GatehouseError } from '../../../sdk/index.ts'
import type { Asked, Block, CanonicalRequest, Format, Thinking, Tool, ToolChoice, Turn } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { count, members } from '../../dialect/openai/words.ts'
import { textOf } from './payload.ts'
import { cacheOf, readBlocks } from './read-blocks.ts'
import { resultsFirst } from './turns.ts'

const NAME = 'anthropic-messages'
const ROLES = ['system', 'user', 'assistant'] as const
const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const

/** Fields with a place in the canonical form; the others ride along. */
const PLACED = new Set([
  'model', 'max_tokens', 'messages', 'system', 'stop_sequences', 'temperature', 'top_p', 'top_k', 'metadata', 'stream', 'tools',
  'tool_choice', 'thinking', 'output_config', 'output_format', 'cache_control',
])
/** What no other provider could do. */
const OWN = ['container', 'mcp_servers']

/** Reads it. */
export function readRequest(raw: unknown, asked: Asked): CanonicalRequest {
  const body = members(raw)
  for (const field of OWN) if (isSaid(body[field])) throw invalid(field, 'Expected a request that any provider can serve')
  const turns = readTurns(body)
  const config = members(body.output_config)
  const choice = members(body.tool_choice)
  const thinking = readThinking(members(body.thinking), config.effort)
  const format = readFormat(members(config.format ?? body.output_format))
  const { user_id: user } = members(body.metadata)
  const maxOutput = count(body.max_tokens)
  const temperature = numberOf(body, 'temperature')
  const topP = numberOf(body, 'top_p')
  const topK = count(body.top_k)
  return {
    model: asked.model,
    turns: isSaid(body.cache_control) ? markedLast(turns, cacheOf(body)) : turns,
    tools: listOf(body.tools).map(readTool),
    ...(maxOutput !== undefined && { maxOutput }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && { topK }),
    ...(isSaid(body.stop_sequences) && { stop: listOfText(body.stop_sequences, 'stop_sequences') }),
    ...(choice.type !== undefined && { toolChoice: readChoice(choice) }),
    ...(choice.disable_parallel_tool_use === true && { parallelTools: false }),
    ...(thinking !== undefined && { thinking }),
    ...(format !== undefined && { format }),
    ...(typeof user === 'string' && { user }),
    stream: asked.stream,
    streamUsage: true,
    rest: { dialect: NAME, fields: Object.fromEntries(Object.entries(body).filter(([field]) => !PLACED.has(field))) },
  }
}

function readTurns(body: Readonly<Record<string, unknown>>): Turn[] {
  if (!Array.isArray(body.messages)) throw invalid('messages', 'Expected a list')
  const turns: Turn[] = isSaid(body.system) ? [{ role: 'system', blocks: blocksOf(body.system, 'system') }] : []
  for (const [i, message] of listOf(body.messages).entries()) {
    const role = ROLES.find(one => one === message.role)
    if (role === undefined) throw invalid(`messages[${i}].role`, `Expected one of ${ROLES.join(', ')}`)
    const blocks = blocksOf(message.content, `messages[${i}].content`)
    turns.push({ role, blocks: resultsFirst(blocks, ({ kind }) => kind === 'tool_result') })
  }
  return turns
}

function blocksOf(content: unknown, field: string): Block[] {
  if (typeof content !== 'string' && !Array.isArray(content)) throw invalid(field, 'Expected text or a list of blocks')
  const blocks = readBlocks(content)
  for (const [i, block] of blocks.entries()) {
    if (block.kind === 'opaque' && block.type === '') throw invalid(`${field}[${i}].type`, 'Expected the type of a block')
  }
  return blocks
}

/** Top-level `cache_control` marks what comes last. */
function markedLast(turns: Turn[], cache: ReturnType<typeof cacheOf>): Turn[] {
  const last = turns.at(-1)
  const block = last?.blocks.at(-1)
  if (last === undefined || block === undefined || block.kind === 'reasoning' || block.kind === 'refusal') return turns
  return [...turns.slice(0, -1), { ...last, blocks: [...last.blocks.slice(0, -1), { ...cache, ...block }] }]
}

function readTool(raw: Readonly<Record<string, unknown>>, i: number): Tool {
  const { type, name, description, input_schema: schema, strict } = raw
  if (isSaid(type) && type !== 'custom') throw invalid(`tools[${i}].type`, "Expected a tool of the client's own")
  if (typeof name !== 'string') throw invalid(`tools[${i}].name`, 'Expected text')
  return {
    name,
    ...(typeof description === 'string' && { description }),
    ...(isSaid(schema) && { schema }),
    ...(typeof strict === 'boolean' && { strict }),
    ...cacheOf(raw),
  }
}

function readChoice({ type, name }: Readonly<Record<string, unknown>>): ToolChoice {
  switch (type) {
    case 'auto': return { mode: 'auto' }
    case 'none': return { mode: 'none' }
    case 'any': return { mode: 'required' }
    case 'tool': return { mode: 'required', names: [textOf(name)] }
  }
  throw invalid('tool_choice.type', 'Expected one of auto, any, tool, none')
}

function readThinking(raw: Readonly<Record<string, unknown>>, word: unknown): Thinking | undefined {
  const effort = EFFORTS.find(one => one === word)
  if (effort === undefined && isSaid(word)) throw invalid('output_config.effort', `Expected one of ${EFFORTS.join(', ')}`)
  const worded = effort === undefined ? {} : { effort }
  const shown = raw.display !== 'omitted'
  switch (raw.type) {
    case undefined: return effort === undefined ? undefined : worded
    case 'disabled': return { effort: 'none' }
    case 'adaptive': return { ...worded, adaptive: true, shown }
    case 'enabled': {
      const budget = count(raw.budget_tokens)
      if (budget === undefined) throw invalid('thinking.budget_tokens', 'Expected a number of tokens')
      return { ...worded, budget, shown }
    }
  }
  throw invalid('thinking.type', 'Expected one of enabled, adaptive, disabled')
}

function readFormat({ type, schema }: Readonly<Record<string, unknown>>): Format | undefined {
  if (type === undefined) return undefined
  if (type === 'json_schema') return { type: 'schema', schema, strict: true }
  throw invalid('output_config.format.type', 'Expected json_schema')
}

function numberOf(body: Readonly<Record<string, unknown>>, field: string): number | undefined {
  const value = body[field]
  if (!isSaid(value)) return undefined
  if (typeof value === 'number') return value
  throw invalid(field, 'Expected a number')
}

function listOfText(value: unknown, field: string): string[] {
  if (Array.isArray(value) && value.every(one => typeof one === 'string')) return value
  throw invalid(field, 'Expected a list of texts')
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null
}

function invalid(field: string, expected: string): GatehouseError {
  return new GatehouseError('invalid_body', `${expected}: ${field}.`, { param: field })
}

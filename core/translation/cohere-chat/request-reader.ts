// A client's request for v2/chat. Called by translated.ts; message-reader.ts reads the conversation.
import {
  GatehouseError, type Asked, type CanonicalRequest, type Format, type Thinking, type Tool, type ToolChoice,
} from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { count, members } from '../../dialect/openai/words.ts'
import { DIALECT, textOf, type Raw } from './content.ts'
import { readMessages } from './message-reader.ts'

/** Fields that are read from elsewhere. */
const READ = new Set([
  'model', 'messages', 'tools', 'strict_tools', 'tool_choice', 'max_tokens', 'temperature', 'p', 'k', 'seed', 'frequency_penalty',
  'presence_penalty', 'stop_sequences', 'response_format', 'thinking', 'stream', 'documents',
])

/** Reads a request. */
export function readRequest(body: unknown, { model, stream }: Asked): CanonicalRequest {
  const told = members(body)
  if (!Array.isArray(told.messages)) throw refused('messages', 'messages must be a list.')
  // What an answer is to be grounded in, with citations that no other format knows.
  if (Array.isArray(told.documents) && told.documents.length > 0) {
    throw refused('documents', 'documents are known to Cohere alone; send their texts in a message.')
  }
  const maxOutput = count(told.max_tokens)
  const toolChoice = readToolChoice(told.tool_choice)
  const format = readFormat(members(told.response_format))
  const thinking = readThinking(members(told.thinking))
  const numbers = {
    temperature: told.temperature, topP: told.p, topK: told.k, seed: told.seed, frequencyPenalty: told.frequency_penalty,
    presencePenalty: told.presence_penalty,
  }
  return {
    model,
    turns: readMessages(listOf(told.messages)),
    tools: listOf(told.tools).map(tool => readTool(members(tool.function), told.strict_tools === true)),
    ...(toolChoice !== undefined && { toolChoice }),
    ...(maxOutput !== undefined && { maxOutput }),
    ...Object.fromEntries(Object.entries(numbers).filter(([, value]) => typeof value === 'number')),
    ...(Array.isArray(told.stop_sequences) && { stop: told.stop_sequences.filter(stop => typeof stop === 'string') }),
    ...(format !== undefined && { format }),
    ...(thinking !== undefined && { thinking }),
    stream,
    streamUsage: true,
    rest: { dialect: DIALECT, fields: Object.fromEntries(Object.entries(told).filter(([field]) => !READ.has(field))) },
  }
}

function refused(param: string, message: string): GatehouseError {
  return new GatehouseError('invalid_body', message, { param })
}

function readTool({ name, description, parameters }: Raw, strict: boolean): Tool {
  if (typeof name !== 'string' || name === '') throw refused('tools', 'Every function of tools must have a name.')
  return {
    name,
    ...(typeof description === 'string' && { description }),
    ...(parameters !== undefined && { schema: parameters }),
    ...(strict && { strict }),
  }
}

function readToolChoice(choice: unknown): ToolChoice | undefined {
  return choice === 'REQUIRED' ? { mode: 'required' } : choice === 'NONE' ? { mode: 'none' } : undefined
}

function readFormat({ type, json_schema }: Raw): Format | undefined {
  if (type !== 'json_object') return undefined
  return json_schema === undefined ? { type: 'json' } : { type: 'schema', schema: json_schema }
}

function readThinking({ type, token_budget }: Raw): Thinking | undefined {
  const budget = count(token_budget)
  switch (textOf(type)) {
    case 'disabled': return { effort: 'none' }
    case 'enabled': return budget === undefined ? { adaptive: true, shown: true } : { budget, shown: true }
    default: return undefined
  }
}

// A client's request of Ollama, read. Used by ollama-chat.ts.
import { GatehouseError } from '../../../sdk/index.ts'
import type { Asked, Block, CanonicalRequest, Format, MediaBlock, TextBlock, Thinking, Turn } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { count, members } from '../../dialect/openai/words.ts'
import { textOf } from '../openai-chat/content.ts'
import { stopsIn, without } from '../openai-chat/request-reader.ts'
import { readCall } from './answer.ts'
import { Waiting } from './waiting.ts'

type Raw = Readonly<Record<string, unknown>>

const PLACED = new Set(['model', 'messages', 'tools', 'format', 'options', 'stream', 'think'])
const PLACED_OPTIONS = new Set([
  'num_predict', 'temperature', 'top_p', 'top_k', 'seed', 'stop', 'frequency_penalty', 'presence_penalty',
])

/** Reads a request. Throws `invalid_body` for what is none. */
export function readRequest(raw: unknown, asked: Asked): CanonicalRequest {
  const body = members(raw)
  const options = members(body.options)
  const stop = stopsIn(options.stop)
  const format = readFormat(body.format)
  const thinking = readThinking(body.think)
  const settings = {
    maxOutput: count(options.num_predict), temperature: options.temperature, topP: options.top_p, topK: count(options.top_k),
    seed: options.seed, frequencyPenalty: options.frequency_penalty, presencePenalty: options.presence_penalty,
  }
  const more = without(options, PLACED_OPTIONS)
  return {
    model: asked.model,
    turns: readTurns(body.messages),
    tools: listOf(body.tools).map(tool => {
      const { name, description, parameters } = members(tool.function)
      return {
        name: textOf(name),
        ...(typeof description === 'string' && { description }),
        ...(parameters !== undefined && { schema: parameters }),
      }
    }),
    ...Object.fromEntries(Object.entries(settings).filter(([, value]) => typeof value === 'number')),
    ...(stop !== undefined && { stop }),
    ...(format !== undefined && { format }),
    ...(thinking !== undefined && { thinking }),
    stream: asked.stream,
    streamUsage: true,
    rest: {
      dialect: 'ollama-chat', fields: { ...without(body, PLACED), ...(Object.keys(more).length > 0 && { options: more }) },
    },
  }
}

/** The turns; results that follow one another are one turn of the user. */
function readTurns(messages: unknown): Turn[] {
  if (!Array.isArray(messages) || messages.length === 0) refuse('messages', 'a list with something in it')
  const turns: Turn[] = []
  let waiting = new Waiting([])
  let results: Block[] | undefined
  for (const [at, raw] of messages.entries()) {
    const message = members(raw)
    const { role, tool_name, tool_call_id, tool_calls } = message
    if (role === 'tool') {
      if (results === undefined) turns.push({ role: 'user', blocks: results = [] })
      const answered = waiting.take(textOf(tool_call_id), textOf(tool_name))
      results.push({ kind: 'tool_result', ...answered, blocks: shownIn(message), failed: false })
      continue
    }
    results = undefined
    if (role !== 'system' && role !== 'user' && role !== 'assistant') {
      refuse(`messages[${at}].role`, 'system, user, assistant or tool')
    }
    const calls = listOf(tool_calls).map((call, index) => readCall(call, `turn ${at}`, index))
    if (role === 'assistant') waiting = new Waiting(calls)
    const thought: Block[] = textOf(message.thinking) === '' ? [] : [{ kind: 'reasoning', text: textOf(message.thinking) }]
    turns.push({ role, blocks: [...thought, ...shownIn(message), ...calls] })
  }
  return turns
}

function refuse(param: string, expected: string): never {
  throw new GatehouseError('invalid_body', `Expected "${param}" to be ${expected}.`, { param })
}

/** Text and pictures of a message. Base64 tells by its first characters what it is of. */
function shownIn({ content, images }: Raw): (TextBlock | MediaBlock)[] {
  const pictures = Array.isArray(images) ? images.map(textOf).filter(base64 => base64 !== '') : []
  return [
    ...(textOf(content) === '' ? [] : [{ kind: 'text', text: textOf(content) } as const]),
    ...pictures.map(base64 => ({ kind: 'image', media: { at: 'data', base64, mediaType: mediaTypeOf(base64) } } as const)),
  ]
}

function mediaTypeOf(base64: string): string {
  if (base64.startsWith('/9j/')) return 'image/jpeg'
  if (base64.startsWith('R0lGOD')) return 'image/gif'
  return base64.startsWith('UklGR') ? 'image/webp' : 'image/png'
}

function readFormat(format: unknown): Format | undefined {
  if (format === 'json') return { type: 'json' }
  return typeof format === 'object' && format !== null ? { type: 'schema', schema: format } : undefined
}

function readThinking(think: unknown): Thinking | undefined {
  if (think === true) return { adaptive: true }
  if (think === false) return { effort: 'none' }
  return think === 'low' || think === 'medium' || think === 'high' || think === 'max' ? { effort: think } : undefined
}

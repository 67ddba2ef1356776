// A client's request, read. Used by ../openai-responses.ts.
import type { Asked, CanonicalRequest, Thinking } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { count, members } from '../../dialect/openai/words.ts'
import { textOf } from '../openai-chat/content.ts'
import { DIALECT } from './seal.ts'
import { readFormat, readTool, readToolChoice, refuse, said } from './tools.ts'
import { readInput } from './turns.ts'

type Raw = Readonly<Record<string, unknown>>

/** Fields that have a place in the canonical form, or ask for no more than every answer has; all others are the rest. */
const PLACED = new Set([
  'model', 'input', 'instructions', 'stream', 'stream_options', 'tools', 'tool_choice', 'parallel_tool_calls',
  'max_output_tokens', 'temperature', 'top_p', 'text', 'reasoning', 'user', 'safety_identifier', 'store', 'background', 'include',
])

/** What says the same as leaving it out. */
const AS_UNSAID: Raw = { truncation: 'disabled', service_tier: 'auto', top_logprobs: 0 }

/** What an answer needs that the vendor keeps from one request to the next. */
const STATE = ['previous_response_id', 'conversation', 'prompt'] as const

/** Reads a request. Throws `invalid_body` for what is none, and for what only a vendor that keeps state can do. */
export function readRequest(raw: unknown, asked: Asked): CanonicalRequest {
  const body = members(raw)
  for (const field of STATE) if (said(body[field])) refuse(field, `"${field}" stands for something that only this provider keeps`)
  for (const field of ['background', 'store'] as const) {
    if (body[field] === true) refuse(field, `"${field}" wants an answer to be kept, and it is not`)
  }
  const instructions = textOf(body.instructions)
  const { format: asFormat, verbosity } = members(body.text)
  const format = readFormat(members(asFormat))
  const toolChoice = readToolChoice(body.tool_choice)
  const thinking = readThinking(members(body.reasoning))
  const maxOutput = count(body.max_output_tokens)
  const logprobs = wantsLogprobs(body) ? count(body.top_logprobs) ?? 0 : undefined
  const user = textOf(body.user) || textOf(body.safety_identifier)
  return {
    model: asked.model,
    turns: [
      ...(instructions === '' ? [] : [{ role: 'system', blocks: [{ kind: 'text', text: instructions }] } as const]),
      ...readInput(body.input),
    ],
    tools: listOf(body.tools).map(readTool),
    ...(toolChoice !== undefined && { toolChoice }),
    ...(typeof body.parallel_tool_calls === 'boolean' && { parallelTools: body.parallel_tool_calls }),
    ...(maxOutput !== undefined && { maxOutput }),
    ...(typeof body.temperature === 'number' && { temperature: body.temperature }),
    ...(typeof body.top_p === 'number' && { topP: body.top_p }),
    ...(logprobs !== undefined && { logprobs }),
    ...(format !== undefined && { format }),
    ...(thinking !== undefined && { thinking }),
    stream: asked.stream,
    streamUsage: true,
    ...(user !== '' && { user }),
    rest: { dialect: DIALECT, fields: { ...restOf(body), ...(said(verbosity) && { verbosity }), ...included(body) } },
  }
}

function restOf(body: Raw): Raw {
  const isRead = (field: string): boolean => PLACED.has(field) || (field === 'top_logprobs' && wantsLogprobs(body))
  const left = Object.entries(body).filter(([field, value]) => !isRead(field) && said(value) && AS_UNSAID[field] !== value)
  return Object.fromEntries(left)
}

/** What the field `include` calls the probabilities of tokens. */
export const LOGPROBS = 'message.output_text.logprobs'

function wantsLogprobs({ include }: Raw): boolean {
  return Array.isArray(include) && include.includes(LOGPROBS)
}

/** What else the answer is to hold. Proofs of thought come in every answer. */
function included({ include }: Raw): Raw {
  const wanted = Array.isArray(include) ? include.filter(one => one !== 'reasoning.encrypted_content' && one !== LOGPROBS) : []
  return wanted.length === 0 ? {} : { include: wanted }
}

const EFFORTS: readonly unknown[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] satisfies Thinking['effort'][]
const isEffort = (value: unknown): value is NonNullable<Thinking['effort']> => EFFORTS.includes(value)

function readThinking({ effort, summary, generate_summary }: Raw): Thinking | undefined {
  const thinking: Thinking = { ...(isEffort(effort) && { effort }), ...(said(summary ?? generate_summary) && { shown: true }) }
  return Object.keys(thinking).length === 0 ? undefined : thinking
}

// OpenAI Responses, as OpenAI describes it and as other vendors took it over. Loaded by core/registry.ts.
import type { Channel, Dialect, Schemas, Tape } from '../../sdk/index.ts'
import { parseFrame } from './openai/frames.ts'
import { checkAnswerShape, checkBody, checkInput, checkModel, lastMember } from './openai/requests.ts'
import { FORWARDS, errorBody } from './openai/words.ts'
import { framesOf, refusalOf, wholeOf } from './openai-responses/own.ts'
import { request } from './openai-responses/request.ts'
import { frame, response } from './openai-responses/response.ts'
import { usage } from './openai-responses/usage.ts'

/** The member of what may be an object, or nothing at all. */
function fieldOf(tape: Tape, node: number, name: string): number {
  return node === -1 || tape.kind(node) !== 'object' ? -1 : tape.find(node, name)
}

function* elementsOf(tape: Tape, list: number): Generator<number> {
  if (list === -1 || tape.kind(list) !== 'array') return
  for (let element = tape.first(list); element !== -1; element = tape.next(element)) yield element
}

function schemasOf(body: Tape): Schemas {
  const tools = new Map<string, number>()
  for (const tool of elementsOf(body, body.find(0, 'tools'))) {
    const name = body.text(fieldOf(body, tool, 'name'))
    const schema = fieldOf(body, tool, 'parameters')
    if (name !== undefined && schema !== -1) tools.set(name, schema)
  }
  return { tools, text: fieldOf(body, fieldOf(body, body.find(0, 'text'), 'format'), 'schema') }
}

/** The frame that carries pieces of a channel, where none came before. */
const DELTA: Readonly<Partial<Record<Channel, string>>> = {
  refusal: 'response.refusal.delta',
  reasoning: 'response.reasoning_summary_text.delta',
  tool_args: 'response.function_call_arguments.delta',
}

const dialect: Dialect = {
  name: 'openai-responses',
  path: '/responses',
  request,
  response,
  forwards: FORWARDS,

  check(body) {
    checkBody(body)
    checkModel(body)
    checkAnswerShape(body)
    // What a stored prompt or conversation holds needs none.
    if (body.find(0, 'input') !== -1) checkInput(body, 'input')
  },

  asksForJson(body) {
    const type = body.text(fieldOf(body, fieldOf(body, body.find(0, 'text'), 'format'), 'type'))
    return type === 'json_object' || type === 'json_schema'
  },

  schemas: schemasOf,

  /** Where the input is a text, it has no place for a second one: what comes first goes into the instructions. */
  instruct(body, before, behind) {
    const place = body.find(0, 'instructions')
    const given = place === -1 ? undefined : body.text(place)
    const json = JSON.stringify([...before, ...given === undefined ? [] : [given], ...behind].join('\n\n'))
    return [place === -1 ? lastMember(body, 0, `"instructions":${json}`) : { start: body.start(place), end: body.end(place), text: json }]
  },

  insert(body, { role, text }, at) {
    const json = JSON.stringify({ type: 'message', role, content: text })
    const input = body.find(0, 'input')
    if (input !== -1 && body.kind(input) === 'array') {
      if (at === 'end') return lastMember(body, input, json)
      const start = body.start(input) + 1
      return { start, end: start, text: body.first(input) === -1 ? json : `${json},` }
    }
    if (input === -1 || body.kind(input) !== 'string') return lastMember(body, 0, `"input":[${json}]`)
    const written = JSON.stringify(text).slice(1, -1)
    const edge = at === 'start' ? body.start(input) + 1 : body.end(input) - 1
    return { start: edge, end: edge, text: at === 'start' ? `${written}\\n\\n` : `\\n\\n${written}` }
  },

  length: { fields: ['max_output_tokens'] },
  usage,
  answer: wholeOf,
  error: errorBody,

  streaming: {
    frame,
    named: true,

    say({ channel, call }, piece, like, sequence) {
      const { type, sequence_number: _, delta: __, obfuscation: ___, logprobs, ...place } = parseFrame(like)
      const said = typeof type === 'string' && type.endsWith('.delta')
      const head = { type: said ? type : DELTA[channel] ?? 'response.output_text.delta', sequence_number: sequence }
      const where = said ? place : { item_id: '', output_index: Math.max(0, call), content_index: 0, summary_index: 0 }
      return JSON.stringify({ ...head, ...where, delta: piece, ...(logprobs !== undefined && { logprobs: [] }) })
    },

    refuse: (_choices, heard, why) => refusalOf(heard, why),
    answer: framesOf,

    error: ({ code, message, param }, sequence_number) => JSON.stringify({
      type: 'error', sequence_number, code, message, param,
    }),

    onlyUsage: () => false,
  },
}

export default dialect

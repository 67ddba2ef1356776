// OpenAI Responses: one answer, a list of items, each told from its begin to its end. Listed in ../wires.ts.
import { argumentsWith, type Line, type Piece, type Spoken, type Wire } from '../wire.ts'

const CHANNELS = ['text', 'reasoning', 'refusal', 'tool_args'] as const

/** Items that hold a text in each of the places that a conversation has. */
function itemsWith(text: string): object[] {
  return [
    { role: 'system', content: text },
    { type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
    { type: 'reasoning', id: 'rs-1', summary: [{ type: 'summary_text', text }] },
    {
      type: 'message', role: 'assistant', id: 'msg-1', status: 'completed',
      content: [{ type: 'output_text', text, annotations: [] }],
    },
    { type: 'function_call', call_id: 'call-1', name: 'note', arguments: argumentsWith(text, 0) },
    { type: 'function_call_output', call_id: 'call-1', output: text },
    { role: 'user', content: text },
  ]
}

/** The item that holds a line; without its text while it begins. */
function itemOf({ choice, channel, text }: Line, begins = false): object {
  const id = `${channel}-${choice}`
  const status = begins ? 'in_progress' : 'completed'
  switch (channel) {
    case 'reasoning': return { id, type: 'reasoning', summary: begins ? [] : [{ type: 'summary_text', text }] }
    case 'tool_args': return {
      id, type: 'function_call', status, call_id: `call-${choice}`, name: 'note', arguments: begins ? '' : text,
    }
    default: return { id, type: 'message', role: 'assistant', status, content: begins ? [] : [partOf(channel, text)] }
  }
}

function partOf(channel: Spoken, text: string): object {
  return channel === 'refusal' ? { type: 'refusal', refusal: text } : { type: 'output_text', text, annotations: [], logprobs: [] }
}

function answerOf(status: string, output: readonly object[]): object {
  return { id: 'resp-1', object: 'response', created_at: 1, model: 'm', status, output, instructions: null, error: null }
}

/** The frames of an item: one line in its pieces. */
function framesOf(index: number, pieces: readonly Line[]): object[] {
  const [{ choice, channel }] = pieces as readonly [Line]
  const text = pieces.map(piece => piece.text).join('')
  const line = { choice, channel, text }
  const about = { item_id: `${channel}-${choice}`, output_index: index }
  const told = (): object[] => {
    const grown = (type: string, name: string, more: object): object[] => [
      ...pieces.map(piece => ({ type: `response.${type}.delta`, ...about, ...more, delta: piece.text })),
      { type: `response.${type}.done`, ...about, ...more, [name]: text },
    ]
    const parted = (type: string, part: (said: string) => object, more: object, frames: object[]): object[] => [
      { type: `response.${type}.added`, ...about, ...more, part: part('') }, ...frames,
      { type: `response.${type}.done`, ...about, ...more, part: part(text) },
    ]
    switch (channel) {
      case 'tool_args': return grown('function_call_arguments', 'arguments', {})
      case 'reasoning': {
        const more = { summary_index: 0 }
        return parted(
          'reasoning_summary_part', said => ({ type: 'summary_text', text: said }), more,
          grown('reasoning_summary_text', 'text', more)
        )
      }
      default: {
        const more = { content_index: 0 }
        const frames = channel === 'refusal' ? grown('refusal', 'refusal', more) : grown(
          'output_text', 'text', { ...more, logprobs: [] }
        )
        return parted('content_part', said => partOf(channel, said), more, frames)
      }
    }
  }
  return [
    { type: 'response.output_item.added', output_index: index, item: itemOf(line, true) },
    ...told(),
    { type: 'response.output_item.done', output_index: index, item: itemOf(line) },
  ]
}

/** What is read of an answer or a frame. */
interface Payload {
  readonly type?: string
  readonly delta?: string
  readonly item_id?: string
  readonly response?: Payload
  readonly incomplete_details?: { readonly reason: string } | null
  readonly output?: readonly {
    readonly id: string
    readonly summary?: readonly { readonly text: string }[]
    readonly content?: readonly { readonly text?: string; readonly refusal?: string }[]
    readonly arguments?: string
  }[]
}

function hear(payload: Payload): Piece[] {
  const { type, delta, item_id: id, response, output = [], incomplete_details: incomplete } = payload
  if (delta !== undefined) return [pieceOf(id ?? '', delta)]
  if (type !== undefined) return (response?.incomplete_details ?? null) === null ? [] : ['filtered']
  const said = output.map(({ id: item, summary, content, arguments: args }) =>
    pieceOf(
      item,
      args ?? summary?.map(part => part.text).join('') ?? content?.map(part => part.text ?? part.refusal ?? '').join('') ?? ''
    ))
  return incomplete == null ? said : [...said, 'filtered']
}

/** A piece by the id of its item; what the gateway says itself is the first text. */
function pieceOf(id: string, text: string): Line {
  const [channel, choice] = id.split('-')
  const known = CHANNELS.find(one => one === channel)
  return known === undefined ? { choice: 0, channel: 'text', text } : { choice: Number(choice), channel: known, text }
}

/** This dialect. It has one choice: the choices of the checks are items of it. */
export const RESPONSES: Wire = {
  dialect: 'openai-responses', path: '/v1/responses', speaks: CHANNELS, named: true,
  ask: (texts, streamed) => ({ model: 'm', ...(streamed && { stream: true }), input: texts.flatMap(itemsWith) }),
  whole: lines => answerOf('completed', lines.map(line => itemOf(line))),
  frames(pieces) {
    const lines = [...Map.groupBy(pieces, ({ choice, channel }) => `${choice} ${channel}`).values()]
    // Half a surrogate pair may be a piece, but no upstream says it in the end.
    const output = lines.map(line => itemOf({ ...line[0]!, text: line.map(piece => piece.text).join('').toWellFormed() }))
    return [
      { type: 'response.created', response: answerOf('in_progress', []) },
      { type: 'response.in_progress', response: answerOf('in_progress', []) },
      ...lines.flatMap((line, index) => framesOf(index, line)),
      { type: 'response.completed', response: answerOf('completed', output) },
    ].map(({ type, ...rest }: object & { type?: unknown }, sequence) => ({ type, sequence_number: sequence, ...rest }))
  },
  hear,
}

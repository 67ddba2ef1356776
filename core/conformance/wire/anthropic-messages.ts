// Anthropic Messages: one answer, a list of blocks, one after the other. Listed in ../wires.ts.
import { argumentsWith, type Line, type Piece, type Spoken, type Wire } from '../wire.ts'

/** The answer has one choice: the choices of the checks are as many blocks of it, each with these in their order. */
const CHANNELS = ['reasoning', 'text', 'tool_args'] as const

/** Messages that hold a text in each of the places that a conversation has. */
function messagesWith(text: string): object[] {
  const input = JSON.parse(argumentsWith(text, 0)) as unknown
  return [
    { role: 'user', content: text },
    { role: 'assistant', content: [{ type: 'text', text }, { type: 'tool_use', id: 'toolu-1', name: 'note', input }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu-1', content: [{ type: 'text', text }] }, { type: 'text', text }] },
  ]
}

/** A block as an answer has it; without its text, as it starts. */
function blockOf(channel: Spoken, choice: number, text: string | undefined): object {
  switch (channel) {
    case 'reasoning': return { type: 'thinking', thinking: text ?? '', signature: '' }
    case 'tool_args': return { type: 'tool_use', id: `toolu-${choice}`, name: 'note', input: text === undefined ? {} : JSON.parse(text) as unknown }
    default: return { type: 'text', text: text ?? '' }
  }
}

const DELTAS: Readonly<Record<string, (piece: string) => object>> = {
  reasoning: thinking => ({ type: 'thinking_delta', thinking }),
  tool_args: partial_json => ({ type: 'input_json_delta', partial_json }),
  text: text => ({ type: 'text_delta', text }),
}

const message = (content: readonly object[], reason: string | null): object => ({
  id: 'msg-1', type: 'message', role: 'assistant', model: 'm', content, stop_reason: reason, stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 },
})

function framesOf(index: number, pieces: readonly Line[]): object[] {
  const [choice, channel] = [Math.floor(index / CHANNELS.length), CHANNELS[index % CHANNELS.length]!]
  return [
    { type: 'content_block_start', index, content_block: blockOf(channel, choice, undefined) },
    ...pieces.map(({ text }) => ({ type: 'content_block_delta', index, delta: DELTAS[channel]!(text) })),
    { type: 'content_block_stop', index },
  ]
}

/** What is read of an answer or a frame. */
interface Payload {
  readonly index?: number
  readonly content?: readonly Said[]
  readonly delta?: Said & { readonly stop_reason?: string | null }
  readonly stop_reason?: string | null
}
interface Said {
  readonly text?: string
  readonly thinking?: string
  readonly partial_json?: string
  readonly input?: unknown
}

function hear({ index = 0, content, delta, stop_reason: reason }: Payload): Piece[] {
  const pieces = content?.map((block, at) => pieceOf(at, block)) ?? [pieceOf(index, delta ?? {})]
  const said: Piece[] = pieces.filter(piece => piece !== undefined)
  return reason === 'refusal' || delta?.stop_reason === 'refusal' ? [...said, 'filtered'] : said
}

function pieceOf(index: number, { text, thinking, partial_json: json, input }: Said): Line | undefined {
  const choice = Math.floor(index / CHANNELS.length)
  if (text !== undefined) return { choice, channel: 'text', text }
  if (thinking !== undefined) return { choice, channel: 'reasoning', text: thinking }
  const args = json ?? (input === undefined ? undefined : JSON.stringify(input))
  return args === undefined ? undefined : { choice, channel: 'tool_args', text: args }
}

const ranked = (lines: readonly Line[]): Line[] => {
  const rank = ({ choice, channel }: Line): number => choice * CHANNELS.length + CHANNELS.findIndex(one => one === channel)
  return lines.toSorted((one, other) => rank(one) - rank(other))
}

/** This dialect. */
export const MESSAGES: Wire = {
  dialect: 'anthropic-messages', path: '/v1/messages', speaks: CHANNELS, named: true,
  ask: (texts, streamed) => ({
    model: 'm', max_tokens: 100, ...(streamed && { stream: true }),
    system: texts.map(text => ({ type: 'text', text })), messages: texts.flatMap(messagesWith),
  }),
  whole: lines => message(ranked(lines).map(({ channel, choice, text }) => blockOf(channel, choice, text)), 'end_turn'),
  frames(pieces) {
    const choices = 1 + Math.max(-1, ...pieces.map(piece => piece.choice))
    const blocks = Array.from({ length: choices * CHANNELS.length }, (_, index) => framesOf(index, pieces.filter(({ choice, channel }) =>
      choice === Math.floor(index / CHANNELS.length) && channel === CHANNELS[index % CHANNELS.length])))
    return [
      { type: 'message_start', message: message([], null) },
      ...blocks.flat(),
      { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 9 } },
      { type: 'message_stop' },
    ]
  },
  hear,
}

// The OpenAI formats of choices: chat and completions, and those whose answers hold no text. Listed in ../wires.ts.
import { argumentsWith, type Line, type Piece, type Spoken, type Wire } from '../wire.ts'

const CHANNELS = ['text', 'reasoning', 'refusal', 'tool_args'] as const
/** The last field keeps the gateway from asking for it. */
const streaming = (streamed: boolean): object => streamed ? { stream: true, stream_options: { include_usage: true } } : {}
const call = (args: string): object => ({ index: 0, id: 'call-1', type: 'function', function: { name: 'note', arguments: args } })

/** Messages that hold a text in each of the places that a conversation has. */
function messagesWith(text: string): object[] {
  return [
    { role: 'system', content: text },
    { role: 'user', content: text },
    { role: 'assistant', content: text, tool_calls: [call(argumentsWith(text, 0))] },
    { role: 'tool', tool_call_id: 'call-1', content: text },
    { role: 'user', content: [{ type: 'text', text }] },
  ]
}

/** What a message or a delta says. */
function saying(lines: readonly Line[]): object {
  const on = (channel: Spoken): string | undefined => lines.find(line => line.channel === channel)?.text
  const args = on('tool_args')
  return {
    content: on('text'), reasoning_content: on('reasoning'), refusal: on('refusal'),
    tool_calls: args === undefined ? undefined : [call(args)],
  }
}

const nothing = (): object => ({})

/** A choice of a whole answer, and one of a frame that holds one piece; without one, the choice is finished. */
interface Choices {
  whole(lines: readonly Line[]): object
  delta(piece: Line | undefined): object
}

/** How answers of choices stand on the wire. */
function inChoices({ whole, delta }: Choices): Pick<Wire, 'whole' | 'frames' | 'hear' | 'done'> {
  const answer = (choices: readonly object[]): object => ({ id: 'a-1', model: 'm', created: 1, choices })
  const frame = (index: number, piece?: Line): object => answer([{ index, ...delta(piece) }])
  return {
    whole: lines => answer([...Map.groupBy(lines, line => line.choice)].map(([index, said]) => ({ index, ...whole(said) }))),
    frames: pieces => [
      ...pieces.map(piece => frame(piece.choice, piece)),
      ...[...new Set(pieces.map(piece => piece.choice))].map(index => frame(index))
    ],
    done: '[DONE]',
    hear,
  }
}

/** Embeddings and moderations. */
const speechless = inChoices({ whole: nothing, delta: nothing })

/** These dialects. */
export const CHOICES: readonly Wire[] = [
  {
    dialect: 'openai-chat', path: '/v1/chat/completions', speaks: CHANNELS,
    ask: (texts, streamed) => ({ model: 'm', ...streaming(streamed), messages: texts.flatMap(messagesWith) }),
    ...inChoices({
      whole: lines => ({ message: { role: 'assistant', ...saying(lines) }, finish_reason: 'stop' }),
      delta: piece => piece === undefined ? { delta: {}, finish_reason: 'stop' } : {
        delta: saying([piece]), finish_reason: null,
      },
    }),
  },
  {
    dialect: 'openai-completions', path: '/v1/completions', speaks: ['text'],
    ask: (texts, streamed) => ({ model: 'm', ...streaming(streamed), prompt: texts }),
    ...inChoices({
      whole: lines => ({ text: lines[0]?.text, finish_reason: 'stop' }),
      delta: piece => ({ text: piece?.text ?? '', finish_reason: piece === undefined ? 'stop' : null }),
    }),
  },
  {
    dialect: 'openai-embeddings', path: '/v1/embeddings', speaks: [],
    ask: texts => ({ model: 'm', input: texts }),
    ...speechless,
  },
  {
    dialect: 'openai-moderations', path: '/v1/moderations', speaks: [],
    ask: texts => ({ model: 'm', input: texts.map(text => ({ type: 'text', text })) }),
    ...speechless,
  },
]

/** The fields of an answer or a frame that hold text. */
interface Payload {
  readonly choices?: readonly {
    readonly index: number
    readonly text?: string
    readonly message?: Message
    readonly delta?: Message
    readonly finish_reason?: string | null
  }[]
}
interface Message {
  readonly content?: string | null
  readonly reasoning_content?: string | null
  readonly refusal?: string | null
  readonly tool_calls?: readonly { readonly function?: { readonly arguments?: string } }[]
}

/** What a payload says. */
function hear(payload: object): Piece[] {
  const { choices = [] } = payload as Payload
  return choices.flatMap(({ index, text, message, delta, finish_reason: finish }) => {
    const said = message ?? delta ?? { content: text ?? null }
    const heard = [said.content, said.reasoning_content, said.refusal, said.tool_calls?.[0]?.function?.arguments]
    const pieces: Piece[] = CHANNELS.flatMap((channel, at) => heard[at] == null ? [] : [{
      choice: index, channel, text: heard[at],
    }])
    return finish === 'content_filter' ? [...pieces, 'filtered'] : pieces
  })
}

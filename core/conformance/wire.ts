// The bodies that the conformance kit sends and answers with, in every dialect that has text, and the way to read an
// answer again. Used by the checks beside it.

/** A channel of an answer. */
export type Spoken = 'text' | 'reasoning' | 'refusal' | 'tool_args'

/** What one choice says on one channel, whole or a piece of it. */
export interface Line {
  readonly choice: number
  readonly channel: Spoken
  readonly text: string
}

/** An answer of the upstream. */
export interface Answer {
  readonly bytes: Buffer
  readonly streamed: boolean
}

/** One dialect. */
export interface Wire {
  readonly dialect: string
  readonly path: string
  /** A request that holds the texts wherever a caller may put them. */
  ask(texts: readonly string[], streamed: boolean): object
  /** Channels that its answers have; none where they hold no text. */
  readonly speaks: readonly Spoken[]
  /** A choice of a whole answer. */
  choice(lines: readonly Line[], finish: string | null): object
  /** A choice of a frame that holds one piece; without one, the choice is finished. */
  delta(piece: Line | undefined): object
}

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

/** Every dialect that has text. */
export const WIRES: readonly Wire[] = [
  {
    dialect: 'openai-chat', path: '/v1/chat/completions', speaks: CHANNELS,
    ask: (texts, streamed) => ({ model: 'm', ...streaming(streamed), messages: texts.flatMap(messagesWith) }),
    choice: (lines, finish) => ({ message: { role: 'assistant', ...saying(lines) }, finish_reason: finish }),
    delta: piece => piece === undefined ? { delta: {}, finish_reason: 'stop' } : { delta: saying([piece]), finish_reason: null },
  },
  {
    dialect: 'openai-completions', path: '/v1/completions', speaks: ['text'],
    ask: (texts, streamed) => ({ model: 'm', ...streaming(streamed), prompt: texts }),
    choice: (lines, finish) => ({ text: lines[0]?.text, finish_reason: finish }),
    delta: piece => ({ text: piece?.text ?? '', finish_reason: piece === undefined ? 'stop' : null }),
  },
  {
    dialect: 'openai-embeddings', path: '/v1/embeddings', speaks: [],
    ask: texts => ({ model: 'm', input: texts }),
    choice: nothing, delta: nothing,
  },
  {
    dialect: 'openai-moderations', path: '/v1/moderations', speaks: [],
    ask: texts => ({ model: 'm', input: texts.map(text => ({ type: 'text', text })) }),
    choice: nothing, delta: nothing,
  },
]

/** Arguments of a tool call: JSON with the text as a value, as deep in it as told. */
export function argumentsWith(text: string, depth: number): string {
  return JSON.stringify({ note: text, more: null }).replace(/null\}$/, `${'['.repeat(depth)}0${']'.repeat(depth)}}`)
}

/** What an answer says if each choice says its text on every channel. Later choices have deeper arguments. */
export function linesOf(wire: Wire, texts: readonly string[]): Line[] {
  return texts.flatMap((text, choice) => wire.speaks.map(channel => (
    { choice, channel, text: channel === 'tool_args' ? argumentsWith(text, 1 + 20 * choice) : text })))
}

/** A whole answer, written with space between its parts, as no serialiser of the gateway's would. */
export function wholeAnswer(wire: Wire, lines: readonly Line[]): Answer {
  const choices = [...Map.groupBy(lines, line => line.choice)]
    .map(([index, said]) => ({ index, ...wire.choice(said, 'stop') }))
  return { bytes: Buffer.from(JSON.stringify({ id: 'a-1', model: 'm', created: 1, choices }, null, 1)), streamed: false }
}

/** A streamed answer: a frame for each piece, in this order, then the end of every choice. */
export function streamedAnswer(wire: Wire, pieces: readonly Line[]): Answer {
  const frame = (index: number, delta: object): string =>
    `data: ${JSON.stringify({ id: 'a-1', model: 'm', created: 1, choices: [{ index, ...delta }] })}\n\n`
  const choices = new Set(pieces.map(piece => piece.choice))
  const frames = [
    ...pieces.map(piece => frame(piece.choice, wire.delta(piece))),
    ...[...choices].map(choice => frame(choice, wire.delta(undefined))),
    'data: [DONE]\n\n',
  ]
  return { bytes: Buffer.from(frames.join('')), streamed: true }
}

/** Pieces of all lines in turn: the first of each, then the second of each. */
export function interleaved(lines: readonly Line[], cut: (line: Line) => readonly string[]): Line[] {
  const cuts = lines.map(line => cut(line).map(text => ({ ...line, text })))
  const most = Math.max(0, ...cuts.map(pieces => pieces.length))
  return Array.from({ length: most }, (_, turn) => cuts.flatMap(pieces => pieces[turn] ?? [])).flat()
}

/** What a client reads in an answer. */
export interface Heard {
  /** By choice and channel: `0 text`. */
  readonly lines: ReadonlyMap<string, string>
  readonly filtered: boolean
}

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

/** Reads what a client got. */
export function hear(bytes: Buffer, streamed: boolean): Heard {
  const lines = new Map<string, string>()
  let filtered = false
  for (const { choices = [] } of streamed ? payloads(bytes.toString()) : [JSON.parse(bytes.toString()) as Payload]) {
    for (const { index, text, message, delta, finish_reason: finish } of choices) {
      const said = message ?? delta ?? { content: text ?? null }
      const heard = [said.content, said.reasoning_content, said.refusal, said.tool_calls?.[0]?.function?.arguments]
      for (const [at, channel] of CHANNELS.entries()) {
        const key = `${index} ${channel}`
        if (heard[at] != null) lines.set(key, (lines.get(key) ?? '') + heard[at])
      }
      filtered ||= finish === 'content_filter'
    }
  }
  return { lines, filtered }
}

function payloads(stream: string): Payload[] {
  return stream.split('\n')
    .filter(line => line.startsWith('data: ') && line !== 'data: [DONE]')
    .map(line => JSON.parse(line.slice(6)) as Payload)
}

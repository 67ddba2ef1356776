// The bodies that the conformance kit sends and answers with, and the way to read an answer again: what each dialect has
// to bring for it (wire/, one file a family; wires.ts lists them), and what is the same for all. Used by the checks beside it.

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
  readonly type: string
}

/** One dialect. */
export interface Wire {
  readonly dialect: string
  readonly path: string
  /** Where a stream is asked for, where the path says it. */
  readonly streamPath?: string
  /** A request that holds the texts wherever a caller may put them. */
  ask(texts: readonly string[], streamed: boolean): object
  /** Channels that its answers have; none where they hold no text. */
  readonly speaks: readonly Spoken[]
  /** A whole answer. */
  whole(lines: readonly Line[]): object
  /** The payloads of a stream that says these pieces and ends. Where a dialect has one line after another, it has so here. */
  frames(pieces: readonly Line[]): readonly object[]
  /** What its client reads in a whole answer or in a frame. */
  hear(payload: object): readonly Piece[]
  /** The payload behind the last frame, where the dialect has one. */
  readonly done?: string
  /** True where the event of a frame is called as its payload's `type` says. */
  readonly named?: boolean
  /** True where a stream is one JSON array. */
  readonly array?: boolean
}

/** A piece of a line, as it is read; or that the answer was cut off by a filter. */
export type Piece = Line | 'filtered'

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
  return { bytes: Buffer.from(JSON.stringify(wire.whole(lines), null, 1)), streamed: false, type: 'application/json' }
}

/** A streamed answer: a frame for each piece, then the end of all. */
export function streamedAnswer(wire: Wire, pieces: readonly Line[]): Answer {
  if (wire.array === true) {
    const elements = wire.frames(pieces).map(payload => JSON.stringify(payload, null, 1))
    return { bytes: Buffer.from(`[${elements.join('\n,\r\n')}\n]\n`), streamed: true, type: 'application/json' }
  }
  const frames = wire.frames(pieces).map(payload => {
    const event = wire.named === true && 'type' in payload ? `event: ${payload.type}\n` : ''
    return `${event}data: ${JSON.stringify(payload)}\n\n`
  })
  return { bytes: Buffer.from(frames.join('') + (wire.done === undefined ? '' : `data: ${wire.done}\n\n`)), streamed: true, type: 'text/event-stream' }
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

/** Reads what a client got. */
export function hear(wire: Wire, bytes: Buffer, streamed: boolean): Heard {
  const lines = new Map<string, string>()
  let filtered = false
  for (const payload of payloadsIn(wire, bytes.toString(), streamed)) {
    for (const piece of wire.hear(payload)) {
      if (piece === 'filtered') filtered = true
      else {
        const key = `${piece.choice} ${piece.channel}`
        lines.set(key, (lines.get(key) ?? '') + piece.text)
      }
    }
  }
  return { lines, filtered }
}

function payloadsIn({ array, done }: Wire, stream: string, streamed: boolean): object[] {
  if (!streamed) return [JSON.parse(stream) as object]
  if (array === true) return JSON.parse(stream) as object[]
  return stream.split('\n')
    .filter(line => line.startsWith('data: ') && line !== `data: ${done}`)
    .map(line => JSON.parse(line.slice(6)) as object)
}

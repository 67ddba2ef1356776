// The segments of one body and what the chain wants changed in it. Steps read and change text here, one after another;
// at the end the one rewrite comes out as byte edits. Made by chain.ts, for a request and for a whole answer.
import { ORIGINS, CHANNELS } from '../sdk/index.ts'
import type { ByteEdit, Channel, Dialect, Origin, Reads, Segment, Tape } from '../sdk/index.ts'
import type { Declared } from './declared.ts'
import { quote } from './json-string.ts'
import type { Scanner } from './json-tape.ts'
import { toByteEdits } from './patch.ts'
import { Piece } from './piece.ts'
import { textOf, type Reading, type Spot } from './reading.ts'
import type { Path } from './tool-schema.ts'

/** Which pieces a step reads, as bits, so that the choice costs nothing per request. */
export interface ReadsMask {
  readonly origins: number
  readonly channels: number
}

/** The bits of a `Reads`. */
export function maskOf(reads: Required<Reads>): ReadsMask {
  return {
    origins: reads.origins.reduce((mask, origin) => mask | ORIGIN_BIT[origin], 0),
    channels: reads.channels.reduce((mask, channel) => mask | CHANNEL_BIT[channel], 0),
  }
}

const bitsOf = <T extends string>(all: readonly T[]): Readonly<Record<T, number>> =>
  Object.fromEntries(all.map((one, index) => [one, 1 << index])) as Record<T, number>
const ORIGIN_BIT = bitsOf<Origin>(ORIGINS)
const CHANNEL_BIT = bitsOf<Channel>(CHANNELS)

/** True where a mask covers an origin and a channel. */
export function covers(mask: ReadsMask, origin: Origin, channel: Channel): boolean {
  return (mask.origins & ORIGIN_BIT[origin]) !== 0 && (mask.channels & CHANNEL_BIT[channel]) !== 0
}

/** Trust follows from the origin: what the operator and the model wrote is trusted, what came from outside is not. */
export function trustOf(origin: Origin): Segment['trust'] {
  return origin === 'user' || origin === 'tool_result' || origin === 'file' ? 'untrusted' : 'trusted'
}

/** A message that a step added. */
interface Insertion {
  readonly role: string
  readonly at: 'start' | 'end'
  readonly segment: number
}

/** A piece and where it stands; nowhere yet, for a message that a step added. */
interface Place {
  readonly piece: Piece
  readonly node: number
  readonly choice: number
  readonly mask: ReadsMask
}

/** True where a text is JSON itself: the arguments of a tool call, an answer in a given format. */
export function isJson({ channel }: Pick<Spot, 'channel'>, speaksJson: boolean): boolean {
  return channel === 'tool_args' || (speaksJson && channel === 'text')
}

/** True for the name of the tool that an answer calls. */
export function namesTool({ channel, origin }: Pick<Spot, 'channel' | 'origin'>): boolean {
  return channel === 'tool_name' && origin === 'assistant'
}

/** One body on its way through a chain. */
export class Conversation {
  readonly tape: Tape
  readonly dialect: Dialect
  readonly #places: Place[]
  readonly #insertions: Insertion[] = []
  readonly #parameters = new Map<string, string | number | boolean | null>()
  readonly #repeats: Reading['repeats']

  /**
   * `speaksJson` says that the text of the body itself is JSON, as in an answer in a given format. For an answer,
   * `declared` says what its JSON has to be.
   */
  constructor(tape: Tape, reading: Reading, dialect: Dialect, scanner: Scanner, speaksJson = false, declared?: Declared) {
    this.tape = tape
    this.dialect = dialect
    this.#repeats = reading.repeats
    this.#places = reading.spots.map((spot, id) => this.#placed(spot, id, isJson(spot, speaksJson) ? scanner : undefined, declared))
  }

  #placed(spot: Spot, id: number, scanner: Scanner | undefined, declared: Declared | undefined): Place {
    const { node, origin, channel, choice, path, raw } = spot
    const text = textOf(this.tape, spot)
    if (namesTool(spot)) declared?.called(spot, text)
    const fits = scanner && declared && ((at: Path, edited: string): boolean => declared.fits(spot, at, edited))
    const piece = new Piece({ id, origin, trust: trustOf(origin), channel, choice, path }, text, scanner, fits, raw)
    return { piece, node, choice, mask: { origins: ORIGIN_BIT[origin], channels: CHANNEL_BIT[channel] } }
  }

  /** The pieces that a mask covers. */
  pieces(mask: ReadsMask): Piece[] {
    const found: Piece[] = []
    for (const { piece, mask: { origins, channels } } of this.#places) {
      if ((mask.origins & origins) !== 0 && (mask.channels & channels) !== 0) found.push(piece)
    }
    return found
  }

  /** The segments that a mask covers, with their text as the steps before left it. */
  segments(mask: ReadsMask): Segment[] {
    return this.pieces(mask).map(piece => piece.segment)
  }

  /** One piece; undefined for an unknown id. */
  piece(id: number): Piece | undefined {
    return this.#places[id]?.piece
  }

  /** The text of one segment as it stands; undefined for an unknown id. */
  text(id: number): string | undefined {
    return this.piece(id)?.segment.text
  }

  /** By their nodes, the texts of the body that are no longer what came; the one of a segment as nothing. */
  changedTexts(without: number): Map<number, string> {
    const texts = new Map<number, string>()
    for (const [id, { node, piece }] of this.#places.entries()) {
      if (node === -1) continue
      if (id === without) texts.set(node, '')
      else if (piece.changed) texts.set(node, piece.text)
    }
    return texts
  }

  /** What steps added to the body, in their order. */
  get added(): unknown {
    return [this.#insertions.map(({ role, at, segment }) => [role, at, this.text(segment)]), [...this.#parameters]]
  }

  /** Length of all segments together, in UTF-16 code units. */
  get length(): number {
    let sum = 0
    for (const { piece } of this.#places) sum += piece.segment.text.length
    return sum
  }

  /** Puts another text in the place of a whole segment. */
  replace(id: number, text: string): void {
    const piece = this.piece(id)
    piece?.rewrite([{ start: 0, end: piece.text.length, text }])
  }

  /** Adds a message of the gateway's own words, or of words that it quotes. Inserts at the start come before everything already there. */
  insert(role: string, text: string, at: 'start' | 'end', origin: 'gateway' | 'file' = 'gateway'): void {
    const id = this.#places.length
    const place = { id, origin, trust: trustOf(origin), channel: 'text', choice: 0, path: '' } as const
    this.#places.push({
      piece: new Piece(place, text), node: -1, choice: 0, mask: { origins: ORIGIN_BIT[origin], channels: CHANNEL_BIT.text },
    })
    const insertion = { role, at, segment: id }
    if (at === 'start') this.#insertions.unshift(insertion)
    else this.#insertions.push(insertion)
  }

  /** Sets a top-level parameter of the body. */
  set(parameter: string, value: string | number | boolean | null): void {
    this.#parameters.set(parameter, value)
  }

  /** The one rewrite: everything that the steps asked for, as edits of the original bytes. Empty where nothing changed. */
  rewrite(): ByteEdit[] {
    const edits: ByteEdit[] = []
    const changed = new Set<number>()
    for (const { piece, node, choice } of this.#places) {
      if (node === -1 || !piece.changed) continue
      edits.push(...toByteEdits(this.tape, node, piece.patches))
      changed.add(choice)
    }
    // What repeats the text word for word would still tell what is no longer in it.
    for (const { node, choice } of this.#repeats) {
      if (changed.has(choice)) edits.push({ start: this.tape.start(node), end: this.tape.end(node), text: 'null' })
    }
    edits.push(...this.#inserted())
    for (const [parameter, value] of this.#parameters) edits.push(setField(this.tape, parameter, value))
    return edits
  }

  #inserted(): ByteEdit[] {
    const { dialect, tape } = this
    const ofSystem = ({ role }: Insertion): boolean => dialect.instruct !== undefined && (role === 'system' || role === 'developer')
    const apart = this.#insertions.filter(ofSystem)
    const textsAt = (place: Insertion['at']): string[] =>
      apart.flatMap(({ at, segment }) => at === place ? [this.text(segment) ?? ''] : [])
    const edits = apart.length === 0 ? [] : [...dialect.instruct!(tape, textsAt('start'), textsAt('end'))]
    for (const insertion of this.#insertions) {
      if (ofSystem(insertion)) continue
      const edit = dialect.insert?.(tape, { role: insertion.role, text: this.text(insertion.segment) ?? '' }, insertion.at)
      if (edit !== undefined) edits.push(edit)
    }
    return edits
  }
}

/** The bytes that set a top-level field of a request object, there or not yet there. */
export function setField(tape: Tape, name: string, value: string | number | boolean | null): ByteEdit {
  const json = typeof value === 'string' ? quote(value) : String(value)
  const node = tape.find(0, name)
  if (node !== -1) return { start: tape.start(node), end: tape.end(node), text: json }
  const end = tape.end(0) - 1
  return { start: end, end, text: `${tape.first(0) === -1 ? '' : ','}${quote(name)}:${json}` }
}

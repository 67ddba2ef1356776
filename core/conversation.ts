// The segments of one body and what the chain wants changed in it. Steps read and change text here, one after another;
// at the end the one rewrite comes out as byte edits. Made by chain.ts, for a request and for a whole answer.
import { ORIGINS, CHANNELS } from '../sdk/index.ts'
import type { ByteEdit, Channel, Dialect, Origin, Reads, Segment, Tape } from '../sdk/index.ts'
import { quote } from './json-string.ts'
import { Patched, toByteEdits, type TextEdit } from './patch.ts'
import type { Reading, Spot } from './reading.ts'

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

/** One segment with its place in the body and what has become of its text. */
class Piece {
  readonly spot: Spot
  #segment: Segment
  #patched: Patched | undefined

  constructor(id: number, spot: Spot, text: string) {
    this.spot = spot
    this.#segment = {
      id, origin: spot.origin, trust: trustOf(spot.origin), channel: spot.channel, choice: spot.choice, path: spot.path, text,
    }
  }

  get segment(): Segment { return this.#segment }

  edit(edits: readonly TextEdit[]): void {
    this.#patched ??= new Patched(this.#segment.text)
    this.#patched.apply(edits)
    this.#segment = { ...this.#segment, text: this.#patched.current }
  }

  byteEdits(tape: Tape): readonly ByteEdit[] {
    return this.#patched === undefined ? [] : toByteEdits(tape, this.spot.node, this.#patched.patches)
  }
}

/** One body on its way through a chain. */
export class Conversation {
  readonly tape: Tape
  readonly dialect: Dialect
  readonly #pieces: Piece[]
  readonly #insertions: Insertion[] = []
  readonly #parameters = new Map<string, string | number | boolean | null>()

  constructor(tape: Tape, reading: Reading, dialect: Dialect) {
    this.tape = tape
    this.dialect = dialect
    this.#pieces = reading.spots.map((spot, id) => new Piece(id, spot, tape.text(spot.node) ?? ''))
  }

  /** The segments that a mask covers, with their text as the steps before left it. */
  segments(mask: ReadsMask): Segment[] {
    const found: Segment[] = []
    for (const piece of this.#pieces) {
      if (covers(mask, piece.spot.origin, piece.spot.channel)) found.push(piece.segment)
    }
    return found
  }

  /** Every segment, whatever its origin. */
  all(): Segment[] {
    return this.#pieces.map(piece => piece.segment)
  }

  /** The text of one segment as it stands; undefined for an unknown id. */
  text(id: number): string | undefined {
    return this.#pieces[id]?.segment.text
  }

  /** Length of all segments together, in UTF-16 code units. */
  get length(): number {
    let sum = 0
    for (const piece of this.#pieces) sum += piece.segment.text.length
    return sum
  }

  /** Changes spans of one segment; offsets in its text as it stands, sorted, without overlap. */
  edit(id: number, edits: readonly TextEdit[]): void {
    this.#pieces[id]?.edit(edits)
  }

  /** Adds a message of the gateway's own words. Inserts at the start come before everything already there. */
  insert(role: string, text: string, at: 'start' | 'end'): void {
    const spot: Spot = { node: -1, origin: 'gateway', channel: 'text', choice: 0, call: -1, whole: true, path: '' }
    const id = this.#pieces.length
    this.#pieces.push(new Piece(id, spot, text))
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
    for (const piece of this.#pieces) {
      if (piece.spot.node !== -1) edits.push(...piece.byteEdits(this.tape))
    }
    for (const { role, at, segment } of this.#insertions) {
      const edit = this.dialect.insert?.(this.tape, { role, text: this.text(segment) ?? '' }, at)
      if (edit !== undefined) edits.push(edit)
    }
    for (const [parameter, value] of this.#parameters) edits.push(setField(this.tape, parameter, value))
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

// Reads a body along its dialect's map: which strings are segments, whose they are, and which nobody knows. One walk
// over the tape, for requests, whole answers and stream frames alike. Called by conversation.ts and stream-guard.ts.
import type { Channel, Leaf, Origin, Place, Tape } from '../sdk/index.ts'

/** A string of the body that a processor may see. */
export interface Spot {
  readonly node: number
  readonly origin: Origin
  readonly channel: Channel
  readonly choice: number
  /** Index of the tool call it belongs to; -1 outside one. */
  readonly call: number
  /** True where it is never a piece of a longer text, not even in a frame of a stream. */
  readonly whole: boolean
  /** True where it says as a whole what came in pieces before. */
  readonly again: boolean
  /** True where the node is an object whose JSON is the text. */
  readonly raw: boolean
  /** JSON pointer; in it, choices and calls go by their own index, so that a stream's pieces of one text share one path. */
  readonly path: string
}

/** Origin of a message's strings by its role; an unknown role is read as a user's, the less trusted reading. */
const ORIGIN_OF_ROLE: Readonly<Record<string, Origin>> = {
  system: 'system',
  developer: 'developer',
  user: 'user',
  assistant: 'assistant',
  model: 'assistant',
  tool: 'tool_result',
  function: 'tool_result',
}

/** What one walk found. */
export class Reading {
  readonly tape: Tape
  readonly spots: Spot[] = []
  /** Choices that it tells of. */
  readonly choices: number[] = []
  /** Choices that a finish mark ended. */
  readonly finished: number[] = []
  /** Calls that the frame itself is about, and those that a stop mark ended. */
  readonly calls: number[] = []
  readonly stopped: number[] = []
  /** Nodes of strings that the map does not cover. */
  readonly uncovered: number[] = []
  /** Nodes that spell a choice's text again, token by token. */
  readonly repeats: { readonly node: number; readonly choice: number }[] = []
  /** Node of the usage object, else -1. */
  usage = -1
  /** Node of the error object, else -1. */
  error = -1
  /** Node of the frame's number, else -1. */
  sequence = -1

  constructor(tape: Tape) {
    this.tape = tape
  }
}

/** Walks the whole body. Recursion is bounded by the depth that the tape was scanned with. */
export function read(tape: Tape, map: Place): Reading {
  const reading = new Reading(tape)
  visit(tape, 0, map, 'user', 0, -1, '', '', reading)
  return reading
}

/** The text at a spot; where it is an object, its JSON. */
export function textOf(tape: Tape, { node, raw }: Pick<Spot, 'node' | 'raw'>): string {
  return raw ? tape.bytes.toString('utf8', tape.start(node), tape.end(node)) : tape.text(node) ?? ''
}

/** `above` is the pointer of what the node stands in, with a slash behind it; together with `key` it is the node's own. */
function visit(
  tape: Tape, node: number, place: Place | undefined, origin: Origin, choice: number, call: number,
  above: string, key: string | number, out: Reading,
): void {
  switch (tape.kind(node)) {
    case 'string': {
      const leaf = place?.leaf
      // Some vendors give an error as a bare sentence.
      if (place?.mark === 'error') out.error = node
      if (leaf === undefined) out.uncovered.push(node)
      else if (leaf === 'finish') out.finished.push(choice)
      else if (leaf === 'stop') out.stopped.push(call)
      // Only here and below is the pointer put together: most strings of a body need none.
      else if (leaf !== 'structural') out.spots.push(spotOf(node, leaf, origin, choice, call, pathOf(above, key), false))
      return
    }
    case 'object': {
      if (place?.byType !== undefined) place = byType(tape, node, place)
      if (place?.mark === 'usage') out.usage = node
      if (place?.mark === 'error') out.error = node
      if (place?.mark === 'repeats') out.repeats.push({ node, choice })
      if (place?.leaf !== undefined && typeof place.leaf === 'object' && place.leaf.json === true) {
        out.spots.push(spotOf(node, place.leaf, origin, choice, call, pathOf(above, key), true))
        return
      }
      if (place?.opens === 'message') origin = ORIGIN_OF_ROLE[tape.text(tape.find(node, 'role')) ?? ''] ?? 'user'
      if (place?.opens === 'answer') out.choices.push(choice)
      // What stands in an array was opened there.
      if (place?.opens === 'call' && place.at !== undefined) {
        call = indexOf(tape, node, place.counts, 0)
        out.calls.push(call)
      }
      const within = place?.at !== undefined ? `${place.at(tape, node, above)}/` : node === 0 ? '/' : `${pathOf(above, key)}/`
      for (let member = tape.first(node); member !== -1; member = tape.next(member)) {
        const name = tape.key(member)
        const known = place?.fields !== undefined && Object.hasOwn(place.fields, name) ? place.fields[name] : place?.rest
        visit(tape, member, known, origin, choice, call, within, place?.names?.[name] ?? name, out)
      }
      return
    }
    case 'array': {
      const items = place?.items ?? place?.rest
      const opens = items?.opens
      const within = node === 0 ? '/' : `${pathOf(above, key)}/`
      let position = 0
      for (let element = tape.first(node); element !== -1; element = tape.next(element)) {
        // A piece of a stream says itself which choice or call it belongs to; its place in the frame says nothing.
        const index = opens === 'choice' || opens === 'call' ? indexOf(tape, element, items!.counts, position) : position
        if (opens === 'choice') out.choices.push(index)
        visit(tape, element, items, origin, opens === 'choice' ? index : choice, opens === 'call' ? index : call, within, index, out)
        position++
      }
      return
    }
    case 'number':
      if (place?.mark === 'sequence') out.sequence = node
  }
}

type Text = Exclude<Leaf, string>

function spotOf(node: number, leaf: Text, origin: Origin, choice: number, call: number, path: string, raw: boolean): Spot {
  return {
    node, origin: leaf.origin ?? origin, channel: leaf.channel, choice, call, whole: leaf.whole ?? false, again: leaf.again ?? false, raw, path,
  }
}

function byType(tape: Tape, node: number, place: Place): Place {
  const type = place.kind?.(tape, node) ?? tape.text(tape.find(node, 'type')) ?? ''
  return Object.hasOwn(place.byType!, type) ? place.byType![type]! : place
}

function indexOf(tape: Tape, node: number, name = 'index', otherwise: number): number {
  const index = tape.find(node, name)
  if (index === -1 || tape.kind(index) !== 'number') return otherwise
  const value = Number(tape.bytes.toString('latin1', tape.start(index), tape.end(index)))
  return Number.isInteger(value) && value >= 0 && value < 1024 ? value : otherwise
}

/** A JSON pointer (RFC 6901 section 3). */
function pathOf(above: string, key: string | number): string {
  const plain = typeof key === 'number' || !(key.includes('~') || key.includes('/'))
  return above + (plain ? key : key.replaceAll('~', '~0').replaceAll('/', '~1'))
}

// Streams of this format, read: a frame's name is the event's or the exception's. Called by ../bedrock-converse.ts.
import { GatehouseError } from '../../../sdk/index.ts'
import type { CanonicalEvent, StreamReader, Usage, WireFrame } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { members, tiered } from '../../dialect/openai/words.ts'
import { parsePayload, textOf } from '../anthropic-messages/payload.ts'
import { signed } from '../anthropic-messages/signature.ts'
import { readError } from './error.ts'
import { readBlock, readCitation } from './read-blocks.ts'
import { readFinish } from './stop.ts'
import { readUsage } from './usage.ts'

type Raw = Readonly<Record<string, unknown>>

/** A block that grows piece by piece. */
interface Grown {
  readonly block: number
  readonly kind: 'text' | 'reasoning' | 'tool_call'
  empty: boolean
  signature: string
}

/** A block that is given at once, when it has stopped: a call of the provider's own, its result, a picture. */
interface Whole {
  readonly kind: 'whole'
  readonly member: string
  readonly start: Raw
  readonly pieces: Raw[]
  held: number
}

/** What a block may hold that is given at once, in characters of its frames. */
const HELD = 32 << 20

/** Reads one stream. Usage comes after `messageStop`, and with it the end. */
export class BedrockStreamReader implements StreamReader {
  #begun = false
  #blocks = 0
  readonly #open = new Map<unknown, Grown | Whole>()
  #called = false
  #stopped: Raw | undefined
  #usage: Usage | undefined
  #ended = false

  read({ event, payload }: WireFrame): readonly CanonicalEvent[] {
    if (this.#ended) return []
    const frame = parsePayload(payload === '' ? '{}' : payload)
    if (event !== undefined && /(exception|error|failure)$/i.test(event)) {
      this.#ended = true
      return [{ event: 'error', error: readError(0, frame, event) }]
    }
    switch (event) {
      case 'messageStart': return this.#start()
      case 'contentBlockStart': return [...this.#start(), ...this.#begin(frame.contentBlockIndex, members(frame.start))]
      case 'contentBlockDelta':
        return [...this.#start(), ...this.#grow(frame.contentBlockIndex, members(frame.delta), payload.length)]
      case 'contentBlockStop': return this.#stop(frame.contentBlockIndex)
      case 'messageStop': this.#stopped = frame
        return this.#usage === undefined ? [] : this.close()
      case 'metadata': this.#usage = tiered(readUsage(frame.usage), members(frame.serviceTier).type)
        return this.close()
    }
    return []
  }

  /** The end, once the message has stopped: an upstream may close before it has told the usage. */
  close(): readonly CanonicalEvent[] {
    if (this.#ended || this.#stopped === undefined) return []
    this.#ended = true
    const { stopReason, additionalModelResponseFields: more } = this.#stopped
    return [
      ...this.#start(),
      ...[...this.#open.keys()].flatMap(index => this.#stop(index)),
      { event: 'finish', choice: 0, finish: readFinish(stopReason, more, this.#called) },
      ...(this.#usage === undefined ? [] : [{ event: 'usage', usage: this.#usage } as const]),
      { event: 'end' },
    ]
  }

  #start(): CanonicalEvent[] {
    if (this.#begun) return []
    this.#begun = true
    return [{ event: 'start', id: '', model: '' }]
  }

  /** Texts and thoughts have no start of their own, or an empty one. */
  #begin(index: unknown, start: Raw): CanonicalEvent[] {
    const before = this.#stop(index)
    const [member] = Object.keys(start)
    if (member === undefined) return before
    const raw = members(start[member])
    if (member !== 'toolUse' || raw.type !== undefined) {
      this.#open.set(index, { kind: 'whole', member, start: raw, pieces: [], held: 0 })
      return before
    }
    this.#called = true
    const block = this.#blocks++
    this.#open.set(index, { block, kind: 'tool_call', empty: true, signature: '' })
    return [...before, { event: 'block', choice: 0, block, kind: 'tool_call', id: textOf(raw.toolUseId), name: textOf(raw.name) }]
  }

  #grow(index: unknown, delta: Raw, size: number): CanonicalEvent[] {
    const open = this.#open.get(index)
    if (open?.kind === 'whole') {
      open.held += size
      if (open.held > HELD) throw invalid('less in one block')
      open.pieces.push(members(delta[open.member]))
      return []
    }
    const thought = members(delta.reasoningContent)
    if (typeof delta.text === 'string') return this.#add(index, 'text', delta.text)
    if (typeof thought.redactedContent === 'string') return this.#redacted(index, thought)
    if (typeof thought.text === 'string') return this.#add(index, 'reasoning', thought.text)
    if (typeof thought.signature === 'string') return this.#sign(index, thought.signature)
    if (delta.citation !== undefined && open?.kind === 'text') {
      const { block } = open
      return readCitation(members(delta.citation)).map(citation => ({ event: 'citation', choice: 0, block, citation }))
    }
    if (delta.toolUse !== undefined) {
      if (open?.kind !== 'tool_call') throw invalid('a call before its input')
      return piece(open, textOf(members(delta.toolUse).input))
    }
    return []
  }

  #add(index: unknown, kind: 'text' | 'reasoning', text: string): CanonicalEvent[] {
    const { grown, events } = this.#of(index, kind)
    return [...events, ...piece(grown, text)]
  }

  #sign(index: unknown, signature: string): CanonicalEvent[] {
    const { grown, events } = this.#of(index, 'reasoning')
    grown.signature = signature
    return events
  }

  /** The block of the kind at an index, begun where there is none. */
  #of(index: unknown, kind: 'text' | 'reasoning'): { grown: Grown; events: CanonicalEvent[] } {
    const open = this.#open.get(index)
    if (open?.kind === kind) return { grown: open, events: [] }
    const before = this.#stop(index)
    const grown: Grown = { block: this.#blocks++, kind, empty: true, signature: '' }
    this.#open.set(index, grown)
    return { grown, events: [...before, { event: 'block', choice: 0, block: grown.block, kind }] }
  }

  #redacted(index: unknown, thought: Raw): CanonicalEvent[] {
    return [...this.#stop(index), ...this.#given({ reasoningContent: thought })]
  }

  #stop(index: unknown): CanonicalEvent[] {
    const open = this.#open.get(index)
    if (open === undefined) return []
    this.#open.delete(index)
    if (open.kind === 'whole') return this.#given({ [open.member]: joined(open) })
    const at = { choice: 0, block: open.block }
    const signature = open.kind === 'reasoning' ? signed(open.signature) : undefined
    return [
      ...(open.kind === 'tool_call' && open.empty ? piece(open, '{}') : []),
      ...(signature === undefined ? [] : [{ event: 'signature', ...at, signature } as const]),
      { event: 'stop', ...at },
    ]
  }

  #given(raw: Raw): CanonicalEvent[] {
    const at = { choice: 0, block: this.#blocks++ }
    return [{ event: 'block', ...at, kind: 'whole', whole: readBlock(raw) }, { event: 'stop', ...at }]
  }
}

function piece(grown: Grown, text: string): CanonicalEvent[] {
  if (text === '') return []
  grown.empty = false
  return [{ event: 'delta', choice: 0, block: grown.block, text }]
}

/** The block of a whole answer that the pieces make up. */
function joined({ member, start, pieces }: Whole): Raw {
  switch (member) {
    case 'toolUse': {
      const input = pieces.map(one => textOf(one.input)).join('')
      return { ...start, input: parsePayload(input === '' ? '{}' : input) }
    }
    case 'toolResult': return { ...start, content: pieces.flatMap(one => listOf(Object.values(one))) }
  }
  return { ...start, ...pieces.at(-1) }
}

function invalid(expected: string): GatehouseError {
  return new GatehouseError('upstream_invalid', `Expected ${expected} from the upstream.`)
}

// Streams of this format, read. Called by ../anthropic-messages.ts.
import { GatehouseError } from '../../../sdk/index.ts'
import type { CanonicalEvent, StreamReader, WireFrame } from '../../../sdk/index.ts'
import { usage as readUsage } from '../../dialect/anthropic/words.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { members } from '../../dialect/openai/words.ts'
import { readCitations } from './citation.ts'
import { readError } from './error.ts'
import { parsePayload, textOf } from './payload.ts'
import { callsClient, readBlock } from './read-blocks.ts'
import { signed } from './signature.ts'
import { readFinish } from './stop.ts'
import { argsOf } from './tool-calls.ts'

type Raw = Readonly<Record<string, unknown>>

/** A block that grows piece by piece. */
interface Grown {
  readonly block: number
  readonly kind: 'text' | 'reasoning' | 'tool_call'
  readonly raw: Raw
  empty: boolean
  signature: string
}

/** A block that is given at once, when it has stopped: its first form, and the JSON of its input or the content so far. */
interface Whole {
  readonly kind: 'whole'
  readonly raw: Raw
  input: string
  content: string
}

/** What a block may hold that is given at once, in characters. */
const HELD = 32 << 20

const KINDS: Readonly<Record<string, Grown['kind']>> = { text: 'text', thinking: 'reasoning', tool_use: 'tool_call' }

/** Reads one stream. Its last frame is `message_stop` or `error`; without one it broke off. */
export class AnthropicStreamReader implements StreamReader {
  /** Undefined before the first `message_start`. */
  #id: string | undefined
  #blocks = 0
  readonly #open = new Map<unknown, Grown | Whole>()
  #usage: Raw = {}
  #last: Raw = {}
  #called = false
  #ended = false

  read({ payload }: WireFrame): readonly CanonicalEvent[] {
    if (this.#ended) return []
    const frame = parsePayload(payload)
    switch (frame.type) {
      case 'message_start': return this.#start(members(frame.message))
      case 'content_block_start': return [...this.#stop(frame.index), ...this.#begin(frame.index, members(frame.content_block))]
      case 'content_block_delta': return this.#grow(frame.index, members(frame.delta))
      case 'content_block_stop': return this.#stop(frame.index)
      case 'message_delta': return this.#learn(frame)
      case 'message_stop': return this.#end()
      case 'error':
        this.#ended = true
        return [{ event: 'error', error: readError(0, frame) }]
    }
    return []
  }

  close(): readonly CanonicalEvent[] {
    return []
  }

  #start(message: Raw): CanonicalEvent[] {
    const id = textOf(message.id)
    if (this.#id === undefined) {
      this.#id = id
      this.#usage = members(message.usage)
      this.#last = saidOf({ stop_reason: message.stop_reason, stop_sequence: message.stop_sequence })
      // Code that goes on with the result of a call may call again at once: that message comes whole.
      const given = listOf(message.content).flatMap(raw => [...this.#begin(raw, raw), ...this.#stop(raw)])
      return [{ event: 'start', id, model: textOf(message.model) }, ...given]
    }
    // A proxy that tried again under the hood says it twice; once something was said, another message is another answer.
    if (id !== this.#id && this.#blocks + this.#open.size > 0) throw invalid('one message in a stream')
    return []
  }

  #begin(index: unknown, raw: Raw): CanonicalEvent[] {
    if (this.#id === undefined) throw invalid('a message before its blocks')
    const kind = typeof raw.type === 'string' && Object.hasOwn(KINDS, raw.type) ? KINDS[raw.type] : undefined
    if (kind === undefined) {
      this.#open.set(index, { kind: 'whole', raw, input: '', content: '' })
      return []
    }
    const grown: Grown = { block: this.#blocks++, kind, raw, empty: true, signature: textOf(raw.signature) }
    this.#open.set(index, grown)
    const at = { choice: 0, block: grown.block }
    if (kind === 'text') return [{ event: 'block', ...at, kind }, ...piece(grown, raw.text), ...sources(grown, raw.citations)]
    if (kind === 'reasoning') return [{ event: 'block', ...at, kind }, ...piece(grown, raw.thinking)]
    this.#called ||= callsClient(raw)
    return [{ event: 'block', ...at, kind, id: textOf(raw.id), name: textOf(raw.name) }]
  }

  #grow(index: unknown, delta: Raw): CanonicalEvent[] {
    const open = this.#open.get(index)
    if (open === undefined) throw invalid('a block before its pieces')
    if (open.kind === 'whole') {
      open.input += textOf(delta.partial_json)
      open.content += textOf(delta.content)
      if (open.input.length + open.content.length > HELD) throw invalid('less in one block')
      return []
    }
    switch (delta.type) {
      case 'text_delta': return open.kind === 'text' ? piece(open, delta.text) : []
      case 'citations_delta': return open.kind === 'text' ? sources(open, [delta.citation]) : []
      case 'thinking_delta': return open.kind === 'reasoning' ? piece(open, delta.thinking) : []
      case 'input_json_delta': return open.kind === 'tool_call' ? piece(open, delta.partial_json) : []
      case 'signature_delta': open.signature = textOf(delta.signature)
    }
    return []
  }

  #stop(index: unknown): CanonicalEvent[] {
    const open = this.#open.get(index)
    if (open === undefined) return []
    this.#open.delete(index)
    if (open.kind === 'whole') return this.#whole(open)
    const at = { choice: 0, block: open.block }
    const signature = open.kind === 'reasoning' ? signed(open.signature) : undefined
    return [
      // A call whose input came with its start, or that has none.
      ...(open.kind === 'tool_call' && open.empty ? piece(open, argsOf(open.raw.input)) : []),
      ...(signature === undefined ? [] : [{ event: 'signature', ...at, signature } as const]),
      { event: 'stop', ...at },
    ]
  }

  #whole({ raw, input, content }: Whole): CanonicalEvent[] {
    const at = { choice: 0, block: this.#blocks++ }
    const whole = readBlock({ ...raw, ...(input !== '' && { input: parsePayload(input) }), ...(content !== '' && { content }) })
    return [{ event: 'block', ...at, kind: 'whole', whole }, { event: 'stop', ...at }]
  }

  /** The counts are those of the whole answer so far, and correct those of the start where they say something. */
  #learn({ delta, usage }: Raw): CanonicalEvent[] {
    this.#usage = { ...this.#usage, ...saidOf(usage) }
    this.#last = { ...this.#last, ...saidOf(delta) }
    return []
  }

  #end(): CanonicalEvent[] {
    if (this.#id === undefined) throw invalid('a message before its end')
    this.#ended = true
    const stops = [...this.#open.keys()].flatMap(index => this.#stop(index))
    const usage = readUsage(this.#usage)
    return [
      ...stops,
      { event: 'finish', choice: 0, finish: readFinish(this.#last.stop_reason, this.#last.stop_sequence, this.#called) },
      ...(usage === undefined ? [] : [{ event: 'usage', usage } as const]),
      { event: 'end' },
    ]
  }
}

function piece(grown: Grown, text: unknown): CanonicalEvent[] {
  if (typeof text !== 'string' || text === '') return []
  grown.empty = false
  return [{ event: 'delta', choice: 0, block: grown.block, text }]
}

function sources({ block }: Grown, citations: unknown): CanonicalEvent[] {
  return readCitations(citations).map(citation => ({ event: 'citation', choice: 0, block, citation }))
}

function saidOf(raw: unknown): Raw {
  return Object.fromEntries(Object.entries(members(raw)).filter(([, value]) => value !== null))
}

function invalid(expected: string): GatehouseError {
  return new GatehouseError('upstream_invalid', `Expected ${expected} from the upstream.`)
}

// Streams on their way in. Used by ../openai-responses.ts.
import type { Block, CanonicalEvent, Citation, StreamReader, TokenLogprob, WireFrame } from '../../../sdk/index.ts'
import { usage } from '../../dialect/openai-responses/usage.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { count, members, tiered } from '../../dialect/openai/words.ts'
import { readAnnotations } from '../openai-chat/citation.ts'
import { textOf } from '../openai-chat/content.ts'
import { readLogprobs } from '../openai-chat/logprob.ts'
import { objectIn } from '../openai-chat/payload.ts'
import { readFailure } from './failure.ts'
import { readFinish } from './finish.ts'
import { BETWEEN, isEmpty, readItem } from './output-reader.ts'

type Raw = Readonly<Record<string, unknown>>
type Grown = 'text' | 'reasoning' | 'refusal' | 'tool_call'

/** A block that grows. */
interface Growing {
  readonly block: number
  readonly kind: Grown
  /** Characters that came. */
  size: number
  /** Part of a thought that came last. */
  part: string
}

/**
 * Reads one stream. Pieces are told as they come; what an item is when it is done tells the rest of it, for vendors leave
 * pieces out. Complete with a whole response, and with nothing else.
 */
export class ResponsesStreamReader implements StreamReader {
  /** By the place in the output, and in the item. */
  readonly #growing = new Map<string, Growing>()
  readonly #done = new Set<number>()
  /** Texts, which may be over, by their places: their blocks, and how many of their sources and tokens were told. */
  readonly #texts = new Map<string, { readonly block: number; cited: number; tokens: number }>()
  #blocks = 0
  #started = false
  #ended = false
  #held = { calls: false, refusal: false }

  read(frame: WireFrame): CanonicalEvent[] {
    const payload = frame.payload.trim()
    if (this.#ended || payload === '' || payload === '[DONE]') return []
    const event = objectIn(payload)
    const index = count(event.output_index) ?? 0
    // Where the text stands: in a part of the item, or in the item itself.
    const [part, whole] = [`${index}/${count(event.content_index) ?? 0}`, `${index}/0`]
    const type = textOf(event.type) || frame.event
    const piece = textOf(event.delta)
    switch (type) {
      case 'response.created':
      case 'response.queued':
      case 'response.in_progress': return this.#start(members(event.response))
      case 'response.output_item.added': return this.#begin(index, members(event.item))
      case 'response.output_text.delta': return this.#say(part, piece, readLogprobs(event.logprobs))
      case 'response.output_text.annotation.added': return this.#cite(part, readAnnotations([event.annotation]), count(event.annotation_index) ?? Infinity)
      case 'response.refusal.delta': return this.#grow(part, 'refusal', piece)
      case 'response.reasoning_summary_text.delta':
        return this.#grow(whole, 'reasoning', piece, `summary ${String(event.summary_index)}`)
      case 'response.reasoning_text.delta': return this.#grow(whole, 'reasoning', piece, `content ${String(event.content_index)}`)
      case 'response.function_call_arguments.delta': return this.#grow(whole, 'tool_call', piece)
      case 'response.output_item.done': return this.#finish(index, members(event.item))
      case 'response.completed':
      case 'response.incomplete': return this.#end(members(event.response))
      case 'response.failed':
      case 'response.cancelled': return this.#fail(members(event.response))
      case 'error': return this.#fail(event)
      default: return []
    }
  }

  close(): [] {
    return []
  }

  #start({ id, model, created_at }: Raw): CanonicalEvent[] {
    if (this.#started) return []
    this.#started = true
    const created = count(created_at)
    return [{ event: 'start', id: textOf(id), model: textOf(model), ...(created !== undefined && { created }) }]
  }

  /** A call is known by its name before its arguments come. */
  #begin(index: number, item: Raw): CanonicalEvent[] {
    const [block] = item.type === 'function_call' ? readItem(item) : []
    return [
      ...this.#start({}),
      ...(block?.kind === 'tool_call' && block.name !== '' && !this.#done.has(index) ? this.#open(`${index}/0`, block) : [])
    ]
  }

  #grow(place: string, kind: Grown, text: string, part = ''): CanonicalEvent[] {
    const begun = this.#growing.get(place)
    // A call is known before its arguments; what is done grows no more.
    if (text === '' || (begun === undefined && (kind === 'tool_call' || this.#done.has(Number.parseInt(place, 10))))) return []
    const opened = begun === undefined ? this.#open(place, { kind, text: '' } as Block) : []
    const growing = this.#growing.get(place)!
    const piece = growing.size > 0 && growing.part !== part ? BETWEEN + text : text
    growing.part = part
    growing.size += piece.length
    return [...this.#start({}), ...opened, { event: 'delta', choice: 0, block: growing.block, text: piece }]
  }

  /** A piece of a text, with its tokens. */
  #say(place: string, piece: string, tokens: readonly TokenLogprob[]): CanonicalEvent[] {
    const grown = this.#grow(place, 'text', piece)
    const text = this.#texts.get(place)
    if (text === undefined || tokens.length === 0 || !this.#growing.has(place)) return grown
    text.tokens += tokens.length
    return [...grown.slice(0, -1), { event: 'delta', choice: 0, block: text.block, text: piece, logprobs: tokens }]
  }

  /** Sources of a text that has begun, from the one at `from` on; the others come with its end. */
  #cite(place: string, citations: readonly Citation[], from = 0): CanonicalEvent[] {
    const text = this.#texts.get(place)
    if (text === undefined) return []
    const { block, cited } = text
    const fresh = citations.slice(Math.max(0, cited - from))
    text.cited += fresh.length
    return fresh.map(citation => ({ event: 'citation', choice: 0, block, citation }))
  }

  #open(place: string, block: Block): CanonicalEvent[] {
    if (this.#growing.has(place)) return []
    const at = { choice: 0, block: this.#blocks }
    switch (block.kind) {
      case 'tool_call':
        this.#held.calls = true
        this.#growing.set(place, { block: this.#blocks++, kind: block.kind, size: 0, part: '' })
        return [{ event: 'block', ...at, kind: 'tool_call', id: block.id, name: block.name }]
      case 'text':
      case 'refusal':
      case 'reasoning':
        this.#held.refusal ||= block.kind === 'refusal'
        if (block.kind === 'text') this.#texts.set(place, { block: this.#blocks, cited: 0, tokens: 0 })
        this.#growing.set(place, { block: this.#blocks++, kind: block.kind, size: 0, part: '' })
        return [{ event: 'block', ...at, kind: block.kind }]
      default: return []
    }
  }

  /** An item that is done: what is missing of its blocks, and their ends. */
  #finish(index: number, item: Raw): CanonicalEvent[] {
    if (this.#done.has(index)) return []
    this.#done.add(index)
    const settled = readItem(item).flatMap((block, part) => this.#settle(`${index}/${part}`, block))
    // A part that the whole item no longer tells of ends all the same.
    const left = [...this.#growing.keys()].filter(place => place.startsWith(`${index}/`))
    return [...this.#start({}), ...settled, ...left.flatMap(place => this.#stop(place))]
  }

  #settle(place: string, block: Block): CanonicalEvent[] {
    const begun = this.#growing.has(place)
    if (!begun && isEmpty(block)) return []
    const hidden = block.kind === 'reasoning' && block.redacted !== undefined && !begun
    if (hidden || block.kind !== 'text' && block.kind !== 'refusal' && block.kind !== 'tool_call' && block.kind !== 'reasoning') {
      const at = { choice: 0, block: this.#blocks++ }
      return [{ event: 'block', ...at, kind: 'whole', whole: block }, { event: 'stop', ...at }]
    }
    const opened = this.#open(place, block)
    const growing = this.#growing.get(place)!
    const rest = (block.kind === 'tool_call' ? block.args : block.text).slice(growing.size)
    const signature = block.kind === 'reasoning' ? block.signature ?? block.redacted : undefined
    const at = { choice: 0, block: growing.block }
    return [
      ...opened,
      ...(rest === '' ? [] : [{ event: 'delta', ...at, text: rest } as const]),
      ...(block.kind === 'text' ? this.#say(place, '', (block.logprobs ?? []).slice(this.#texts.get(place)!.tokens)) : []),
      ...(block.kind === 'text' ? this.#cite(place, block.citations ?? []) : []),
      ...(signature === undefined ? [] : [{ event: 'signature', ...at, signature } as const]),
      ...this.#stop(place),
    ]
  }

  #stop(place: string): CanonicalEvent[] {
    const { block } = this.#growing.get(place)!
    this.#growing.delete(place)
    return [{ event: 'stop', choice: 0, block }]
  }

  #end(response: Raw): CanonicalEvent[] {
    const begun = this.#start(response)
    // Places in the whole response are not always those that the stream counted.
    const items = this.#done.size > 0 ? [] : listOf(response.output).flatMap((item, index) => this.#finish(index, item))
    const left = [...this.#growing.keys()].flatMap(place => this.#stop(place))
    const told = tiered(usage(response.usage), response.service_tier)
    this.#ended = true
    return [
      ...begun, ...items, ...left,
      { event: 'finish', choice: 0, finish: readFinish(response, this.#held) },
      ...(told === undefined ? [] : [{ event: 'usage', usage: told } as const]),
      { event: 'end' },
    ]
  }

  #fail(body: Raw): CanonicalEvent[] {
    this.#ended = true
    return [{ event: 'error', error: readFailure(body) }]
  }
}

// A stream of Cohere: events with a `type` of their own, the last of which is message-end. Called by translated.ts.
import type { CanonicalEvent, StreamReader, WireFrame } from '../../../sdk/index.ts'
import { count, members } from '../../dialect/openai/words.ts'
import { readCitations, type Cited } from './citation.ts'
import { textOf, type Raw } from './content.ts'
import { readFinish } from './finish.ts'
import { readUsage } from './usage.ts'

/** Reads one stream. A stream without message-end broke off. */
export function streamReader(): StreamReader {
  const reader = new EventReader()
  return { read: frame => reader.read(frame), close: () => [] }
}

/** A piece of content, a plan or a call under way; content has no block before its first text. */
interface Open {
  readonly kind: 'text' | 'reasoning'
  block: number | undefined
}

class EventReader {
  #begun = false
  #ended = false
  #blocks = 0
  #called = false
  readonly #contents = new Map<number, Open>()
  readonly #calls = new Map<number, number>()
  #plan: Open | undefined
  /** The blocks of texts, by their pieces. */
  readonly #texts = new Map<Cited['piece'], number>()

  read({ payload }: WireFrame): CanonicalEvent[] {
    if (this.#ended) return []
    const frame: unknown = JSON.parse(payload)
    if (typeof frame !== 'object' || frame === null) throw new Error('A frame of Cohere is no JSON object')
    const { type, id, index, delta, message } = members(frame)
    const head: CanonicalEvent[] = this.#begun ? [] : [{ event: 'start', id: textOf(id), model: '' }]
    this.#begun = true
    if (type === undefined && typeof message === 'string') return [...head, ...this.#fail(message)]
    return [...head, ...this.#event(textOf(type), count(index) ?? 0, members(delta))]
  }

  #event(type: string, index: number, delta: Raw): CanonicalEvent[] {
    const message = members(delta.message)
    switch (type) {
      case 'content-start':
      case 'content-delta': return this.#said(index, members(message.content))
      case 'content-end': return this.#close(this.#contents, index)
      case 'tool-plan-delta': return this.#text(this.#plan ??= { kind: 'text', block: undefined }, 'plan', textOf(message.tool_plan))
      case 'tool-call-start': return [...this.#closePlan(), ...this.#call(index, members(message.tool_calls))]
      case 'tool-call-delta': return this.#args(index, members(message.tool_calls))
      case 'tool-call-end': return this.#stop(this.#calls, index)
      case 'citation-start': return this.#cite(message.citations)
      case 'message-end': return this.#end(delta)
      default: return []
    }
  }

  #said(index: number, { type, text, thinking }: Raw): CanonicalEvent[] {
    const open = this.#contents.get(index)
      ?? { kind: type === 'thinking' || typeof thinking === 'string' ? 'reasoning' : 'text', block: undefined }
    this.#contents.set(index, open)
    return this.#text(open, index, textOf(text ?? thinking))
  }

  #text(open: Open, piece: Cited['piece'], text: string): CanonicalEvent[] {
    if (text === '') return []
    const events: CanonicalEvent[] = []
    if (open.block === undefined) {
      open.block = this.#blocks++
      if (open.kind === 'text') this.#texts.set(piece, open.block)
      events.push({ event: 'block', choice: 0, block: open.block, kind: open.kind })
    }
    return [...events, { event: 'delta', choice: 0, block: open.block, text }]
  }

  #call(index: number, call: Raw): CanonicalEvent[] {
    const block = this.#blocks++
    const before = this.#stop(this.#calls, index)
    this.#calls.set(index, block)
    this.#called = true
    const name = textOf(members(call.function).name)
    const begun: CanonicalEvent = { event: 'block', choice: 0, block, kind: 'tool_call', id: textOf(call.id), name }
    return [...before, begun, ...this.#args(index, call)]
  }

  #args(index: number, call: Raw): CanonicalEvent[] {
    const block = this.#calls.get(index)
    const text = textOf(members(call.function).arguments)
    return block === undefined || text === '' ? [] : [{ event: 'delta', choice: 0, block, text }]
  }

  #cite(citations: unknown): CanonicalEvent[] {
    return readCitations(Array.isArray(citations) ? citations : [citations]).flatMap(({ piece, citation }) => {
      const block = this.#texts.get(piece)
      return block === undefined ? [] : [{ event: 'citation', choice: 0, block, citation } as const]
    })
  }

  #end({ finish_reason, error, usage: told }: Raw): CanonicalEvent[] {
    const finish = readFinish(textOf(finish_reason), this.#called)
    const usage = readUsage(told)
    const counted: CanonicalEvent[] = usage === undefined ? [] : [{ event: 'usage', usage }]
    if (typeof error === 'string' || finish.stop === 'error') {
      const timeout = finish.raw === 'TIMEOUT'
      return [...counted, ...this.#fail(textOf(error) || 'Cohere ended the answer with an error.', timeout)]
    }
    this.#ended = true
    return [
      ...[...this.#contents.keys()].flatMap(index => this.#close(this.#contents, index)),
      ...this.#closePlan(),
      ...[...this.#calls.keys()].flatMap(index => this.#stop(this.#calls, index)),
      { event: 'finish', choice: 0, finish },
      ...counted,
      { event: 'end' },
    ]
  }

  #fail(message: string, timeout = false): CanonicalEvent[] {
    this.#ended = true
    return [{ event: 'error', error: { failure: timeout ? 'timeout' : 'upstream', message } }]
  }

  #close(open: Map<number, Open>, index: number): CanonicalEvent[] {
    const block = open.get(index)?.block
    open.delete(index)
    return block === undefined ? [] : [{ event: 'stop', choice: 0, block }]
  }

  #closePlan(): CanonicalEvent[] {
    const block = this.#plan?.block
    this.#plan = undefined
    return block === undefined ? [] : [{ event: 'stop', choice: 0, block }]
  }

  #stop(calls: Map<number, number>, index: number): CanonicalEvent[] {
    const block = calls.get(index)
    calls.delete(index)
    return block === undefined ? [] : [{ event: 'stop', choice: 0, block }]
  }
}

// Streams of this format, written: one block open at a time, so pieces of others wait for their turn. Called by
// ../anthropic-messages.ts.
import { GatehouseError } from '../../../sdk/index.ts'
import type { AnswerSettings, CanonicalEvent, Citation, Finish, StreamWriter, Usage, WireFrame } from '../../../sdk/index.ts'
import { writeCitation } from './citation.ts'
import { writeError } from './error.ts'
import { claudes } from './signature.ts'
import { writeFinish } from './stop.ts'
import { writeUsage } from './usage.ts'
import { writeAnswered, type Written } from './write-blocks.ts'

type BlockEvent = Extract<CanonicalEvent, { readonly block: number }>

/** What may wait, in characters. */
const HELD = 32 << 20

/** Writes one stream, of the first choice: this format has one. */
export class AnthropicStreamWriter implements StreamWriter {
  readonly #settings: AnswerSettings
  #finish: Finish = { stop: 'error', raw: '' }
  #usage: Usage | undefined
  #called = false
  #refused = false

  /** The block that is open, by its canonical number, and its kind; `left out` where it has no place here. */
  #current: number | undefined
  #kind: (BlockEvent & { event: 'block' })['kind'] | 'left out' = 'left out'
  /** Its number here: dense, and counted in the order of writing. */
  #index = -1
  /** What came of the blocks after it, in the order in which they began. */
  readonly #waiting = new Map<number, BlockEvent[]>()
  #held = 0
  readonly #stopped = new Set<number>()
  /** Sources of texts that had stopped: a text without words has them, last. */
  readonly #late: Citation[] = []

  constructor(settings: AnswerSettings) {
    this.#settings = settings
  }

  write(event: CanonicalEvent): readonly WireFrame[] {
    if ('choice' in event && event.choice !== 0) return []
    switch (event.event) {
      case 'start': return [this.#start(event.id)]
      case 'finish': this.#finish = event.finish
        return []
      case 'usage': this.#usage = event.usage
        return []
      case 'error': return [{ event: 'error', payload: writeError(event.error).body }]
      case 'end': return this.#end()
      case 'stop': this.#stopped.add(event.block)
        break
      case 'citation':
        if (this.#stopped.has(event.block)) {
          this.#late.push(event.citation)
          return []
        }
    }
    return this.#place(event)
  }

  #start(id: string): WireFrame {
    return frame('message_start', {
      message: {
        id: id || this.#settings.id, type: 'message', role: 'assistant', model: this.#settings.model, content: [],
        stop_reason: null, stop_sequence: null, usage: writeUsage(this.#usage),
      },
    })
  }

  #place(event: BlockEvent): WireFrame[] {
    if (this.#current === undefined) this.#current = event.block
    if (event.block !== this.#current) {
      this.#wait(event)
      return []
    }
    const frames = this.#said(event)
    while (this.#current === undefined) {
      const [next] = this.#waiting
      if (next === undefined) break
      const [block, events] = next
      this.#waiting.delete(block)
      this.#current = block
      for (const one of events) {
        if (one.event === 'delta') this.#held -= one.text.length
        frames.push(...this.#said(one))
      }
    }
    return frames
  }

  #wait(event: BlockEvent): void {
    if (event.event === 'delta') this.#held += event.text.length
    if (this.#held > HELD) throw new GatehouseError('upstream_invalid', 'Expected less in blocks that come at once.')
    const events = this.#waiting.get(event.block)
    if (events === undefined) this.#waiting.set(event.block, [event])
    else events.push(event)
  }

  /** The frames for an event of the block that is open, or opens with it. */
  #said(event: BlockEvent): WireFrame[] {
    switch (event.event) {
      case 'block': return this.#begin(event)
      case 'delta': return this.#delta(pieceOf(this.#kind, event.text))
      case 'citation': return this.#kind === 'text' ? this.#cite(event.citation) : []
      case 'signature': {
        const signature = this.#kind === 'reasoning' ? claudes(event.signature) : undefined
        return this.#delta(signature === undefined ? undefined : { type: 'signature_delta', signature })
      }
      case 'stop':
        this.#current = undefined
        return this.#kind === 'left out' ? [] : [frame('content_block_stop', { index: this.#index })]
    }
  }

  #begin(event: BlockEvent & { event: 'block' }): WireFrame[] {
    const content = contentOf(event)
    this.#kind = content === undefined ? 'left out' : event.kind
    if (content === undefined) return []
    this.#called ||= event.kind === 'tool_call'
    this.#refused ||= event.kind === 'refusal'
    this.#index++
    return [frame('content_block_start', { index: this.#index, content_block: content })]
  }

  #delta(delta: object | undefined): WireFrame[] {
    return delta === undefined ? [] : [frame('content_block_delta', { index: this.#index, delta })]
  }

  #cite(citation: Citation): WireFrame[] {
    return writeCitation(citation).flatMap(written => this.#delta({ type: 'citations_delta', citation: written }))
  }

  #lateSources(): WireFrame[] {
    if (this.#late.length === 0) return []
    const block = ++this.#index
    const begun = frame('content_block_start', { index: block, content_block: { type: 'text', text: '' } })
    return [begun, ...this.#late.flatMap(citation => this.#cite(citation)), frame('content_block_stop', { index: block })]
  }

  /** The end; that of an answer which failed is an error. */
  #end(): WireFrame[] {
    const { stop } = this.#finish
    if (stop === 'malformed' || stop === 'error') {
      const error = { failure: 'upstream', message: 'The model ended its answer with a failure.' } as const
      return [{ event: 'error', payload: writeError(error).body }]
    }
    const delta = writeFinish(this.#finish, { called: this.#called, refused: this.#refused })
    return [...this.#lateSources(), frame('message_delta', { delta, usage: writeUsage(this.#usage) }), frame('message_stop', {})]
  }
}

function contentOf(event: BlockEvent & { event: 'block' }): Written | undefined {
  switch (event.kind) {
    case 'text':
    case 'refusal': return { type: 'text', text: '' }
    case 'reasoning': return { type: 'thinking', thinking: '', signature: '' }
    case 'tool_call': return { type: 'tool_use', id: event.id, name: event.name, input: {} }
    case 'whole': return writeAnswered(event.whole)
  }
}

function pieceOf(kind: string, text: string): object | undefined {
  switch (kind) {
    case 'text':
    case 'refusal': return { type: 'text_delta', text }
    case 'reasoning': return { type: 'thinking_delta', thinking: text }
    case 'tool_call': return { type: 'input_json_delta', partial_json: text }
  }
}

function frame(type: string, rest: object): WireFrame {
  return { event: type, payload: JSON.stringify({ type, ...rest }) }
}

// Streams of Ollama on their way in: one JSON a line, the last of which says that it is done. Used by ollama-chat.ts.
import type { CanonicalEvent, StreamReader, WireFrame } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { members } from '../../dialect/openai/words.ts'
import { textOf } from '../openai-chat/content.ts'
import { objectIn } from '../openai-chat/payload.ts'
import { createdAt, readCall, readFinish, usageIn } from './answer.ts'
import { readError } from './error.ts'

type Raw = Readonly<Record<string, unknown>>

/** Reads one stream. */
export class OllamaStreamReader implements StreamReader {
  #seed: string | undefined
  #blocks = 0
  #open: { readonly kind: 'text' | 'reasoning'; readonly block: number } | undefined
  #calls = 0
  #ended = false

  read({ payload }: WireFrame): CanonicalEvent[] {
    if (this.#ended || payload.trim() === '') return []
    const line = objectIn(payload, 'line')
    if (line.error !== undefined) {
      this.#ended = true
      return [{ event: 'error', error: readError(0, line) }]
    }
    const { thinking, content, tool_calls } = members(line.message)
    return [
      ...this.#start(line),
      ...this.#grow('reasoning', textOf(thinking)),
      ...this.#grow('text', textOf(content)),
      ...listOf(tool_calls).flatMap(call => this.#call(call)),
      ...(line.done === true ? this.#end(line) : []),
    ]
  }

  close(): CanonicalEvent[] {
    return []
  }

  #start({ model, created_at }: Raw): CanonicalEvent[] {
    if (this.#seed !== undefined) return []
    this.#seed = textOf(created_at)
    const created = createdAt(created_at)
    return [{ event: 'start', id: '', model: textOf(model), ...(created !== undefined && { created }) }]
  }

  #grow(kind: 'text' | 'reasoning', text: string): CanonicalEvent[] {
    if (text === '') return []
    const delta = (block: number): CanonicalEvent => ({ event: 'delta', choice: 0, block, text })
    if (this.#open?.kind === kind) return [delta(this.#open.block)]
    const closed = this.#close()
    const block = this.#blocks++
    this.#open = { kind, block }
    return [...closed, { event: 'block', choice: 0, block, kind }, delta(block)]
  }

  /** A call comes whole, and every one of them under index 0. */
  #call(raw: Raw): CanonicalEvent[] {
    const closed = this.#close()
    const { id, name, args } = readCall(raw, this.#seed ?? '', this.#calls++)
    const at = { choice: 0, block: this.#blocks++ }
    return [
      ...closed,
      { event: 'block', ...at, kind: 'tool_call', id, name },
      ...(args === '' ? [] : [{ event: 'delta', ...at, text: args } as const]),
      { event: 'stop', ...at },
    ]
  }

  #close(): CanonicalEvent[] {
    if (this.#open === undefined) return []
    const { block } = this.#open
    this.#open = undefined
    return [{ event: 'stop', choice: 0, block }]
  }

  #end(line: Raw): CanonicalEvent[] {
    this.#ended = true
    const usage = usageIn(line)
    return [
      ...this.#close(),
      { event: 'finish', choice: 0, finish: readFinish(line, this.#calls > 0) },
      ...(usage === undefined ? [] : [{ event: 'usage', usage } as const]),
      { event: 'end' },
    ]
  }
}

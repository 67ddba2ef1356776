// Streams of Ollama on their way out. Used by ollama-chat.ts.
import type { AnswerSettings, CanonicalEvent, Finish, StreamWriter, Usage, WireFrame } from '../../../sdk/index.ts'
import { callOf, endOf, headOf } from './answer.ts'
import { writeError } from './error.ts'

type Event<Name extends CanonicalEvent['event']> = Extract<CanonicalEvent, { event: Name }>

/** What is known of an open block; the arguments of a call wait until they are whole. */
interface Told {
  readonly begun: Event<'block'>
  args: string
}

/** Writes one stream, of one choice. How it ended waits for the end. */
export class OllamaStreamWriter implements StreamWriter {
  readonly #settings: AnswerSettings
  readonly #blocks = new Map<number, Told>()
  #head: object
  #finish: Finish | undefined
  #usage: Usage | undefined

  constructor(settings: AnswerSettings) {
    this.#settings = settings
    this.#head = headOf(undefined, settings)
  }

  write(event: CanonicalEvent): WireFrame[] {
    if ('choice' in event && event.choice !== 0) return []
    switch (event.event) {
      case 'start': this.#head = headOf(event.created, this.#settings)
        return []
      case 'block': this.#blocks.set(event.block, { begun: event, args: '' })
        return []
      case 'delta': return this.#grow(event)
      case 'citation':
      case 'signature': return []
      case 'stop': return this.#stop(event)
      case 'finish': this.#finish = event.finish
        return []
      case 'usage': this.#usage = event.usage
        return []
      case 'error': return [{ payload: writeError(event.error).body }]
      case 'end': return this.#end()
    }
  }

  #grow({ block, text }: Event<'delta'>): WireFrame[] {
    const told = this.#blocks.get(block)
    switch (told?.begun.kind) {
      case 'tool_call': told.args += text
        return []
      case 'reasoning': return this.#say({ content: '', thinking: text })
      case 'text':
      case 'refusal': return this.#say({ content: text })
      default: return []
    }
  }

  #stop({ block }: Event<'stop'>): WireFrame[] {
    const told = this.#blocks.get(block)
    this.#blocks.delete(block)
    if (told?.begun.kind !== 'tool_call') return []
    const { id, name } = told.begun
    return this.#say({ content: '', tool_calls: [callOf({ id, name, args: told.args })] })
  }

  #say(fields: object): WireFrame[] {
    return [{ payload: JSON.stringify({ ...this.#head, message: { role: 'assistant', ...fields }, done: false }) }]
  }

  #end(): WireFrame[] {
    const { stop } = this.#finish ?? {}
    if (stop === 'error' || stop === 'malformed') {
      return [{ payload: writeError({ failure: 'upstream', message: 'The model broke its answer off.' }).body }]
    }
    const message = { role: 'assistant', content: '' }
    return [{ payload: JSON.stringify({ ...this.#head, message, ...endOf(this.#finish, this.#usage) }) }]
  }
}

// Streams of the family on their way out. Used by openai-chat.ts and mistral-chat.ts.
import type { AnswerSettings, CanonicalEvent, Citation, Finish, StreamWriter, Usage, WireFrame } from '../../../sdk/index.ts'
import { logprobsOf, usageFields } from './answer.ts'
import { chatAnnotationOf, linked } from './citation.ts'
import { finishReason } from './finish.ts'
import { googleContent, thinkingPart } from './message.ts'
import type { Manner } from './manner.ts'

type Event<Name extends CanonicalEvent['event']> = Extract<CanonicalEvent, { event: Name }>

/** A block of the stream: what its pieces are called. Calls are counted by themselves, densely. */
interface Told {
  readonly kind: 'text' | 'reasoning' | 'refusal' | 'tool_call' | 'whole'
  readonly call: number
  /** Where a text begins in all that was said, and what came of it. */
  readonly from: number
  length: number
  stopped: boolean
  readonly citations: Citation[]
}

/** What stands beside a delta. */
interface Beside {
  readonly reason?: string
  readonly logprobs?: object | null
}

interface Choice {
  readonly blocks: Map<number, Told>
  begun: boolean
  said: number
  calls: number
  refusal: boolean
  finish: Finish | undefined
}

/**
 * Writes one stream. How the choices ended, and the usage, wait for the end of the stream, so that a client never reads the
 * clean end of an answer that broke off.
 */
export class ChatStreamWriter implements StreamWriter {
  readonly #settings: AnswerSettings
  readonly #manner: Manner
  readonly #writeError: (error: Event<'error'>['error']) => string
  readonly #choices = new Map<number, Choice>()
  #head: object
  #usage: Usage | undefined

  constructor(settings: AnswerSettings, manner: Manner, writeError: (error: Event<'error'>['error']) => string) {
    this.#settings = settings
    this.#manner = manner
    this.#writeError = writeError
    this.#head = headOf({ event: 'start', id: '', model: '' }, settings)
  }

  write(event: CanonicalEvent): WireFrame[] {
    switch (event.event) {
      case 'start': this.#head = headOf(event, this.#settings)
        return []
      case 'block': return this.#begin(event)
      case 'delta': return this.#grow(event)
      case 'citation': return this.#cite(event)
      case 'signature': return this.#sign(event)
      case 'stop': return this.#stop(event)
      case 'finish': this.#choice(event.choice).finish = event.finish
        return []
      case 'usage': this.#usage = event.usage
        return []
      case 'error': return [{ payload: this.#writeError(event.error) }]
      case 'end': return this.#end()
    }
  }

  #begin(event: Event<'block'>): WireFrame[] {
    const choice = this.#choice(event.choice)
    const told: Told = { kind: event.kind, call: choice.calls, from: choice.said, length: 0, stopped: false, citations: [] }
    choice.blocks.set(event.block, told)
    choice.refusal ||= event.kind === 'refusal'
    if (event.kind === 'tool_call') {
      choice.calls++
      const call = { id: this.#manner.callId(event.id), type: 'function', function: { name: event.name, arguments: '' } }
      return this.#say(event.choice, calling(told, call))
    }
    if (event.kind !== 'whole' || event.whole.kind !== 'image') return []
    const image = this.#manner.partOf(event.whole)
    return image === undefined ? [] : this.#say(event.choice, { images: [image] })
  }

  #grow({ choice, block, text, logprobs }: Event<'delta'>): WireFrame[] {
    const begun = this.#choice(choice)
    const told = begun.blocks.get(block)
    if (told === undefined || (text === '' && logprobs === undefined)) return []
    told.length += text.length
    if (told.kind === 'text') begun.said += text.length
    return this.#say(choice, this.#deltaOf(told, text), { logprobs: logprobsOf(logprobs) })
  }

  #deltaOf(told: Told, text: string): object {
    switch (told.kind) {
      case 'tool_call': return calling(told, { function: { arguments: text } })
      case 'reasoning': return this.#manner.thoughts === 'parts' ? { content: [thinkingPart(text)] } : { reasoning_content: text }
      case 'refusal': return this.#manner.refusals === 'text' ? { content: text } : { refusal: text }
      default: return { content: text }
    }
  }

  #sign({ choice, block, signature }: Event<'signature'>): WireFrame[] {
    const told = this.#choice(choice).blocks.get(block)
    if (told?.kind !== 'tool_call' || signature.dialect !== 'gemini') return []
    return this.#say(choice, calling(told, { extra_content: googleContent(signature.value) }))
  }

  /** A source that is for all of a text is told when that is known. */
  #cite({ choice, block, citation }: Event<'citation'>): WireFrame[] {
    const told = this.#choice(choice).blocks.get(block)
    told?.citations.push(citation)
    return told?.stopped === true ? this.#sources(choice, told) : []
  }

  #sources(choice: number, { citations, length, from }: Told): WireFrame[] {
    const told = citations.splice(0)
    if (!this.#manner.cites) return []
    const annotations = told.flatMap(citation => linked(citation, length, from)).map(chatAnnotationOf)
    return annotations.length === 0 ? [] : this.#say(choice, { annotations })
  }

  /** A call without arguments is one with an empty object: clients parse what they are given. */
  #stop({ choice, block }: Event<'stop'>): WireFrame[] {
    const told = this.#choice(choice).blocks.get(block)
    if (told === undefined) return []
    told.stopped = true
    if (told.kind !== 'tool_call') return this.#sources(choice, told)
    return told.length === 0 ? this.#say(choice, calling(told, { function: { arguments: '{}' } })) : []
  }

  #end(): WireFrame[] {
    const choices = [...this.#choices]
    if (choices.some(([, { finish }]) => finish?.stop === 'error' || finish?.stop === 'malformed')) {
      return [{ payload: this.#writeError({ failure: 'upstream', message: 'The model broke its answer off.' }) }]
    }
    const { usage } = this.#manner
    const told = this.#usage === undefined ? undefined : usageFields(this.#usage)
    const frames = choices.flatMap(([index, { finish, calls, refusal }], at) => {
      const reason = finishReason(finish ?? { stop: 'end', raw: '' }, { calls: calls > 0, refusal })
      return this.#say(index, {}, { reason }, usage === 'always' && at === choices.length - 1 ? told : undefined)
    })
    const asked = usage === 'asked' && this.#settings.request.streamUsage && told !== undefined
    const last = asked ? [{ payload: JSON.stringify({ ...this.#head, choices: [], usage: told }) }] : []
    return [...frames, ...last, { payload: '[DONE]' }]
  }

  #choice(index: number): Choice {
    const choice = this.#choices.get(index) ?? { blocks: new Map(), begun: false, said: 0, calls: 0, refusal: false, finish: undefined }
    this.#choices.set(index, choice)
    return choice
  }

  #say(index: number, delta: object, { reason, logprobs = null }: Beside = {}, usage?: object): WireFrame[] {
    const choice = this.#choice(index)
    const role = choice.begun ? {} : { role: 'assistant' }
    choice.begun = true
    const unasked = this.#manner.usage === 'always' || !this.#settings.request.streamUsage
    return [{
      payload: JSON.stringify({
        ...this.#head,
        choices: [{ index, delta: { ...role, ...delta }, logprobs, finish_reason: reason ?? null }],
        ...(usage !== undefined ? { usage } : unasked ? {} : { usage: null }),
      }),
    }]
  }
}

function calling({ call }: Told, fields: object): object {
  return { tool_calls: [{ index: call, ...fields }] }
}

function headOf({ id, created }: Event<'start'>, settings: AnswerSettings): object {
  return { id: id || settings.id, object: 'chat.completion.chunk', created: created ?? settings.at, model: settings.model }
}

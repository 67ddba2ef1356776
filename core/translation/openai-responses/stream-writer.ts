// Streams on their way out: every item is told from its first word to its last, and then again whole. Used by
// ../openai-responses.ts, and by the dialect for answers of the gateway's own.
import type {
  AnswerSettings, CanonicalEvent, Citation, Finish, ProviderError, Signature, StreamWriter, TokenLogprob, Usage, WireFrame,
} from '../../../sdk/index.ts'
import { isCustom } from './custom-tool.ts'
import { codeOf } from './failure.ts'
import { ending } from './finish.ts'
import {
  annotationsOf, callItem, itemId, itemsOf, messageItem, proofItem, refusalPart, summaryPart, textPart, thoughtItem, type Item,
} from './output-writer.ts'
import { writeLogprobs } from '../openai-chat/logprob.ts'
import { responseOf, usageFields, type State } from './response.ts'
import { sealed } from './seal.ts'

type Event<Name extends CanonicalEvent['event']> = Extract<CanonicalEvent, { event: Name }>
type Begun = Exclude<Event<'block'>, { kind: 'whole' }>

/** A block of the stream and its item. */
interface Telling {
  readonly begun: Begun
  readonly index: number
  readonly id: string
  readonly custom: boolean
  text: string
  readonly citations: Citation[]
  readonly logprobs: TokenLogprob[]
  stopped: boolean
  signature: Signature | undefined
}

/** Writes one stream, of the first choice: this format has one. Frames are numbered from 0 without a gap. */
export class ResponsesStreamWriter implements StreamWriter {
  readonly #settings: AnswerSettings
  /** By the canonical number of the block. */
  readonly #telling = new Map<number, Telling>()
  /** Items that are whole, by their place. */
  readonly #output: Item[] = []
  #items = 0
  #sequence = 0
  #start: Event<'start'> | undefined
  #finish: Finish = { stop: 'error', raw: '' }
  #usage: Usage | undefined
  #refused = false

  constructor(settings: AnswerSettings) {
    this.#settings = settings
  }

  write(event: CanonicalEvent): WireFrame[] {
    if ('choice' in event && event.choice !== 0) return []
    switch (event.event) {
      case 'start': return this.#begin(event)
      case 'block': return event.kind === 'whole' ? this.#whole(event) : this.#open(event)
      case 'delta': return this.#grow(event)
      case 'citation': return this.#cite(event)
      case 'signature': {
        const telling = this.#telling.get(event.block)
        if (telling !== undefined) telling.signature = event.signature
        return []
      }
      case 'stop': return this.#stop(event.block)
      case 'finish': this.#finish = event.finish
        return []
      case 'usage': this.#usage = event.usage
        return []
      case 'error': return this.#fail(event.error)
      case 'end': return this.#end()
    }
  }

  #begin(event: Event<'start'>): WireFrame[] {
    this.#start = event
    const response = this.#response({ status: 'in_progress' })
    return [this.#frame('response.created', { response }), this.#frame('response.in_progress', { response })]
  }

  #whole({ whole }: Extract<Event<'block'>, { kind: 'whole' }>): WireFrame[] {
    return itemsOf(whole, this.#settings.request, this.#answer, this.#items).flatMap(item => this.#atOnce(item))
  }

  /** An item that has no pieces. */
  #atOnce(item: Item): WireFrame[] {
    const index = this.#items++
    return [this.#frame('response.output_item.added', { output_index: index, item }), this.#done(index, item)]
  }

  #open(begun: Begun): WireFrame[] {
    const index = this.#items++
    const prefix = begun.kind === 'tool_call' ? 'fc' : begun.kind === 'reasoning' ? 'rs' : 'msg'
    const id = itemId(prefix, this.#answer, index)
    const custom = begun.kind === 'tool_call' && isCustom(this.#settings.request, begun.name)
    const telling: Telling = { begun, index, id, custom, text: '', citations: [], logprobs: [], stopped: false, signature: undefined }
    this.#telling.set(begun.block, telling)
    this.#refused ||= begun.kind === 'refusal'
    const added = (item: Item): WireFrame => this.#frame('response.output_item.added', { output_index: index, item })
    switch (begun.kind) {
      case 'text': return [added(messageItem(id, [], 'in_progress')), this.#part('content_part.added', telling, textPart({ text: '' }))]
      case 'refusal': return [
        added(messageItem(id, [], 'in_progress')), this.#part('content_part.added', telling, refusalPart('')),
      ]
      case 'reasoning': return [
        added(thoughtItem(id, '', undefined)), this.#part('reasoning_summary_part.added', telling, summaryPart('')),
      ]
      case 'tool_call': return [added(callItem(id, begun.id, begun.name, '', custom, 'in_progress'))]
    }
  }

  #grow({ block, text, logprobs }: Event<'delta'>): WireFrame[] {
    const telling = this.#telling.get(block)
    if (telling === undefined || (text === '' && logprobs === undefined)) return []
    telling.text += text
    for (const token of logprobs ?? []) telling.logprobs.push(token)
    // The arguments that hold a free text are JSON: it is read when they are whole.
    return telling.custom ? [] : [this.#delta(telling, text, logprobs)]
  }

  #delta(telling: Telling, delta: string, tokens?: readonly TokenLogprob[]): WireFrame {
    switch (telling.begun.kind) {
      case 'text': return this.#about('output_text.delta', telling, { content_index: 0, delta, logprobs: writeLogprobs(tokens) })
      case 'refusal': return this.#about('refusal.delta', telling, { content_index: 0, delta })
      case 'reasoning': return this.#about('reasoning_summary_text.delta', telling, { summary_index: 0, delta })
      case 'tool_call': return this.#about(
        `${telling.custom ? 'custom_tool_call_input' : 'function_call_arguments'}.delta`, telling, { delta }
      )
    }
  }

  /** Sources are told when all of the text is known. One that comes later stands in the whole response as well. */
  #cite({ block, citation }: Event<'citation'>): WireFrame[] {
    const telling = this.#telling.get(block)
    if (telling === undefined) return []
    const known = annotationsOf(telling).length
    telling.citations.push(citation)
    if (!telling.stopped) return []
    this.#output[telling.index] = messageItem(telling.id, [textPart(telling)])
    return this.#annotations(telling, known)
  }

  #annotations(telling: Telling, known = 0): WireFrame[] {
    return annotationsOf(telling).slice(known).map((annotation, at) => (
      this.#about('output_text.annotation.added', telling, { content_index: 0, annotation_index: known + at, annotation })))
  }

  #stop(block: number): WireFrame[] {
    const telling = this.#telling.get(block)
    if (telling === undefined) return []
    telling.stopped = true
    const { begun, index, id, text, signature } = telling
    switch (begun.kind) {
      case 'text': return [
        ...this.#annotations(telling),
        this.#about('output_text.done', telling, { content_index: 0, text, logprobs: writeLogprobs(telling.logprobs) }),
        this.#part('content_part.done', telling, textPart(telling)),
        this.#done(index, messageItem(id, [textPart(telling)])),
      ]
      case 'refusal': return [
        this.#about('refusal.done', telling, { content_index: 0, refusal: text }),
        this.#part('content_part.done', telling, refusalPart(text)),
        this.#done(index, messageItem(id, [refusalPart(text)])),
      ]
      case 'reasoning': return [
        this.#about('reasoning_summary_text.done', telling, { summary_index: 0, text }),
        this.#part('reasoning_summary_part.done', telling, summaryPart(text)),
        this.#done(index, thoughtItem(id, text, signature && sealed({ of: 'thought', signature }))),
      ]
      case 'tool_call': return this.#called(telling, begun)
    }
  }

  #called(telling: Telling, { id: call, name }: Extract<Begun, { kind: 'tool_call' }>): WireFrame[] {
    const { index, id, custom, text, signature } = telling
    const item = callItem(id, call, name, text, custom)
    const late = custom || text === '' ? [this.#delta(telling, String(custom ? item.input : item.arguments))] : []
    return [
      ...late,
      custom ? this.#about('custom_tool_call_input.done', telling, { input: item.input })
        : this.#about('function_call_arguments.done', telling, { name, arguments: item.arguments }),
      this.#done(index, item),
      ...(signature === undefined ? [] : this.#atOnce(proofItem(itemId('rs', this.#answer, this.#items), call, signature))),
    ]
  }

  #done(index: number, item: Item): WireFrame {
    this.#output[index] = item
    return this.#frame('response.output_item.done', { output_index: index, item })
  }

  #part(name: string, telling: Telling, part: object): WireFrame {
    return this.#about(name, telling, { [telling.begun.kind === 'reasoning' ? 'summary_index' : 'content_index']: 0, part })
  }

  #about(name: string, { id, index }: Telling, fields: object): WireFrame {
    return this.#frame(`response.${name}`, { item_id: id, output_index: index, ...fields })
  }

  #end(): WireFrame[] {
    const { stop } = this.#finish
    if (stop === 'error' || stop === 'malformed') return this.#fail({
      failure: 'upstream', message: 'The model broke its answer off.',
    })
    const end = ending(stop, { refusal: this.#refused })
    const response = this.#response({ ...end, usage: usageFields(this.#usage) })
    return [this.#frame(`response.${end.status}`, { response })]
  }

  /** A failure before the first word has no response to tell of. */
  #fail({ failure, message }: ProviderError): WireFrame[] {
    const code = codeOf(failure)
    if (this.#start === undefined) return [this.#frame('error', { code, message, param: null })]
    return [this.#frame('response.failed', { response: this.#response({ status: 'failed', error: { code, message } }) })]
  }

  get #answer(): string {
    return this.#start?.id || this.#settings.id
  }

  #response(state: Omit<State, 'id' | 'created' | 'output'>): object {
    const output = this.#output.filter(item => item !== undefined)
    return responseOf({ id: this.#start?.id ?? '', created: this.#start?.created, output, ...state }, this.#settings)
  }

  #frame(type: string, fields: object): WireFrame {
    return { event: type, payload: JSON.stringify({ type, sequence_number: this.#sequence++, ...fields }) }
  }
}

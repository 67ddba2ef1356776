// One choice of a stream on its way in: which of its blocks are open, and how it ended. Used by stream-reader.ts.
import type { Block, CanonicalEvent, Citation, Finish, TokenLogprob } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { members } from '../../dialect/openai/words.ts'
import { placed, readAnnotations, type Stretch } from './citation.ts'
import { pictureOf, readContent, textOf } from './content.ts'
import { Calls } from './calls.ts'
import { readFinish } from './finish.ts'
import { readLogprobs, withLogprobs } from './logprob.ts'
import { proofsIn, thoughtIn } from './message.ts'

type Raw = Readonly<Record<string, unknown>>
type Grown = 'text' | 'reasoning' | 'refusal'

/** Reads the deltas of one choice. A text ends where something of another kind begins; calls end when they are whole. */
export class StreamChoice {
  readonly #dialect: string
  readonly #index: number
  readonly #calls: Calls
  #blocks = 0
  #open: { readonly kind: Grown; readonly block: number; signed: boolean } | undefined
  #refused = false
  /** Sources, which count in all that was said; some are told before the texts that they are for. */
  readonly #cited: Citation[] = []
  #links: readonly object[] = []
  readonly #texts: Stretch[] = []
  #said = 0
  /** Of the frame that is read, until their text is told. */
  #tokens: readonly TokenLogprob[] = []
  #ending: Raw | undefined

  constructor(dialect: string, seed: string, index: number) {
    this.#dialect = dialect
    this.#index = index
    this.#calls = new Calls(seed, index, () => this.#blocks++)
  }

  /** True once the provider said why the choice ended. */
  get ended(): boolean {
    return this.#ending !== undefined
  }

  /** The events of what one frame says about the choice. Links that stand beside all choices may be said in every frame. */
  read(choice: Raw, links: readonly object[]): CanonicalEvent[] {
    const delta = members(choice.delta)
    this.#tokens = [...this.#tokens, ...readLogprobs(members(choice.logprobs).content)]
    const events = [
      ...this.#grow('reasoning', thoughtIn(delta)),
      ...this.#prove(delta),
      ...readContent(delta.content, this.#dialect).flatMap(block => this.#take(block)),
      ...listOf(delta.images).flatMap(image => this.#whole(pictureOf(image))),
      ...this.#tokensLeft(),
      ...this.#grow('refusal', textOf(delta.refusal)),
      ...listOf(delta.tool_calls).flatMap(call => [...this.#close(), ...this.#calls.add(call)]),
    ]
    for (const citation of readAnnotations(delta.annotations)) this.#cited.push(citation)
    if (links.length > 0) this.#links = links
    // Some say it in every frame, and not the same: the last word holds, and it is told at the end.
    if (textOf(choice.finish_reason) !== '') this.#ending = choice
    return events
  }

  /** The events that end the choice, and how it ended. */
  end(): { readonly events: CanonicalEvent[]; readonly finish: Finish } {
    const finish = readFinish(this.#ending ?? {}, { calls: this.#calls.any, refusal: this.#refused })
    const choice = this.#index
    const cited = this.#cited.length > 0 ? this.#cited : readAnnotations(this.#links)
    const citations = cited.flatMap(citation => placed(citation, this.#texts))
      .map(told => ({ event: 'citation', choice, ...told }) as const)
    return { events: [...citations, ...this.#close(), ...this.#calls.end(), { event: 'finish', choice, finish }], finish }
  }

  #take(block: Block): CanonicalEvent[] {
    switch (block.kind) {
      case 'text':
      case 'reasoning':
      case 'refusal': return this.#grow(block.kind, block.text)
      default: return this.#whole(block)
    }
  }

  #grow(kind: Grown, text: string): CanonicalEvent[] {
    if (text === '') return []
    const choice = this.#index
    const from = this.#said
    if (kind === 'text') this.#said += text.length
    const tokens = kind === 'text' ? withLogprobs(this.#tokens) : {}
    if (kind === 'text') this.#tokens = []
    if (this.#open?.kind === kind) return [{ event: 'delta', choice, block: this.#open.block, text, ...tokens }]
    const closed = this.#close()
    const block = this.#blocks++
    this.#open = { kind, block, signed: false }
    this.#refused ||= kind === 'refusal'
    if (kind === 'text') this.#texts.push({ block, from })
    return [...closed, { event: 'block', choice, block, kind }, { event: 'delta', choice, block, text, ...tokens }]
  }

  /** A token may hold the half of a character, and so no text; before there is one, it waits for it. */
  #tokensLeft(): CanonicalEvent[] {
    if (this.#tokens.length === 0 || this.#open?.kind !== 'text') return []
    const logprobs = this.#tokens
    this.#tokens = []
    return [{ event: 'delta', choice: this.#index, block: this.#open.block, text: '', logprobs }]
  }

  #whole(block: Block | undefined): CanonicalEvent[] {
    if (block === undefined) return []
    const at = { choice: this.#index, block: this.#blocks }
    const closed = this.#close()
    this.#blocks++
    return [...closed, { event: 'block', ...at, kind: 'whole', whole: block }, { event: 'stop', ...at }]
  }

  /** A signature belongs to the thought that is open; what only its maker can read stands by itself. */
  #prove(delta: Raw): CanonicalEvent[] {
    const dialect = this.#dialect
    const { signature, sealed } = proofsIn(delta)
    const events: CanonicalEvent[] = []
    if (signature !== '' && this.#open?.kind === 'reasoning' && !this.#open.signed) {
      this.#open.signed = true
      events.push({ event: 'signature', choice: this.#index, block: this.#open.block, signature: { dialect, value: signature } })
    }
    return [...events, ...sealed.flatMap(value => this.#whole({ kind: 'reasoning', text: '', redacted: { dialect, value } }))]
  }

  #close(): CanonicalEvent[] {
    if (this.#open === undefined) return []
    const { block } = this.#open
    this.#open = undefined
    return [{ event: 'stop', choice: this.#index, block }]
  }
}

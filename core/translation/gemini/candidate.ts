// One candidate of an answer, read as its parts come. Called by stream-reader.ts.
import type { Block, CanonicalEvent, Citation, TokenLogprob } from '../../../sdk/index.ts'
import { callId } from './call-id.ts'
import { readFinish } from './finish.ts'
import { converted, readGrounding, type Grounded } from './grounding.ts'
import { readLogprobs } from './logprob.ts'
import { mediaOf, opaqueOf, signatureOf } from './part.ts'
import { PartialArgs } from './partial-args.ts'
import { placed, type Stretch } from '../openai-chat/citation.ts'
import { withLogprobs } from '../openai-chat/logprob.ts'
import { fieldsOf, isObject, listOf, textOf, type Fields } from './proto.ts'

/** The block that may still grow. */
type Open =
  | { readonly kind: 'text' | 'reasoning'; readonly block: number; signed: boolean }
  | { readonly kind: 'tool_call'; readonly block: number; readonly args: PartialArgs }

/** Parts are pieces: those of one kind that follow each other are one block, until a signature seals it. */
export class Candidate {
  readonly #choice: number
  readonly #answer: string
  #blocks = 0
  #calls = 0
  #open: Open | undefined
  #reason = ''
  /** Sources by what they say: some frames say them again. */
  readonly #grounded = new Map<string, Grounded>()
  readonly #texts: Stretch[] = []
  /** All that was said, and where in it each part begins, in bytes. */
  #said = ''
  readonly #parts: number[] = []
  #bytes = 0
  /** Of the frame that is read, until their text is told. */
  #tokens: readonly TokenLogprob[] = []

  /** `answer` is the answer's id, from which calls without one get theirs. */
  constructor(choice: number, answer: string) {
    this.#choice = choice
    this.#answer = answer
  }

  /** True once a reason to finish came; parts may follow, since the first models gave one with every frame. */
  get finished(): boolean {
    return this.#reason !== ''
  }

  /** The events of one frame. */
  read(candidate: Fields): CanonicalEvent[] {
    this.#reason = textOf(candidate.finishReason) || this.#reason
    this.#tokens = [...this.#tokens, ...readLogprobs(candidate)]
    for (const grounded of readGrounding(candidate)) this.#grounded.set(JSON.stringify(grounded), grounded)
    return listOf(fieldsOf(candidate.content).parts).flatMap(part => this.#part(part))
  }

  /** The events that end the candidate. */
  finish(): CanonicalEvent[] {
    const finish = readFinish(this.#reason, this.#calls > 0)
    const left = this.#open?.kind === 'text' && this.#tokens.length > 0
      ? [{ event: 'delta', ...this.#at(this.#open), text: '', ...this.#tokensOf() } as const] : []
    return [...left, ...this.#close(), ...this.#citations(), { event: 'finish', choice: this.#choice, finish }]
  }

  #tokensOf(): { readonly logprobs?: readonly TokenLogprob[] } {
    const told = withLogprobs(this.#tokens)
    this.#tokens = []
    return told
  }

  #citations(): CanonicalEvent[] {
    if (this.#grounded.size === 0) return []
    const grounded = [...this.#grounded.values()].map(({ citation, start, end, part }) => {
      const base = part === 0 ? 0 : this.#parts[part] ?? 0
      return { citation, extent: start === undefined || end === undefined ? undefined : { start: base + start, end: base + end } }
    })
    const places = grounded.flatMap(({ extent }) => extent === undefined ? [] : [extent.start, extent.end])
    const units = converted(this.#said, places, 'bytes')
    return grounded.flatMap(({ citation, extent }) => {
      const counted: Citation = extent === undefined ? citation
        : { ...citation, start: units.get(extent.start)!, end: units.get(extent.end)! }
      return placed(counted, this.#texts).map(told => ({ event: 'citation', choice: this.#choice, ...told }) as const)
    })
  }

  #part(part: Fields): CanonicalEvent[] {
    this.#parts.push(this.#bytes)
    if (part.functionCall !== undefined) return this.#call(fieldsOf(part.functionCall), part)
    const whole = mediaOf(part)
    if (whole !== undefined) return this.#whole(whole)
    if (typeof part.text === 'string' || part.thoughtSignature !== undefined) return this.#text(textOf(part.text), part)
    const opaque = opaqueOf(part)
    return opaque === undefined ? [] : this.#whole(opaque)
  }

  #text(text: string, part: Fields): CanonicalEvent[] {
    const kind = part.thought === true ? 'reasoning' : 'text'
    const { signature } = signatureOf(part)
    if (text === '' && signature === undefined) return []
    const events: CanonicalEvent[] = []
    if (this.#open?.kind !== kind || this.#open.signed) {
      events.push(...this.#close())
      this.#open = { kind, block: this.#blocks++, signed: false }
      if (kind === 'text') this.#texts.push({ block: this.#open.block, from: this.#said.length })
      events.push({ event: 'block', ...this.#at(this.#open), kind })
    }
    if (kind === 'text') {
      this.#said += text
      this.#bytes += Buffer.byteLength(text)
    }
    if (text !== '') events.push({ event: 'delta', ...this.#at(this.#open), text, ...(kind === 'text' && this.#tokensOf()) })
    if (signature !== undefined) {
      events.push({ event: 'signature', ...this.#at(this.#open), signature })
      this.#open.signed = true
    }
    return events
  }

  #call(call: Fields, part: Fields): CanonicalEvent[] {
    const events: CanonicalEvent[] = []
    const name = textOf(call.name)
    if (name !== '') events.push(...this.#close(), ...this.#begin(name, call, part))
    if (this.#open?.kind !== 'tool_call') return events
    for (const piece of listOf(call.partialArgs)) this.#open.args.add(piece)
    if (isObject(call.args)) events.push({ event: 'delta', ...this.#at(this.#open), text: JSON.stringify(call.args) })
    return call.willContinue === true ? events : [...events, ...this.#close()]
  }

  #begin(name: string, call: Fields, part: Fields): CanonicalEvent[] {
    const index = this.#calls++
    const id = textOf(call.id) || callId(index, this.#answer, String(this.#choice), name)
    this.#open = { kind: 'tool_call', block: this.#blocks++, args: new PartialArgs() }
    const { signature } = signatureOf(part)
    return [
      { event: 'block', ...this.#at(this.#open), kind: 'tool_call', id, name },
      ...(signature === undefined ? [] : [{ event: 'signature', ...this.#at(this.#open), signature } as const]),
    ]
  }

  #whole(whole: Block): CanonicalEvent[] {
    const at = { choice: this.#choice, block: this.#blocks }
    const events: CanonicalEvent[] = [...this.#close(), { event: 'block', ...at, kind: 'whole', whole }, { event: 'stop', ...at }]
    this.#blocks++
    return events
  }

  #close(): CanonicalEvent[] {
    if (this.#open === undefined) return []
    const at = this.#at(this.#open)
    const text = this.#open.kind === 'tool_call' ? this.#open.args.json() : ''
    this.#open = undefined
    return [...(text === '' ? [] : [{ event: 'delta', ...at, text } as const]), { event: 'stop', ...at }]
  }

  #at({ block }: Open): { readonly choice: number; readonly block: number } {
    return { choice: this.#choice, block }
  }
}

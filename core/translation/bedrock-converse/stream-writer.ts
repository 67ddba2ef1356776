// Streams of this format, written. Called by ../bedrock-converse.ts.
import type { CanonicalEvent, Finish, StreamWriter, Usage, WireFrame } from '../../../sdk/index.ts'
import { claudes } from '../anthropic-messages/signature.ts'
import { exceptionOf } from './error.ts'
import { writeFinish } from './stop.ts'
import { writeUsage } from './usage.ts'
import { writeAnswered, writeCitation, type Written } from './write-blocks.ts'

type BlockEvent = Extract<CanonicalEvent, { readonly block: number }>
type Kind = (BlockEvent & { event: 'block' })['kind']

/** A block that was begun: its kind, and its number here, which leaves out what has no place. */
interface Begun {
  readonly kind: Kind
  readonly contentBlockIndex: number
}

/** Writes one stream, of the first choice: this format has one. Several blocks may be open at once. */
export class BedrockStreamWriter implements StreamWriter {
  readonly #open = new Map<number, Begun>()
  #next = 0
  #called = false
  #finish: Finish = { stop: 'error', raw: '' }
  #usage: Usage | undefined

  write(event: CanonicalEvent): readonly WireFrame[] {
    if ('choice' in event && event.choice !== 0) return []
    switch (event.event) {
      case 'start': return [frame('messageStart', { role: 'assistant' })]
      case 'block': return this.#begin(event)
      case 'finish': this.#finish = event.finish
        return []
      case 'usage': this.#usage = event.usage
        return []
      case 'error': return [frame(exceptionOf(event.error), { message: event.error.message })]
      case 'end': return this.#end()
    }
    const begun = this.#open.get(event.block)
    if (begun === undefined) return []
    const { kind, contentBlockIndex } = begun
    switch (event.event) {
      case 'delta': return [frame('contentBlockDelta', { contentBlockIndex, delta: pieceOf(kind, event.text) })]
      case 'citation':
        return [frame('contentBlockDelta', { contentBlockIndex, delta: { citation: writeCitation(event.citation) } })]
      case 'signature': {
        const signature = claudes(event.signature)
        if (kind !== 'reasoning' || signature === undefined) return []
        return [frame('contentBlockDelta', { contentBlockIndex, delta: { reasoningContent: { signature } } })]
      }
      case 'stop':
        this.#open.delete(event.block)
        return [frame('contentBlockStop', { contentBlockIndex })]
    }
  }

  /** Texts and thoughts begin with their first piece. */
  #begin(event: BlockEvent & { event: 'block' }): WireFrame[] {
    const whole = event.kind === 'whole' ? givenOf(writeAnswered(event.whole)) : []
    if (whole === undefined) return []
    const contentBlockIndex = this.#next++
    this.#open.set(event.block, { kind: event.kind, contentBlockIndex })
    if (event.kind !== 'tool_call') return whole.map(delta => frame('contentBlockDelta', { contentBlockIndex, delta }))
    this.#called = true
    return [frame('contentBlockStart', { contentBlockIndex, start: { toolUse: { toolUseId: event.id, name: event.name } } })]
  }

  /** The end, usage last; that of an answer which failed says so in its stop reason, or is an exception. */
  #end(): WireFrame[] {
    if (this.#finish.stop === 'error') {
      return [frame('modelStreamErrorException', { message: 'The model ended its answer with a failure.' })]
    }
    return [
      frame('messageStop', writeFinish(this.#finish, this.#called)),
      frame('metadata', { usage: writeUsage(this.#usage), metrics: { latencyMs: 0 } }),
    ]
  }
}

/** The pieces that a block which comes at once is written in; undefined for what has no place in a stream here. */
function givenOf(written: Written | undefined): object[] | undefined {
  if (typeof written?.text === 'string') return [{ text: written.text }]
  return written?.reasoningContent === undefined ? undefined : [{ reasoningContent: written.reasoningContent }]
}

function pieceOf(kind: Kind, text: string): object {
  switch (kind) {
    case 'reasoning': return { reasoningContent: { text } }
    case 'tool_call': return { toolUse: { input: text } }
  }
  return { text }
}

function frame(event: string, payload: object): WireFrame {
  return { event, payload: JSON.stringify(payload) }
}

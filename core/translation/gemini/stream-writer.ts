// A stream in Gemini's words. Parts there have no number and calls come whole, so what belongs behind an unfinished
// block waits for it. Called by translated.ts.
import type {
  AnswerSettings, Block, CanonicalEvent, Citation, Finish, Signature, StreamWriter, TokenLogprob, Usage, WireFrame,
} from '../../../sdk/index.ts'
import { groundingOf, headOf } from './answer-writer.ts'
import { writeError } from './error.ts'
import { finishWord } from './finish.ts'
import { logprobFields } from './logprob.ts'
import { partOf, proof } from './part.ts'
import type { Fields } from './proto.ts'
import { writeUsage } from './usage.ts'

type Begun = Extract<CanonicalEvent, { event: 'block' }>

/** A block that is not yet written to its end. */
interface Waiting {
  readonly begun: Begun
  text: string
  /** What a text said in all, and what it cites. */
  said: string
  readonly citations: Citation[]
  /** Of what is not yet written. */
  readonly tokens: TokenLogprob[]
  signature: Signature | undefined
  stopped: boolean
}

/** What is known of a choice. The first of `waiting` is written as it grows. */
interface Choice {
  readonly blocks: Map<number, Waiting>
  readonly waiting: Waiting[]
  finish: Finish | undefined
  spoilt: boolean
}

/** Writes one stream. The reasons to finish and the usage leave with the last frame, which nothing but `end` brings. */
export function streamWriter(settings: AnswerSettings): StreamWriter {
  const choices = new Map<number, Choice>()
  let id = ''
  let usage: Usage | undefined

  const frame = (body: Fields): WireFrame => ({ payload: JSON.stringify({ ...body, ...headOf(id, settings) }) })
  const choiceOf = (index: number): Choice => {
    const choice = choices.get(index) ?? { blocks: new Map(), waiting: [], finish: undefined, spoilt: false }
    choices.set(index, choice)
    return choice
  }
  const grow = (index: number, block: number, change: (waiting: Waiting) => void): WireFrame[] => {
    const choice = choiceOf(index)
    const waiting = choice.blocks.get(block)
    if (waiting !== undefined) change(waiting)
    const { parts, tokens } = partsReady(choice)
    if (parts.length === 0) return []
    return [frame({ candidates: [{ content: { role: 'model', parts }, index, ...logprobFields(tokens) }] })]
  }
  const last = (): WireFrame => frame({
    candidates: [...choices].map(([index, { finish, spoilt, blocks }]) => ({
      content: { role: 'model', parts: [] },
      finishReason: finishWord(finish ?? { stop: 'error', raw: '' }, spoilt),
      index,
      ...groundingOf([...blocks.values()].flatMap(textOf)),
    })),
    ...(usage !== undefined && { usageMetadata: writeUsage(usage) }),
  })

  return {
    write(event) {
      switch (event.event) {
        case 'start':
          id = event.id
          return []
        case 'block': {
          const waiting: Waiting = { begun: event, text: '', said: '', citations: [], tokens: [], signature: undefined, stopped: false }
          const { blocks, waiting: line } = choiceOf(event.choice)
          blocks.set(event.block, waiting)
          line.push(waiting)
          return []
        }
        case 'delta': return grow(event.choice, event.block, waiting => {
          waiting.text += event.text
          for (const token of event.logprobs ?? []) waiting.tokens.push(token)
          if (waiting.begun.kind === 'text' || waiting.begun.kind === 'refusal') waiting.said += event.text
        })
        case 'citation':
          choiceOf(event.choice).blocks.get(event.block)?.citations.push(event.citation)
          return []
        case 'signature': return grow(event.choice, event.block, waiting => { waiting.signature = event.signature })
        case 'stop': return grow(event.choice, event.block, waiting => { waiting.stopped = true })
        case 'finish':
          choiceOf(event.choice).finish = event.finish
          return []
        case 'usage':
          usage = event.usage
          return []
        case 'error': return [{ payload: writeError(event.error).body }]
        case 'end': return [last()]
      }
    },
  }
}

/** The parts that nothing before them holds back any more, and the tokens of their texts. */
function partsReady(choice: Choice): { readonly parts: readonly Fields[]; readonly tokens: readonly TokenLogprob[] } {
  const parts: Fields[] = []
  const tokens: TokenLogprob[] = []
  for (let first = choice.waiting[0]; first !== undefined; first = choice.waiting[0]) {
    const part = takePart(first)
    if (part !== undefined) {
      parts.push(part)
      for (const token of first.tokens.splice(0)) tokens.push(token)
    }
    if (!first.stopped) break
    choice.spoilt ||= first.begun.kind === 'tool_call' && part === undefined
    choice.waiting.shift()
  }
  return { parts, tokens }
}

/** A text that was written, with what it cites. */
function textOf({ begun: { kind }, said, citations }: Waiting): Block[] {
  return kind === 'text' || kind === 'refusal' ? [{ kind: 'text', text: said, citations }] : []
}

/** The part for what a block gained; undefined where that is nothing, or not yet enough. */
function takePart(waiting: Waiting): Fields | undefined {
  const { begun, text, signature, stopped, tokens } = waiting
  if (begun.kind === 'whole') return stopped ? partOf(begun.whole) : undefined
  if (begun.kind === 'tool_call') {
    const { id, name } = begun
    const signed = signature === undefined ? {} : { signature }
    return stopped ? partOf({ kind: 'tool_call', id, name, args: text, ...signed }) : undefined
  }
  const sealed = stopped ? proof(signature) : {}
  if (text === '' && sealed.thoughtSignature === undefined && !(stopped && tokens.length > 0)) return undefined
  waiting.text = ''
  return { text, ...(begun.kind === 'reasoning' && { thought: true }), ...sealed }
}

// A message of the assistant and its blocks, both ways: in the history of a request and in an answer. Used by the readers
// and writers of both.
import type { Block, Citation, ReasoningBlock, ToolCallBlock } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { members } from '../../dialect/openai/words.ts'
import { chatAnnotationOf, linked, placed, readAnnotations, type Stretch } from './citation.ts'
import { pictureOf, readContent, textOf } from './content.ts'
import { newCallId } from './identifier.ts'
import type { Manner } from './manner.ts'

type Raw = Readonly<Record<string, unknown>>

/**
 * The blocks of an assistant's message: what was thought, said, refused and called, in this order, for the format has
 * none between them. `seed` makes ids for calls that came without.
 */
export function readMessage(message: Raw, dialect: string, seed: string, choice: number): Block[] {
  const refusal = textOf(message.refusal)
  const blocks = merged([
    ...thoughtsOf(message, dialect),
    ...readContent(message.content, dialect),
    ...listOf(message.images).flatMap(image => pictureOf(image) ?? []),
    ...(refusal === '' ? [] : [{ kind: 'refusal', text: refusal } as const]),
    // Speech, or the name of one that this vendor keeps.
    ...listOf([message.audio]).flatMap(raw => (
      Object.keys(raw).length === 0 ? [] : [{ kind: 'opaque', dialect, type: 'audio', raw } as const])),
    ...listOf(message.tool_calls).map((call, index) => readCall(call, newCallId(seed, choice, index))),
  ])
  return withCitations(blocks, readAnnotations(message.annotations))
}

/** The blocks with what they cite: annotations count in all that was said. */
function withCitations(blocks: readonly Block[], told: readonly Citation[]): Block[] {
  if (told.length === 0) return [...blocks]
  const texts: Stretch[] = []
  let from = 0
  for (const [block, one] of blocks.entries()) {
    if (one.kind !== 'text') continue
    texts.push({ block, from })
    from += one.text.length
  }
  const cited = told.flatMap(citation => placed(citation, texts))
  return blocks.map((block, index) => {
    const citations = cited.flatMap(one => one.block === index ? [one.citation] : [])
    return block.kind === 'text' && citations.length > 0 ? { ...block, citations } : block
  })
}

/** What was thought, under whichever name a vendor has for it (`reasoning_content`; `reasoning`: vLLM, Groq, OpenRouter). */
export function thoughtIn(message: Raw): string {
  return textOf(message.reasoning_content) || textOf(message.reasoning)
    || listOf(message.reasoning_details).map(detail => textOf(detail.text) || textOf(detail.summary)).join('')
}

/** OpenRouter's proofs of thought: signatures of what can be read, and what only its maker can. */
export function proofsIn(message: Raw): { readonly signature: string; readonly sealed: readonly string[] } {
  const details = listOf(message.reasoning_details)
  return {
    signature: details.map(detail => textOf(detail.signature)).findLast(value => value !== '') ?? '',
    sealed: details.map(detail => textOf(detail.data)).filter(value => value !== ''),
  }
}

function thoughtsOf(message: Raw, dialect: string): ReasoningBlock[] {
  const text = thoughtIn(message)
  const { signature, sealed } = proofsIn(message)
  const said: ReasoningBlock = { kind: 'reasoning', text, ...(signature !== '' && { signature: { dialect, value: signature } }) }
  return [
    ...(text === '' ? [] : [said]),
    ...sealed.map((value): ReasoningBlock => ({ kind: 'reasoning', text: '', redacted: { dialect, value } })),
  ]
}

function readCall(call: Raw, otherwise: string): ToolCallBlock {
  const { name, arguments: args } = members(call.function)
  const signature = googleSignature(call)
  return {
    kind: 'tool_call', id: textOf(call.id) || otherwise, name: textOf(name), args: argsOf(args),
    ...(signature !== '' && { signature: { dialect: 'gemini', value: signature } }),
  }
}

/** Arguments as JSON text; some vendors send the object itself. */
export function argsOf(args: unknown): string {
  return typeof args === 'object' && args !== null ? JSON.stringify(args) : textOf(args)
}

/** Gemini's proof that it thought before a call, where Google's own OpenAI layer has it. */
export function googleSignature(call: Raw): string {
  return textOf(members(members(call.extra_content).google).thought_signature)
}

/** Neighbours of one kind as one block: the format cuts where it likes. */
function merged(blocks: readonly Block[]): Block[] {
  const kept: Block[] = []
  for (const block of blocks) {
    const last = kept.at(-1)
    if (!('text' in block) || isBound(block)) kept.push(block)
    else if (last?.kind === block.kind && !isBound(last)) kept[kept.length - 1] = { ...last, text: last.text + block.text }
    else if (block.text !== '') kept.push(block)
  }
  return kept
}

const isBound = (block: Block): boolean => 'signature' in block || 'redacted' in block || 'cache' in block

/** The fields of an assistant's message. Reasoning is shown; what only its maker can read is left out. */
export function messageFields(blocks: readonly Block[], manner: Manner): Raw {
  const thought = textIn(blocks, 'reasoning')
  const refusal = textIn(blocks, 'refusal')
  const said = manner.refusals === 'text' ? textIn(blocks, 'text', 'refusal') : textIn(blocks, 'text')
  const inParts = manner.thoughts === 'parts' && thought !== ''
  const calls = blocks.filter(block => block.kind === 'tool_call')
  const images = blocks.flatMap(block => block.kind === 'image' ? manner.partOf(block) ?? [] : [])
  const annotations = manner.cites ? annotationsOf(blocks) : []
  return {
    content: inParts ? [thinkingPart(thought), ...(said === '' ? [] : [{ type: 'text', text: said }])] : said || null,
    ...(manner.refusals === 'field' && { refusal: refusal || null }),
    ...(!inParts && thought !== '' && { reasoning_content: thought }),
    ...(calls.length > 0 && { tool_calls: calls.map(call => callOf(call, manner)) }),
    ...(images.length > 0 && { images }),
    ...(annotations.length > 0 && { annotations }),
  }
}

function annotationsOf(blocks: readonly Block[]): object[] {
  let from = 0
  return blocks.flatMap(block => {
    if (block.kind !== 'text') return []
    const begins = from
    from += block.text.length
    return (block.citations ?? []).flatMap(citation => linked(citation, block.text.length, begins).map(chatAnnotationOf))
  })
}

/** What blocks of these kinds say, one after the other. */
export function textIn(blocks: readonly Block[], ...kinds: readonly Block['kind'][]): string {
  return blocks.flatMap(block => kinds.includes(block.kind) && 'text' in block ? [block.text] : []).join('')
}

/** A thought as Mistral has it. */
export function thinkingPart(text: string): object {
  return { type: 'thinking', thinking: [{ type: 'text', text }] }
}

function callOf({ id, name, args, signature }: ToolCallBlock, manner: Manner): object {
  return {
    id: manner.callId(id), type: 'function', function: { name, arguments: args || '{}' },
    ...(signature?.dialect === 'gemini' && { extra_content: googleContent(signature.value) }),
  }
}

/** What brings a proof of Gemini's to a client and back. */
export function googleContent(signature: string): object {
  return { google: { thought_signature: signature } }
}

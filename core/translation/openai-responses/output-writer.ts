// One block as items of an answer. Used by answer.ts, and by stream-writer.ts, which tells the same items piece by piece.
import { createHash } from 'node:crypto'
import type { Block, CanonicalRequest, Signature, TextBlock } from '../../../sdk/index.ts'
import { annotationOf, linked } from '../openai-chat/citation.ts'
import { writeLogprobs } from '../openai-chat/logprob.ts'
import { inputOfArgs, isCustom } from './custom-tool.ts'
import { sealed } from './seal.ts'

/** An item as it stands on the wire. */
export type Item = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string }

/** An id that is the same for the same answer and place. */
export function itemId(prefix: string, answer: string, index: number): string {
  return `${prefix}_${createHash('sha256').update(JSON.stringify([answer, index])).digest('hex').slice(0, 32)}`
}

/** The items of a block, the first at `index`; none where clients have no place for it. */
export function itemsOf(block: Block, request: CanonicalRequest, answer: string, index: number): Item[] {
  switch (block.kind) {
    case 'text': return [messageItem(itemId('msg', answer, index), [textPart(block)])]
    case 'refusal': return [messageItem(itemId('msg', answer, index), [refusalPart(block.text)])]
    case 'reasoning': {
      const { redacted, signature } = block
      const proof = redacted === undefined
        ? signature && { of: 'thought', signature } as const
        : { of: 'hidden', signature: redacted } as const
      return [thoughtItem(itemId('rs', answer, index), block.text, proof && sealed(proof))]
    }
    case 'tool_call': {
      const { id: call, name, args, signature } = block
      const item = callItem(itemId('fc', answer, index), call, name, args, isCustom(request, name))
      return signature === undefined ? [item] : [item, proofItem(itemId('rs', answer, index + 1), call, signature)]
    }
    case 'image': {
      const { media } = block
      return media.at === 'data' ? [{
        id: itemId('ig', answer, index), type: 'image_generation_call', status: 'completed', result: media.base64,
      }] : []
    }
    default: return []
  }
}

/** A message of one part, or of none while it begins. */
export function messageItem(id: string, content: readonly object[], status = 'completed'): Item {
  return { id, type: 'message', status, role: 'assistant', content }
}

/** A text, whole or as far as it came. */
export type Said = Pick<TextBlock, 'text' | 'citations' | 'logprobs'>

/** What a text cites, in the words of this format. */
export function annotationsOf({ text, citations = [] }: Said): readonly object[] {
  return citations.flatMap(citation => linked(citation, text.length).map(annotationOf))
}

/** A text, with what it cites and its tokens. */
export function textPart(block: Said): object {
  return { type: 'output_text', text: block.text, annotations: annotationsOf(block), logprobs: writeLogprobs(block.logprobs) }
}
export const refusalPart = (refusal: string): object => ({ type: 'refusal', refusal })
export const summaryPart = (text: string): object => ({ type: 'summary_text', text })

/** A thought, with its proof where it has one. */
export function thoughtItem(id: string, text: string, proof: string | undefined): Item {
  return {
    id, type: 'reasoning', summary: text === '' ? [] : [summaryPart(text)],
    ...(proof !== undefined && { encrypted_content: proof }),
  }
}

/** A call; of a custom tool, whose input is free text, where the client declared it so. */
export function callItem(id: string, call: string, name: string, args: string, custom: boolean, status = 'completed'): Item {
  if (custom) return { id, type: 'custom_tool_call', status, call_id: call, name, input: inputOfArgs(args) }
  return { id, type: 'function_call', status, call_id: call, name, arguments: status === 'completed' ? args || '{}' : args }
}

/** Brings the proof of a call to the client and back: Gemini wants it there, and calls have no field for it. */
export function proofItem(id: string, call: string, signature: Signature): Item {
  return thoughtItem(id, '', sealed({ of: { call }, signature }))
}

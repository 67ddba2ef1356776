// One item of an answer as blocks, whole. Used by answer.ts, and by stream-reader.ts once an item is done.
import type { Block } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { readAnnotations } from '../openai-chat/citation.ts'
import { textOf } from '../openai-chat/content.ts'
import { readLogprobs, withLogprobs } from '../openai-chat/logprob.ts'
import { DIALECT, proofIn, thoughtOf } from './seal.ts'

type Raw = Readonly<Record<string, unknown>>

/** What stands between two parts of a thought. */
export const BETWEEN = '\n\n'

/** The blocks of an item: of a message, one for each part, in their places. */
export function readItem(item: Raw): Block[] {
  switch (item.type) {
    case 'message': return listOf(item.content).map(readPart)
    case 'reasoning': return [thoughtOf(textOfItem(item), proofIn(item))]
    case 'function_call':
      return [{
        kind: 'tool_call', id: textOf(item.call_id) || textOf(item.id), name: textOf(item.name), args: textOf(item.arguments),
      }]
    case 'image_generation_call': {
      const base64 = textOf(item.result)
      return base64 === '' ? [] : [{
        kind: 'image', media: { at: 'data', base64, mediaType: `image/${textOf(item.output_format) || 'png'}` },
      }]
    }
    default: return [{ kind: 'opaque', dialect: DIALECT, type: textOf(item.type), raw: item }]
  }
}

function readPart(part: Raw): Block {
  switch (part.type) {
    case 'output_text': {
      const citations = readAnnotations(part.annotations)
      const tokens = withLogprobs(readLogprobs(part.logprobs))
      return { kind: 'text', text: textOf(part.text), ...(citations.length > 0 && { citations }), ...tokens }
    }
    case 'refusal': return { kind: 'refusal', text: textOf(part.refusal) }
    default: return { kind: 'opaque', dialect: DIALECT, type: textOf(part.type), raw: part }
  }
}

/** What a reasoning item shows: its summary, and the thought itself where a vendor tells it. */
export function textOfItem({ summary, content }: Raw): string {
  return [...listOf(summary), ...listOf(content)].map(part => textOf(part.text)).filter(text => text !== '').join(BETWEEN)
}

/** True for a block that says nothing. */
export function isEmpty(block: Block): boolean {
  switch (block.kind) {
    case 'text': return block.text === '' && block.citations === undefined
    case 'refusal': return block.text === ''
    case 'reasoning': return block.text === '' && block.signature === undefined && block.redacted === undefined
    default: return false
  }
}

// Blocks of this format, read: each is an object with one member, which says what it is. Called by read-request.ts, answer.ts
// and stream-reader.ts.
import type { Block, CacheMark, Citation, MediaBlock, OpaqueBlock, TextBlock } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { members } from '../../dialect/openai/words.ts'
import { textOf } from '../anthropic-messages/payload.ts'
import { signed } from '../anthropic-messages/signature.ts'
import { argsOf } from '../anthropic-messages/tool-calls.ts'
import { citationOf } from '../openai-chat/citation.ts'
import { readMedia } from './media.ts'

type Raw = Readonly<Record<string, unknown>>

/** The content of a turn. A cache point marks the block before it. */
export function readBlocks(content: unknown): Block[] {
  const blocks: Block[] = []
  for (const raw of listOf(content)) {
    const cache = cacheOf(raw)
    const before = blocks.at(-1)
    if (cache === undefined) blocks.push(readBlock(raw))
    else if (before !== undefined && canBeMarked(before)) blocks[blocks.length - 1] = { ...before, cache }
  }
  return blocks
}

function canBeMarked(block: Block): block is Exclude<Block, { readonly kind: 'reasoning' | 'refusal' }> {
  return block.kind !== 'reasoning' && block.kind !== 'refusal'
}

/** The mark that a cache point is; undefined for anything else. */
export function cacheOf(raw: Raw): CacheMark | undefined {
  if (raw.cachePoint === undefined) return undefined
  return members(raw.cachePoint).ttl === '1h' ? '1h' : '5m'
}

/** One block; opaque where it is none that has a place in the canonical form. */
export function readBlock(raw: Raw): Block {
  if (typeof raw.text === 'string') return { kind: 'text', text: raw.text }
  if (raw.reasoningContent !== undefined) return readThought(members(raw.reasoningContent))
  const { type, toolUseId, name, input, content, status } = members(raw.toolUse ?? raw.toolResult)
  // Those with a type are the provider's own calls.
  if (type === undefined && raw.toolUse !== undefined) {
    return { kind: 'tool_call', id: textOf(toolUseId), name: textOf(name), args: argsOf(input) }
  }
  if (type === undefined && raw.toolResult !== undefined) {
    const blocks = listOf(content).map(readResultBlock)
    return { kind: 'tool_result', id: textOf(toolUseId), name: '', blocks, failed: status === 'error' }
  }
  if (raw.citationsContent !== undefined) {
    const { content: said, citations: cited } = members(raw.citationsContent)
    const citations = listOf(cited).flatMap(readCitation)
    return { kind: 'text', text: textsIn(said), ...(citations.length > 0 && { citations }) }
  }
  return readLone(raw)
}

/** A source: a page, or a place in a document of the request. */
export function readCitation({ title, source, sourceContent, location }: Raw): Citation[] {
  const url = textOf(members(members(location).web).url)
  return citationOf({ url, title: textOf(title) || textOf(source), quoted: textsIn(sourceContent) })
}

function textsIn(pieces: unknown): string {
  return listOf(pieces).map(({ text }) => textOf(text)).join('')
}

function readThought({ reasoningText, redactedContent }: Raw): Block {
  const redacted = signed(redactedContent)
  if (redacted !== undefined) return { kind: 'reasoning', text: '', redacted }
  const { text, signature: value } = members(reasoningText)
  const signature = signed(value)
  return { kind: 'reasoning', text: textOf(text), ...(signature !== undefined && { signature }) }
}

function readResultBlock(raw: Raw): TextBlock | MediaBlock | OpaqueBlock {
  if (typeof raw.text === 'string') return { kind: 'text', text: raw.text }
  if (raw.json !== undefined) return { kind: 'text', text: JSON.stringify(raw.json) }
  return readLone(raw)
}

function readLone(raw: Raw): MediaBlock | OpaqueBlock {
  const [member = ''] = Object.keys(raw)
  return readMedia(member, raw[member]) ?? { kind: 'opaque', dialect: 'bedrock-converse', type: member, raw }
}

// Blocks of this format, read. Called by read-request.ts, answer.ts and stream-reader.ts.
import type { Block, CacheMark, Media, MediaBlock, TextBlock, OpaqueBlock } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { members } from '../../dialect/openai/words.ts'
import { readCitations } from './citation.ts'
import { textOf } from './payload.ts'
import { signed } from './signature.ts'
import { argsOf } from './tool-calls.ts'

const NAME = 'anthropic-messages'

type Raw = Readonly<Record<string, unknown>>

/** The content of a turn or a tool result, which may be a mere string. */
export function readBlocks(content: unknown): Block[] {
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content }]
  return listOf(content).map(readBlock)
}

/** The content of an answer. What code has called that is over was answered before: nobody waits for it any more. */
export function readAnswered(content: unknown): Block[] {
  const raws = listOf(content)
  const over = new Set(raws.map(raw => raw.tool_use_id).filter(id => typeof id === 'string'))
  const answered = (caller: unknown): boolean => over.has(textOf(members(caller).tool_id))
  return raws.map(raw => raw.type === 'tool_use' && !callsClient(raw) && answered(raw.caller) ? opaque(raw) : readBlock(raw))
}

/** One block; opaque where it is none that has a place in the canonical form. */
export function readBlock(raw: Raw): Block {
  switch (raw.type) {
    case 'text': {
      const citations = readCitations(raw.citations)
      return { kind: 'text', text: textOf(raw.text), ...(citations.length > 0 && { citations }), ...cacheOf(raw) }
    }
    case 'image':
    case 'document': return readMedia(raw)
    case 'thinking': {
      const signature = signed(raw.signature)
      return { kind: 'reasoning', text: textOf(raw.thinking), ...(signature !== undefined && { signature }) }
    }
    case 'redacted_thinking': {
      const redacted = signed(raw.data)
      return { kind: 'reasoning', text: '', ...(redacted !== undefined && { redacted }) }
    }
    case 'tool_use':
      return { kind: 'tool_call', id: textOf(raw.id), name: textOf(raw.name), args: argsOf(raw.input), ...cacheOf(raw) }
    case 'tool_result': return readResult(raw)
  }
  return opaque(raw)
}

/** A result. A mark inside it moves to its end, so that formats which mark whole results can keep it. */
function readResult(raw: Raw): Block {
  const blocks = readBlocks(raw.content)
  const marked = blocks.findLast(block => 'cache' in block)
  return {
    kind: 'tool_result', id: textOf(raw.tool_use_id), name: '', blocks: blocks.map(unmarked), failed: raw.is_error === true,
    ...(marked !== undefined && 'cache' in marked && { cache: marked.cache }),
    ...cacheOf(raw),
  }
}

function unmarked(block: Block): TextBlock | MediaBlock | OpaqueBlock {
  switch (block.kind) {
    case 'text':
    case 'image':
    case 'audio':
    case 'file':
    case 'opaque': {
      const { cache: _, ...rest } = block
      return rest
    }
  }
  return { kind: 'opaque', dialect: NAME, type: block.kind, raw: block }
}

function readMedia(raw: Raw): MediaBlock | OpaqueBlock {
  const media = readSource(members(raw.source))
  if (media === undefined) return opaque(raw)
  const name = textOf(raw.title)
  return { kind: raw.type === 'image' ? 'image' : 'file', media, ...(name !== '' && { name }), ...cacheOf(raw) }
}

function readSource(source: Raw): Media | undefined {
  const mediaType = textOf(source.media_type)
  switch (source.type) {
    case 'base64': return { at: 'data', base64: textOf(source.data), mediaType }
    case 'text': {
      const base64 = Buffer.from(textOf(source.data)).toString('base64')
      return { at: 'data', base64, mediaType: mediaType || 'text/plain' }
    }
    case 'url': return { at: 'url', url: textOf(source.url) }
    case 'file': return { at: 'id', id: textOf(source.file_id), dialect: NAME }
  }
}

function opaque(raw: Raw): OpaqueBlock {
  return { kind: 'opaque', dialect: NAME, type: textOf(raw.type), raw, ...cacheOf(raw) }
}

/** The cache mark of a block or tool. */
export function cacheOf(raw: Raw): { cache?: CacheMark } {
  const { type, ttl } = members(raw.cache_control)
  return type === 'ephemeral' ? { cache: ttl === '1h' ? '1h' : '5m' } : {}
}

/** True for a call that waits for the client; code which the provider runs calls tools as well, and names itself. */
export function callsClient({ type, caller }: Raw): boolean {
  return type === 'tool_use' && (members(caller).type ?? 'direct') === 'direct'
}

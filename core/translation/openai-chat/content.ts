// The content of a message, which is a text or a list of parts, and the blocks that it stands for. Used by the readers and
// writers of messages.
import type { Block, CacheMark, Media, MediaBlock } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { members } from '../../dialect/openai/words.ts'

type Raw = Readonly<Record<string, unknown>>

/** A string, or nothing of what is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The blocks of a content; an empty text is no block. */
export function readContent(content: unknown, dialect: string): Block[] {
  if (Array.isArray(content)) return content.map(part => readPart(members(part), dialect))
  const text = textOf(content)
  return text === '' ? [] : [{ kind: 'text', text }]
}

function readPart(part: Raw, dialect: string): Block {
  const cache = cacheOf(part)
  const marked = cache === undefined ? {} : { cache }
  switch (part.type) {
    case 'text': return { kind: 'text', text: textOf(part.text), ...marked }
    case 'refusal': return { kind: 'refusal', text: textOf(part.refusal) }
    case 'thinking': return { kind: 'reasoning', text: thoughtOf(part.thinking) }
    case 'image_url': {
      const detail = textOf(members(part.image_url).detail)
      const block = linked('image', part.image_url)
      return block === undefined ? opaque(part, dialect) : { ...block, ...(detail !== '' && { detail }), ...marked }
    }
    case 'document_url': {
      const name = textOf(part.document_name)
      const block = linked('file', part.document_url)
      return block === undefined ? opaque(part, dialect) : { ...block, ...(name !== '' && { name }), ...marked }
    }
    case 'input_audio': {
      const { data, format } = members(part.input_audio)
      const base64 = textOf(data) || textOf(part.input_audio)
      if (base64 === '') return opaque(part, dialect)
      return { kind: 'audio', media: { at: 'data', base64, mediaType: AUDIO_TYPE[textOf(format)] ?? 'audio/wav' }, ...marked }
    }
    case 'file': {
      const media = fileMedia(part, dialect)
      const name = textOf(members(part.file).filename)
      return media === undefined ? opaque(part, dialect) : { kind: 'file', media, ...(name !== '' && { name }), ...marked }
    }
    default: return opaque(part, dialect)
  }
}

function opaque(part: Raw, dialect: string): Block {
  return { kind: 'opaque', dialect, type: textOf(part.type), raw: part }
}

/** What was thought: a text, or texts in a list. */
function thoughtOf(thinking: unknown): string {
  return textOf(thinking) || listOf(thinking).map(part => textOf(part.text)).join('')
}

/** What a link says: the URL itself, or an object with it. */
function linked(kind: 'image' | 'file', link: unknown): MediaBlock | undefined {
  const url = textOf(link) || textOf(members(link).url)
  return url === '' ? undefined : { kind, media: mediaAt(url) }
}

function fileMedia(part: Raw, dialect: string): Media | undefined {
  const { file_data, file_id } = members(part.file)
  const id = textOf(file_id) || textOf(part.file_id)
  if (id !== '') return { at: 'id', id, dialect }
  const data = textOf(file_data)
  if (data === '') return undefined
  return data.startsWith('data:') ? mediaAt(data) : { at: 'data', base64: data, mediaType: 'application/pdf' }
}

/** What a URL points at, which may be in the URL itself (RFC 2397). */
function mediaAt(url: string): Media {
  const comma = url.startsWith('data:') ? url.indexOf(',') : -1
  const head = url.slice('data:'.length, comma)
  if (comma === -1 || !head.endsWith(';base64')) return { at: 'url', url }
  return { at: 'data', base64: url.slice(comma + 1), mediaType: head.slice(0, head.indexOf(';')) || 'text/plain' }
}

/** The picture behind an `image_url` part, as some vendors answer with. */
export function pictureOf(part: unknown): MediaBlock | undefined {
  return linked('image', members(part).image_url)
}

/** OpenAI's break points, and the marks that other vendors took over from Anthropic. */
function cacheOf(part: Raw): CacheMark | undefined {
  if (textOf(members(part.cache_control).type) !== '') return members(part.cache_control).ttl === '1h' ? '1h' : '5m'
  return textOf(members(part.prompt_cache_breakpoint).mode) === '' ? undefined : '5m'
}

const AUDIO_TYPE: Readonly<Record<string, string>> = { wav: 'audio/wav', mp3: 'audio/mpeg' }
const AUDIO_FORMAT: Readonly<Record<string, string>> = {
  'audio/wav': 'wav', 'audio/x-wav': 'wav', 'audio/wave': 'wav', 'audio/mpeg': 'mp3', 'audio/mp3': 'mp3',
}

/** The URL of bytes (RFC 2397), or the URL that stands for them. */
export function urlOf(media: Extract<Media, { at: 'data' | 'url' }>): string {
  return media.at === 'url' ? media.url : `data:${media.mediaType};base64,${media.base64}`
}

/** A picture, a sound or a file as OpenAI's part of a content; undefined where it has none for it. */
export function partOf({ kind, media, name, detail }: MediaBlock): object | undefined {
  switch (kind) {
    case 'image':
      if (media.at === 'id') return undefined
      return { type: 'image_url', image_url: { url: urlOf(media), ...(detail !== undefined && { detail }) } }
    case 'audio': {
      if (media.at !== 'data') return undefined
      const format = AUDIO_FORMAT[media.mediaType]
      return format === undefined ? undefined : { type: 'input_audio', input_audio: { data: media.base64, format } }
    }
    case 'file':
      if (media.at === 'id') return media.dialect === 'openai-chat' ? { type: 'file', file: { file_id: media.id } } : undefined
      return media.at === 'data' ? { type: 'file', file: { filename: name ?? 'document', file_data: urlOf(media) } } : undefined
  }
}

// The parts of a message's content, and of what a tool gave back: read and written. Used by turns.ts and items.ts.
import type { Block, CacheMark, Media, MediaBlock, TextBlock } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { members } from '../../dialect/openai/words.ts'
import { readAnnotations } from '../openai-chat/citation.ts'
import { pictureOf, textOf, urlOf } from '../openai-chat/content.ts'
import { DIALECT } from './seal.ts'

type Raw = Readonly<Record<string, unknown>>

/** The blocks of a content; an empty text is no block. */
export function readContent(content: unknown): Block[] {
  if (Array.isArray(content)) return listOf(content).map(readPart)
  const text = textOf(content)
  return text === '' ? [] : [{ kind: 'text', text }]
}

function readPart(part: Raw): Block {
  const marked: { cache?: CacheMark } = textOf(members(part.prompt_cache_breakpoint).mode) === '' ? {} : { cache: '5m' }
  const opaque: Block = { kind: 'opaque', dialect: DIALECT, type: textOf(part.type), raw: part }
  switch (part.type) {
    case 'input_text':
    case 'output_text':
    case 'text': {
      const citations = readAnnotations(part.annotations)
      return { kind: 'text', text: textOf(part.text), ...(citations.length > 0 && { citations }), ...marked }
    }
    case 'refusal': return { kind: 'refusal', text: textOf(part.refusal) }
    case 'input_image': {
      const media = mediaOf(part.file_id, part.image_url)
      const detail = textOf(part.detail)
      return media === undefined ? opaque : { kind: 'image', media, ...(detail !== '' && { detail }), ...marked }
    }
    case 'input_file': {
      const data = textOf(part.file_data)
      const bare: Media | undefined = data === '' || data.startsWith('data:') ? undefined : {
        at: 'data', base64: data, mediaType: 'application/pdf',
      }
      const media = bare ?? mediaOf(part.file_id, data || part.file_url)
      const name = textOf(part.filename)
      return media === undefined ? opaque : { kind: 'file', media, ...(name !== '' && { name }), ...marked }
    }
    case 'input_audio': {
      const { data, format } = members(part.input_audio)
      if (textOf(data) === '') return opaque
      return {
        kind: 'audio', media: { at: 'data', base64: textOf(data), mediaType: format === 'mp3' ? 'audio/mpeg' : 'audio/wav' },
        ...marked,
      }
    }
    default: return opaque
  }
}

function mediaOf(fileId: unknown, url: unknown): Media | undefined {
  const id = textOf(fileId)
  if (id !== '') return { at: 'id', id, dialect: DIALECT }
  return pictureOf({ image_url: textOf(url) })?.media
}

/** A text, a picture or a file as a part of an input; undefined where there is no part for it. */
export function inputPart(block: TextBlock | MediaBlock): object | undefined {
  if (block.kind === 'text') return { type: 'input_text', text: block.text }
  const { kind, media, name, detail } = block
  if (kind === 'audio' || (media.at === 'id' && media.dialect !== DIALECT)) return undefined
  if (kind === 'image') {
    const from = media.at === 'id' ? { file_id: media.id } : { image_url: urlOf(media) }
    return { type: 'input_image', ...from, detail: detail ?? 'auto' }
  }
  switch (media.at) {
    case 'id': return { type: 'input_file', file_id: media.id }
    case 'url': return { type: 'input_file', file_url: media.url }
    case 'data': return { type: 'input_file', filename: name ?? 'document', file_data: urlOf(media) }
  }
}

// Pictures, sounds and documents as Bedrock takes them: bytes or S3, and a word for the format. Called by read-blocks.ts and
// write-blocks.ts.
import type { MediaBlock } from '../../../sdk/index.ts'
import { members } from '../../dialect/openai/words.ts'
import { textOf } from '../anthropic-messages/payload.ts'
import { untranslatable } from '../anthropic-messages/write-blocks.ts'

type Kind = MediaBlock['kind']

/** Media types by the word for the format, the usual one first. */
const TYPES: Readonly<Record<Kind, Readonly<Record<string, readonly string[]>>>> = {
  image: { png: ['image/png'], jpeg: ['image/jpeg', 'image/jpg'], gif: ['image/gif'], webp: ['image/webp'] },
  audio: {
    mp3: ['audio/mpeg', 'audio/mp3'], wav: ['audio/wav', 'audio/x-wav', 'audio/wave'], ogg: ['audio/ogg'], flac: ['audio/flac'],
    aac: ['audio/aac'], opus: ['audio/opus'], m4a: ['audio/mp4', 'audio/m4a'], webm: ['audio/webm'],
  },
  file: {
    pdf: ['application/pdf'], txt: ['text/plain'], csv: ['text/csv'], html: ['text/html'], md: ['text/markdown'],
    doc: ['application/msword'], docx: ['application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
    xls: ['application/vnd.ms-excel'], xlsx: ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  },
}

const KINDS: Readonly<Record<string, Kind>> = { image: 'image', audio: 'audio', document: 'file' }
const MEMBER: Readonly<Record<Kind, string>> = { image: 'image', audio: 'audio', file: 'document' }

/** Reads the member of a block named `image`, `audio` or `document`; undefined where it is no bytes and no place in S3. */
export function readMedia(member: string, raw: unknown): MediaBlock | undefined {
  const kind = Object.hasOwn(KINDS, member) ? KINDS[member] : undefined
  if (kind === undefined) return undefined
  const { format, source, name } = members(raw)
  const { bytes, text, s3Location } = members(source)
  const mediaType = TYPES[kind][textOf(format)]?.[0] ?? 'application/octet-stream'
  const named = typeof name === 'string' ? { name } : {}
  if (typeof bytes === 'string') return { kind, media: { at: 'data', base64: bytes, mediaType }, ...named }
  if (typeof text === 'string') {
    const base64 = Buffer.from(text).toString('base64')
    return { kind, media: { at: 'data', base64, mediaType: 'text/plain' }, ...named }
  }
  const { uri } = members(s3Location)
  if (typeof uri === 'string') return { kind, media: { at: 'url', url: uri, mediaType }, ...named }
}

/**
 * Writes it. `names` are those of the documents before it: no two may share one. Throws `untranslatable` for what Bedrock does
 * not take.
 */
export function writeMedia({ kind, media, name }: MediaBlock, field: string, names: Set<string>): Record<string, unknown> {
  if (media.at === 'id') throw untranslatable(field, 'cannot see what was uploaded elsewhere')
  if (media.at === 'url' && !media.url.startsWith('s3://')) throw untranslatable(field, 'takes bytes and S3, no other URLs')
  const source = media.at === 'data' ? { bytes: media.base64 } : { s3Location: { uri: media.url } }
  const format = Object.entries(TYPES[kind]).find(([, types]) => types.some(one => one === media.mediaType))?.[0]
    ?? endingOf(kind, media.at === 'url' ? media.url : name ?? '')
  if (format === undefined) throw untranslatable(field, `does not know this kind of ${kind}`)
  return { [MEMBER[kind]]: { format, ...(kind === 'file' && { name: documentName(name, names) }), source } }
}

function endingOf(kind: Kind, name: string): string | undefined {
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase()
  return Object.hasOwn(TYPES[kind], ending) ? ending : undefined
}

/** A name in Bedrock's alphabet that none before it had. */
function documentName(name: string | undefined, names: Set<string>): string {
  const legal = (name ?? '').replaceAll(/[^A-Za-z0-9()[\]-]+/g, ' ').trim().slice(0, 180) || 'document'
  const unique = names.has(legal) ? `${legal} ${names.size + 1}` : legal
  names.add(unique)
  return unique
}

// One part of a message in Gemini's words, and back. Used by the readers and writers of requests, answers and streams.
import type { Block, MediaBlock, OpaqueBlock, Signature, ToolCallBlock } from '../../../sdk/index.ts'
import { fieldsOf, isObject, textOf, type Fields } from './proto.ts'

/** The name under which signatures and opaque blocks are kept. */
export const DIALECT = 'gemini'

/** The proof that a part carries. */
export function signatureOf(part: Fields): { readonly signature?: Signature } {
  const value = textOf(part.thoughtSignature)
  return value === '' ? {} : { signature: { dialect: DIALECT, value } }
}

/** A part with bytes, or with a reference to them; undefined for any other. */
export function mediaOf(part: Fields): MediaBlock | undefined {
  // Which seconds of a video to look at: nothing that another format has.
  if (part.videoMetadata !== undefined) return undefined
  const inline = fieldsOf(part.inlineData)
  const file = fieldsOf(part.fileData)
  const uri = textOf(file.fileUri)
  const name = textOf(inline.displayName) || textOf(file.displayName)
  const named = name === '' ? {} : { name }
  if (typeof inline.data === 'string') {
    const mediaType = textOf(inline.mimeType)
    return { kind: kindOf(mediaType), media: { at: 'data', base64: inline.data, mediaType }, ...named }
  }
  if (uri === '') return undefined
  const mediaType = textOf(file.mimeType)
  // Uploads and buckets open to Google's own models only.
  if (/^gs:|^https:\/\/generativelanguage\.googleapis\.com\//.test(uri)) {
    return { kind: kindOf(mediaType), media: { at: 'id', id: uri, dialect: DIALECT }, ...named }
  }
  return { kind: kindOf(mediaType), media: { at: 'url', url: uri, ...(mediaType !== '' && { mediaType }) }, ...named }
}

const kindOf = (mediaType: string): MediaBlock['kind'] =>
  mediaType.startsWith('image/') ? 'image' : mediaType.startsWith('audio/') ? 'audio' : 'file'

/** Any other part (`executableCode`, `codeExecutionResult`); undefined where it holds nothing. */
export function opaqueOf(part: Fields): OpaqueBlock | undefined {
  const type = Object.keys(part).find(key => key !== 'thought' && key !== 'thoughtSignature')
  return type === undefined ? undefined : { kind: 'opaque', dialect: DIALECT, type, raw: part }
}

/** The part for a block; undefined for what has no place here. A result of a tool is no part of its own. */
export function partOf(block: Block): Fields | undefined {
  switch (block.kind) {
    case 'text': return { text: block.text, ...proof(block.signature) }
    case 'refusal': return { text: block.text }
    case 'reasoning':
      return block.redacted === undefined ? { text: block.text, thought: true, ...proof(block.signature) } : undefined
    case 'tool_call': return callPart(block)
    case 'opaque': return block.dialect === DIALECT && isObject(block.raw) ? block.raw : undefined
    case 'tool_result': return undefined
    default: return mediaPart(block)
  }
}

/** The field for a signature, where this format made it. */
export function proof(signature: Signature | undefined): Fields {
  return signature?.dialect === DIALECT ? { thoughtSignature: signature.value } : {}
}

/** Undefined where the arguments are no JSON object: a call that was cut off, or spoilt by its model. */
function callPart({ id, name, args, signature }: ToolCallBlock): Fields | undefined {
  const told = argsOf(args)
  return told && { functionCall: { id, name, args: told }, ...proof(signature) }
}

/** The arguments of a call as an object, which Gemini's calls hold; undefined where they are none. */
export function argsOf(args: string): Fields | undefined {
  if (args.trim() === '') return {}
  try {
    const told: unknown = JSON.parse(args)
    return isObject(told) ? told : undefined
  } catch {
    return undefined
  }
}

/** Undefined for an upload to another vendor. */
function mediaPart({ media, name, kind }: MediaBlock): Fields | undefined {
  const displayName = name === undefined ? {} : { displayName: name }
  switch (media.at) {
    case 'data': return { inlineData: { mimeType: media.mediaType, data: media.base64, ...displayName } }
    case 'url': {
      const mimeType = media.mediaType ?? typeByName(media.url, kind)
      return { fileData: { mimeType, fileUri: media.url, ...displayName } }
    }
    case 'id': return media.dialect === DIALECT ? { fileData: { fileUri: media.id, ...displayName } } : undefined
  }
}

const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png', webp: 'image/webp', gif: 'image/gif', heic: 'image/heic', jpg: 'image/jpeg', jpeg: 'image/jpeg',
  pdf: 'application/pdf', txt: 'text/plain', csv: 'text/csv', html: 'text/html', mp4: 'video/mp4', webm: 'video/webm',
  mp3: 'audio/mpeg', wav: 'audio/wav', flac: 'audio/flac', ogg: 'audio/ogg',
}
const USUAL = { image: 'image/jpeg', audio: 'audio/mpeg', file: 'application/pdf' } as const

/** Vertex wants a type with every reference: by the ending of its path, else the usual one of its kind. */
function typeByName(url: string, kind: MediaBlock['kind']): string {
  const ending = URL.parse(url)?.pathname.split('.').at(-1)?.toLowerCase() ?? ''
  return Object.hasOwn(TYPES, ending) ? TYPES[ending]! : USUAL[kind]
}

// What of a request is no text: pictures, whose tokens vendors bound, and what nobody can bound before it is read (sound, films,
// files). Used by reservation.ts.
import type { Place, Tape } from '../sdk/index.ts'
import { read } from './reading.ts'

/**
 * Tokens of a picture, at most. The dearest formula that a vendor tells is OpenAI's for gpt-4o-mini: 2,833, and 5,667 for each
 * tile of 512 x 512, once the picture fits in 2048 x 2048 and its shorter side in 768: eight tiles. Others stay below: gpt-4o
 * 1,445 (85 and 170), OpenAI's models since gpt-5.6 36,000 (1.2 for each patch of 32 x 32, and no more than 30,000 of these),
 * Anthropic 4,784, Qwen 16,384; Gemini has 258 for each tile of what is scaled to 3072 x 3072, or a fixed number below 3,000.
 */
export const PICTURE = 2833 + 8 * 5667

/** What a request holds beside its text. */
export interface Media {
  readonly pictures: number
  /** The member that holds the first thing whose tokens nobody can bound. */
  readonly unbounded: string | undefined
}

/** Looks for media: by its member's name, wherever it stands, unless the map says that it is text (a tool's schema has any names). */
export function mediaIn(tape: Tape, map: Place): Media {
  const named = look(tape, 0, NO_TEXTS, { pictures: 0, unbounded: undefined })
  if (named.pictures === 0 && named.unbounded === undefined) return named
  return look(tape, 0, new Set(read(tape, map).spots.map(({ node }) => node)), { pictures: 0, unbounded: undefined })
}

const NO_TEXTS: ReadonlySet<number> = new Set()

type Found = { -readonly [Key in keyof Media]: Media[Key] }

/** `texts` are the nodes that the map calls text; what stands in one of them belongs to it. */
function look(tape: Tape, node: number, texts: ReadonlySet<number>, found: Found): Found {
  const kind = tape.kind(node)
  if ((kind !== 'object' && kind !== 'array') || texts.has(node)) return found
  for (let child = tape.first(node); child !== -1; child = tape.next(child)) {
    const media = kind === 'object' ? mediaAt(tape, node, child) : undefined
    if (media === undefined || !holdsData(tape, child, texts)) look(tape, child, texts, found)
    else if (media === 'picture') found.pictures++
    else found.unbounded ??= tape.key(child)
  }
  return found
}

function mediaAt(tape: Tape, object: number, member: number): 'picture' | 'other' | undefined {
  switch (tape.key(member)) {
    case 'image_url': case 'image': return isPicture(tape, member) ? 'picture' : 'other'
    case 'inlineData': case 'inline_data': return isPictureType(tape, member) ? 'picture' : 'other'
    case 'input_audio': case 'audio_url': case 'video_url': case 'input_video': case 'video': case 'document_url':
    case 'file': case 'file_url': case 'file_data': case 'fileData': return 'other'
    // What they hold, the part says, and so does a source that is text.
    case 'source': return TEXTS.has(textAt(tape, member, 'type') ?? '') ? undefined : PARTS.get(textAt(tape, object, 'type') ?? '')
    case 'file_id': case 'result': return PARTS.get(textAt(tape, object, 'type') ?? '')
    default: return undefined
  }
}

/** Parts by their types; in others (a citation) a file is only named. */
const PARTS: ReadonlyMap<string, 'picture' | 'other'> = new Map([
  ['image', 'picture'], ['input_image', 'picture'], ['computer_screenshot', 'picture'], ['image_generation_call', 'picture'],
  ['document', 'other'], ['file', 'other'], ['input_file', 'other'],
])
const TEXTS: ReadonlySet<string> = new Set(['text', 'content'])

/** False for other bytes in a picture's place (RFC 2397), which some servers take by what they are. */
function isPicture(tape: Tape, link: number): boolean {
  const url = tape.kind(link) === 'object' ? tape.find(link, 'url') : link
  return url === -1 || tape.kind(url) !== 'string' || !/^data:(?!image\/)/i.test(beginningOf(tape, url))
}

/** Of a string that may be long. */
function beginningOf(tape: Tape, node: number): string {
  const start = tape.start(node) + 1
  const raw = tape.bytes.toString('latin1', start, Math.min(start + 24, tape.end(node)))
  return raw.includes('\\') ? tape.text(node)! : raw
}

function isPictureType(tape: Tape, data: number): boolean {
  return /^image\//i.test(textAt(tape, data, 'mimeType') ?? textAt(tape, data, 'mime_type') ?? '')
}

function textAt(tape: Tape, node: number, name: string): string | undefined {
  return tape.kind(node) === 'object' ? tape.text(tape.find(node, name)) : undefined
}

/** True where some string in it is no text. */
function holdsData(tape: Tape, node: number, texts: ReadonlySet<number>): boolean {
  if (texts.has(node)) return false
  const kind = tape.kind(node)
  if (kind === 'string') return true
  if (kind !== 'object' && kind !== 'array') return false
  for (let child = tape.first(node); child !== -1; child = tape.next(child)) if (holdsData(tape, child, texts)) return true
  return false
}

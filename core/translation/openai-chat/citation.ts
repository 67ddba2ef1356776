// Sources of what was said. OpenAI calls them annotations, and tells them alike in both of its formats, but for an object
// around them in chat. Used by the readers and writers of both, and by those of other formats that count in all of a text.
import type { Citation } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { count, members } from '../../dialect/openai/words.ts'
import { textOf } from './content.ts'

type Raw = Readonly<Record<string, unknown>>

/** The citations of a list of annotations. Files are told by their names; what names no source at all is none. */
export function readAnnotations(annotations: unknown): Citation[] {
  return listOf(annotations).flatMap(annotation => {
    const told: Raw = { ...annotation, ...members(annotation.url_citation) }
    const title = textOf(told.title) || textOf(told.filename) || textOf(told.file_id)
    const [start, end] = [count(told.start_index), count(told.end_index)]
    const extent = start === undefined || end === undefined || end <= start ? {} : { start, end }
    return citationOf({ url: textOf(told.url), title, quoted: textOf(told.content) }, extent)
  })
}

/** Links that stand beside all choices, as Perplexity and xAI tell them, as annotations. */
export function listedLinks({ citations }: Raw): readonly object[] {
  return Array.isArray(citations) ? citations.filter(url => typeof url === 'string').map(url => ({ url })) : []
}

/** A citation of what is not `''`; none of nothing. */
export function citationOf(
  { url = '', title = '', quoted = '' }: Pick<Citation, 'url' | 'title' | 'quoted'>, extent: Pick<Citation, 'start' | 'end'> = {},
): [Citation] | [] {
  const source = { ...(url !== '' && { url }), ...(title !== '' && { title }), ...(quoted !== '' && { quoted }) }
  return Object.keys(source).length === 0 ? [] : [{ ...extent, ...source }]
}

/** Where a text begins in all that was said. */
export interface Stretch {
  readonly block: number
  readonly from: number
}

/** A citation, and the text that it is for and counts in. */
export interface Placed {
  readonly block: number
  readonly citation: Citation
}

/** The place of a citation that counts in all that was said; none where nothing was. */
export function placed(citation: Citation, texts: readonly Stretch[]): [Placed] | [] {
  const { start, end, ...source } = citation
  const text = texts.findLast(({ from }) => start === undefined || from <= start)
  if (text === undefined) return []
  const extent = start === undefined || end === undefined ? {} : { start: start - text.from, end: end - text.from }
  return [{ block: text.block, citation: { ...extent, ...source } }]
}

/** A citation that has a link, and the part of all that was said which it is for. */
export interface Linked extends Citation {
  readonly start: number
  readonly end: number
  readonly url: string
}

/**
 * What formats can tell that know links alone, and want to know for which part of a text: it has so many units, and begins
 * at `from` in all that was said.
 */
export function linked({ url, start = 0, end, ...source }: Citation, length: number, from = 0): [Linked] | [] {
  return url === undefined ? [] : [{ ...source, url, start: start + from, end: (end ?? length) + from }]
}

/** An annotation in the words of Responses. */
export function annotationOf({ start, end, url, title = '' }: Linked): object {
  return { type: 'url_citation', start_index: start, end_index: end, url, title }
}

/** An annotation of chat. What the source says is in a field of OpenRouter's. */
export function chatAnnotationOf({ start, end, url, title = '', quoted }: Linked): object {
  const about = { start_index: start, end_index: end, url, title, ...(quoted !== undefined && { content: quoted }) }
  return { type: 'url_citation', url_citation: about }
}

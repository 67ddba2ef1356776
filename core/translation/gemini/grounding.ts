// Sources of what was said. Gemini counts in bytes of UTF-8, and in all texts of a candidate that are no thoughts. Used by
// the readers and writers of answers and streams.
import type { Citation } from '../../../sdk/index.ts'
import { count } from '../../dialect/openai/words.ts'
import { citationOf, type Linked } from '../openai-chat/citation.ts'
import { fieldsOf, listOf, textOf, type Fields } from './proto.ts'

/** A source, and the bytes that it is for: counted in all texts, or in one part. */
export interface Grounded {
  readonly citation: Citation
  readonly start: number | undefined
  readonly end: number | undefined
  readonly part: number
}

/** The sources of a candidate: where it looked, and whom it recites. */
export function readGrounding({ groundingMetadata, citationMetadata }: Fields): Grounded[] {
  const { groundingChunks, groundingSupports } = fieldsOf(groundingMetadata)
  const sources = listOf(groundingChunks).map(sourceOf)
  const supports = listOf(groundingSupports)
  const supported = new Set(supports.flatMap(indicesIn))
  const { citations, citationSources } = fieldsOf(citationMetadata)
  return [
    ...supports.flatMap(support => {
      const { startIndex, endIndex, partIndex } = fieldsOf(support.segment)
      const told = indicesIn(support).flatMap(index => sources[index] ?? [])
      return told.map(citation => at(citation, startIndex, endIndex, partIndex))
    }),
    ...sources.flatMap((source, index) => supported.has(index) ? [] : source.map(citation => at(citation))),
    ...[...listOf(citations), ...listOf(citationSources)].flatMap(({ uri, title, startIndex, endIndex }) => (
      citationOf({ url: textOf(uri), title: textOf(title) }).map(citation => at(citation, startIndex, endIndex)))),
  ]
}

function indicesIn({ groundingChunkIndices: indices }: Fields): number[] {
  return Array.isArray(indices) ? indices.filter(index => count(index) !== undefined) : []
}

/** A page, a document that was searched, or a place on the map. */
function sourceOf({ web, retrievedContext, maps }: Fields): readonly Citation[] {
  const { uri, title, text } = fieldsOf(web ?? retrievedContext ?? maps)
  return citationOf({ url: textOf(uri), title: textOf(title), quoted: textOf(text) })
}

/** JSON leaves out a start that is 0. */
function at(citation: Citation, start?: unknown, end?: unknown, part?: unknown): Grounded {
  const last = count(end)
  return { citation, start: last && (count(start) ?? 0), end: last, part: count(part) ?? 0 }
}

/** The field of a candidate for what its texts cite; none for nothing. */
export function groundingFields(text: string, cited: readonly Linked[]): Fields {
  if (cited.length === 0) return {}
  const pages = new Map(cited.map(({ url: uri, title = '' }) => [JSON.stringify([uri, title]), { uri, title }]))
  const indices = new Map([...pages.keys()].map((page, index) => [page, index]))
  const bytes = converted(text, cited.flatMap(({ start, end }) => [start, end]), 'units')
  return {
    groundingMetadata: {
      groundingChunks: [...pages.values()].map(web => ({ web })),
      groundingSupports: cited.map(({ start, end, url, title = '' }) => ({
        segment: { startIndex: bytes.get(start), endIndex: bytes.get(end) },
        groundingChunkIndices: [indices.get(JSON.stringify([url, title]))],
      })),
    },
  }
}

/**
 * Places in a text that are counted in bytes of UTF-8, counted in UTF-16 units, or the other way: by what they were. What
 * lies behind the text is its end.
 */
export function converted(text: string, places: readonly number[], counted: 'bytes' | 'units'): ReadonlyMap<number, number> {
  const found = new Map<number, number>()
  const sorted = places.toSorted((a, b) => a - b)
  let next = 0
  let [bytes, units] = [0, 0]
  const settle = (until: number): void => {
    for (let place = sorted[next]; place !== undefined && place <= until; place = sorted[++next]) {
      found.set(place, counted === 'bytes' ? units : bytes)
    }
  }
  settle(0)
  for (const char of text) {
    bytes += Buffer.byteLength(char)
    units += char.length
    settle(counted === 'bytes' ? bytes : units)
  }
  settle(Infinity)
  return found
}

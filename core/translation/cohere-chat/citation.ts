// Sources of what was said. Cohere counts in one piece of the content, or in the plan to use tools. Called by the readers and
// writers of answers and streams.
import type { Citation } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { count, members } from '../../dialect/openai/words.ts'
import { citationOf } from '../openai-chat/citation.ts'
import { textOf, type Raw } from './content.ts'

/** What is cited, and the piece of the content that it is for: undefined for thoughts, which cite nothing here. */
export interface Cited {
  readonly piece: number | 'plan' | undefined
  readonly citation: Citation
}

/** The citations of a message, one for each source. */
export function readCitations(citations: unknown): Cited[] {
  return listOf(citations).flatMap(({ start, end, sources, content_index: index, type }) => {
    const [from, to] = [count(start), count(end)]
    const extent = from === undefined || to === undefined || to <= from ? {} : { start: from, end: to }
    const piece = type === 'PLAN' ? 'plan' : type === 'THINKING_CONTENT' ? undefined : count(index) ?? 0
    return listOf(sources).flatMap(source => sourceOf(source, extent)).map(citation => ({ piece, citation }))
  })
}

/** A document, or what a tool has brought, which may be anything. */
function sourceOf({ id, document, tool_output }: Raw, extent: Pick<Citation, 'start' | 'end'>): Citation[] {
  const told = members(document ?? tool_output)
  const url = textOf(told.url)
  const title = textOf(told.title) || (url === '' ? textOf(id) : '')
  return citationOf({ url, title, quoted: textOf(told.snippet) || textOf(told.text) }, extent)
}

/** A citation of a text, which is the piece of the content at `index`. */
export function writeCitation({ url, title, quoted, start = 0, end }: Citation, text: string, index: number): Raw {
  const to = end ?? text.length
  const document = { title, url, snippet: quoted }
  return {
    start, end: to, text: text.slice(start, to), content_index: index, type: 'TEXT_CONTENT',
    sources: [{ type: 'document', id: url ?? title ?? '', document }],
  }
}

// Sources of what was said, which stand at the text that they are for: all of it. Called by the readers and writers of blocks
// and streams.
import type { Citation } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { citationOf } from '../openai-chat/citation.ts'
import { textOf } from './payload.ts'

/** The citations of a text. A search result is a page, or anything that has a name. */
export function readCitations(citations: unknown): Citation[] {
  return listOf(citations).flatMap(({ url, title, document_title, source, cited_text }) => {
    const page = textOf(url) || (/^https?:/.test(textOf(source)) ? textOf(source) : '')
    const name = textOf(title) || textOf(document_title) || (page === '' ? textOf(source) : '')
    return citationOf({ url: page, title: name, quoted: textOf(cited_text) })
  })
}

/** The citation of a page. The others point into documents of the request; what Anthropic knows a page by, nobody else has. */
export function writeCitation({ url, title, quoted = '' }: Citation): [object] | [] {
  if (url === undefined) return []
  return [{ type: 'web_search_result_location', cited_text: quoted, url, title: title ?? null, encrypted_index: '' }]
}

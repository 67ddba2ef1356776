// Cuts a document into passages: whole paragraphs as far as they fit, under the heading that they stand under. Called by
// retrieve.ts. Linear in the text.

/** Characters that a passage should have, and that it has at most; the last of them are where an embedder stops listening. */
const GOOD = 600
const MOST = 1000

/** The passages of a text or of Markdown, in their order. */
export function passagesOf(text: string): string[] {
  const passages: string[] = []
  let heading = ''
  let open = ''
  const close = (): void => {
    if (open !== '') passages.push(heading === '' ? open : `${heading}\n${open}`)
    open = ''
  }
  for (const paragraph of text.replaceAll('\r\n', '\n').split(/\n[ \t]*\n/)) {
    for (const piece of piecesOf(paragraph.trim())) {
      const title = /^#{1,6} +(\S.*)/.exec(piece)
      if (title !== null || open.length + piece.length > GOOD) close()
      if (title === null) {
        open += open === '' ? piece : `\n\n${piece}`
        continue
      }
      heading = title[1]!.slice(0, 200)
      open = piece.slice(title[0].length).trim()
    }
  }
  close()
  return passages
}

/** A paragraph, cut between words where it is too long for one passage. */
function* piecesOf(paragraph: string): Generator<string> {
  for (let at = 0; at < paragraph.length;) {
    const end = at + MOST >= paragraph.length ? paragraph.length : endNear(paragraph, at)
    const piece = paragraph.slice(at, end).trim()
    if (piece !== '') yield piece
    at = end
  }
}

/** Behind the last sentence that fits, or the last word. */
function endNear(text: string, from: number): number {
  const room = text.slice(from + GOOD, from + MOST)
  const sentence = Math.max(room.lastIndexOf('. '), room.lastIndexOf('\n'))
  const at = sentence === -1 ? room.lastIndexOf(' ') : sentence
  return from + (at === -1 ? MOST : GOOD + at + 1)
}

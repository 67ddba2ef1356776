// JSON over several lines, for the eyes of an operator. Works on the text: numbers, escapes and repeated names stay as
// they are written, which parsing would not keep. Called by explanation-text.ts.

/** Deeper levels are no longer moved to the right: so the result stays in proportion to what came. */
const DEEPEST = 64

/** The same JSON with an indent of two. What is no JSON comes back as it is. */
export function indented(json: string): string {
  if (!isJson(json)) return json
  const parts: string[] = []
  let depth = 0
  let opened = false
  const line = (): string => `\n${'  '.repeat(Math.min(depth, DEEPEST))}`
  for (let at = 0; at < json.length;) {
    const end = endOfToken(json, at)
    const token = json.slice(at, end)
    at = end
    if (kindOf(token[0]!) === 'space') continue
    const closes = token === '}' || token === ']'
    if (closes) depth--
    // Nothing stands on a line of its own in what is empty.
    if (opened !== closes) parts.push(line())
    opened = token === '{' || token === '['
    if (opened) depth++
    parts.push(token === ':' ? ': ' : token)
    if (token === ',') parts.push(line())
  }
  return parts.join('')
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** A string, a mark, a run of space, or a run of all else. */
function endOfToken(json: string, start: number): number {
  const kind = kindOf(json[start]!)
  let end = start + 1
  if (kind === 'string') {
    while (json[end] !== '"') end += json[end] === '\\' ? 2 : 1
    return end + 1
  }
  if (kind !== 'mark') while (end < json.length && kindOf(json[end]!) === kind) end++
  return end
}

function kindOf(character: string): 'string' | 'mark' | 'space' | 'word' {
  if (character === '"') return 'string'
  if ('{}[],:'.includes(character)) return 'mark'
  return ' \n\r\t'.includes(character) ? 'space' : 'word'
}

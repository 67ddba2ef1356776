// Counts tokens of texts whose provider did not: OpenAI's o200k_base, near enough for every vendor to bill an estimate.
// Called by ../meter.ts.

/** Tokens of several texts together. */
export type Count = (texts: readonly string[]) => number

/** Byte-pair merging takes quadratic time on unbroken runs, so none longer than this reaches it, in UTF-16 code units. */
const LONGEST_RUN = 128

/** Code units of one call that are counted; what lies beyond is taken to be alike. About ten milliseconds of work. */
const COUNTED = 65_536

/** Loads the tokenizer, which takes a fifth of a second and 70 MB: only where something has to be counted. */
export async function loadCounter(): Promise<Count> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base')
  // Text that spells a special token (`<|endoftext|>`) is text like any other.
  const options = { disallowedSpecial: new Set<string>() }
  return texts => {
    let tokens = 0
    let counted = 0
    let length = 0
    for (const text of texts) {
      length += text.length
      const part = text.slice(0, COUNTED - counted)
      counted += part.length
      for (const piece of cutRuns(part)) tokens += countTokens(piece, options)
    }
    return counted === length ? tokens : Math.round(tokens / counted * length)
  }
}

/** The text in pieces without a run of letters, spaces or punctuation beyond the limit; mostly the text itself. */
export function cutRuns(text: string): string[] {
  const pieces: string[] = []
  let from = 0
  let run = 0
  let last = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const kind = kindOf(code)
    if (kind !== last || run === 0) {
      last = kind
      run = 1
    } else if (++run > LONGEST_RUN && !isLowSurrogate(code)) {
      pieces.push(text.slice(from, i))
      from = i
      run = 1
    }
  }
  if (from < text.length) pieces.push(from === 0 ? text : text.slice(from))
  return pieces
}

const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff

/** 1 letters and everything foreign, 2 white space, 3 digits, 4 punctuation: what the tokenizer's own pattern keeps apart. */
function kindOf(code: number): number {
  if (code >= 0x80 || ((code | 32) >= 97 && (code | 32) <= 122)) return 1
  if (code <= 32) return 2
  return code >= 48 && code <= 57 ? 3 : 4
}

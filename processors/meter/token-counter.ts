// Counts tokens of texts whose provider did not: OpenAI's o200k_base, near enough for every vendor to bill an estimate. In
// linear time, and never for long at once. Called by ../meter.ts.

/** Tokens of several texts together; a promise of them where there is so much text that the loop gets its turn in between. */
export type Count = (texts: readonly string[]) => number | Promise<number>

/** Byte-pair merging takes quadratic time on unbroken runs, so none longer than this reaches it, in UTF-16 code units. */
export const LONGEST_RUN = 128

/** Code units after which others get their turn: about ten milliseconds of work. */
export const TURN = 65_536

/** Code units of a piece. */
export const LONGEST_PIECE = TURN + LONGEST_RUN

/** Loads the tokenizer, which takes a fifth of a second and 70 MB. */
export async function loadCounter(): Promise<Count> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base')
  // Text that spells a special token (`<|endoftext|>`) is text like any other.
  const options = { disallowedSpecial: new Set<string>() }

  function countOn(pieces: Iterator<string>, before: number): number | Promise<number> {
    let tokens = before
    let left = TURN
    for (let next = pieces.next(); next.done !== true; next = pieces.next()) {
      tokens += countTokens(next.value, options)
      left -= next.value.length
      if (left <= 0) return nextTurn().then(() => countOn(pieces, tokens))
    }
    return tokens
  }
  return texts => countOn(piecesOf(texts), 0)
}

/** Lets the loop do what has come up meanwhile. A sandbox has none, nor anyone else in it. */
function nextTurn(): Promise<void> {
  return typeof setImmediate === 'undefined' ? Promise.resolve() : new Promise(resolve => { setImmediate(resolve) })
}

/** The texts in pieces that hold no run beyond the limit, mostly whole. */
export function* piecesOf(texts: readonly string[]): Generator<string, void> {
  for (const text of texts) {
    for (let from = 0, end = 0; from < text.length; from = end) {
      end = pieceEnd(text, from)
      yield text.slice(from, end)
    }
  }
}

/** Where the piece that begins at `from` ends: before a run gets too long or, where the piece does, between two tokens. */
function pieceEnd(text: string, from: number): number {
  let run = 0
  let last = 0
  let lastKind = 0
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const kind = kindOf(code)
    if (parts(lastKind, kind, last, code)) {
      // No token goes on with a space; where there is none, any border has to do.
      if (at - from >= (code === BLANK && lastKind !== SPACE ? TURN : LONGEST_PIECE)) return at
      run = 0
    }
    if (++run > LONGEST_RUN && !(isLowSurrogate(code) && isHighSurrogate(last))) return at
    last = code
    lastKind = kind
  }
  return text.length
}

const LETTER = 1
const SPACE = 2
const DIGIT = 3
const SIGN = 4
/** Letters, marks and signs of all other scripts. */
const FOREIGN = 5

/**
 * True between two characters that the tokenizer's own pattern never takes into one token, but for a character or two at
 * either side. Letters stay with foreign ones, signs with foreign ones, and slashes with the line breaks behind signs.
 */
function parts(lastKind: number, kind: number, last: number, code: number): boolean {
  if (kind === DIGIT || lastKind === DIGIT) return true
  if (kind === lastKind) return false
  if (kind === SPACE || lastKind === SPACE) return !isSlashed(last, code)
  return kind !== FOREIGN && lastKind !== FOREIGN
}

/** A slash and a line break, in either order. */
function isSlashed(last: number, code: number): boolean {
  return (last === SLASH && isBreak(code)) || (code === SLASH && isBreak(last))
}

const BLANK = 0x20
const SLASH = 0x2f
const isBreak = (code: number): boolean => code === 0x0a || code === 0x0d
const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff
const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff

function kindOf(code: number): number {
  if (code >= 0x80) return isForeignSpace(code) ? SPACE : FOREIGN
  if ((code | 32) >= 97 && (code | 32) <= 122) return LETTER
  if (code >= 48 && code <= 57) return DIGIT
  return code === 32 || (code >= 9 && code <= 13) ? SPACE : SIGN
}

/** White space beyond ASCII as regular expressions know it (ECMA-262, WhiteSpace and LineTerminator). */
function isForeignSpace(code: number): boolean {
  return code === 0xa0 || code === 0x3000 || code === 0xfeff || code === 0x1680 || (code >= 0x2000 && code <= 0x200a)
    || code === 0x2028 || code === 0x2029 || code === 0x202f || code === 0x205f
}

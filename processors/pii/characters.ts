// Tests of single UTF-16 code units, ASCII only: what stands next to a number decides whether it is one. Called by the
// entities of this folder. NaN, which is what lies beyond either end of a text, is none of these.

/** `0` to `9`. */
export const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** `A` to `Z`, either case. */
export const isLetter = (code: number): boolean => (code | 32) >= 97 && (code | 32) <= 122

/** Letter, digit or underscore: a number glued to one of these is part of a name. */
export const isWord = (code: number): boolean => isDigit(code) || isLetter(code) || code === 95

/** True where a word goes on into the offset; the `n` of an escaped line end, as JSON has it, is no word. */
export const isGlued = (text: string, at: number): boolean => isWord(text.charCodeAt(at - 1)) && text[at - 2] !== '\\'

/** True where the text stands behind `mark` and that behind a digit: the tail of a decimal, a version, a longer number. */
export function followsNumber(text: string, at: number, marks: string): boolean {
  return at >= 2 && marks.includes(text[at - 1]!) && isDigit(text.charCodeAt(at - 2))
}

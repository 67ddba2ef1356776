// How a text reads when case, typography and single invisible characters do not count: each code point by itself as NFKD
// (Unicode Standard Annex 15) in lower case, so that it can be done anywhere in a stream. Called by lexicon.ts.

/** A folded text, and where in the text each of its code units came from; undefined where nothing moved. */
export interface Folded {
  readonly text: string
  readonly offsets: readonly number[] | undefined
}

const NOT_ASCII = /[^\0-\x7f]/

/** What compatibility decomposition leaves apart, though keyboards and word processors mix them freely. */
const TYPOGRAPHY: ReadonlyMap<string, string> = new Map([
  ['\u2018', '\''], ['\u2019', '\''], ['\u02bc', '\''], ['\u2010', '-'], ['\u2011', '-'],
])

/** Characters that decompose into more than this stay as they are: U+FDFA alone would make a text eighteen times as long. */
const LONGEST_FOLD = 4

/** Folds texts. Remembers what each character of the basic plane folds to: decomposing takes microseconds. */
export class Folding {
  readonly #known = Array<string | undefined>(0x10000).fill(undefined)

  /**
   * The folded text. Two invisible characters in a row stay, and so end any match: were they dropped too, a short match
   * could be spread over any length of text.
   */
  fold(text: string): Folded {
    if (!NOT_ASCII.test(text)) return { text: text.toLowerCase(), offsets: undefined }
    const offsets: number[] = []
    let folded = ''
    let copied = 0
    for (let at = 0; at < text.length;) {
      const end = at + widthAt(text, at)
      const reading = isLoneInvisible(text, at) ? '' : this.#read(text, at, end)
      for (let i = 0; i < reading.length; i++) offsets.push(at)
      if (reading.length !== end - at || !text.startsWith(reading, at)) {
        folded += text.slice(copied, at) + reading
        copied = end
      }
      at = end
    }
    return { text: folded + text.slice(copied), offsets }
  }

  #read(text: string, at: number, end: number): string {
    if (end - at === 2) return foldOne(text.slice(at, end))
    const code = text.charCodeAt(at)
    return this.#known[code] ??= foldOne(text[at]!)
  }
}

function foldOne(character: string): string {
  // Syllables stay whole; so does half a pair, and a face is a face.
  if (character.length === 1 && character >= '\uac00' && character <= '\udfff') return character
  if (character.length === 2 && character >= '\u{1f300}' && character <= '\u{1faff}') return character
  const folded = TYPOGRAPHY.get(character) ?? character.normalize('NFKD').toLowerCase()
  return folded.length > LONGEST_FOLD ? character : folded
}

/** Code units of the code point at an offset. */
export const widthAt = (text: string, at: number): number => text.codePointAt(at)! > 0xffff ? 2 : 1

const isLoneInvisible = (text: string, at: number): boolean =>
  isInvisible(text.charCodeAt(at)) && !isInvisible(text.charCodeAt(at - 1)) && !isInvisible(text.charCodeAt(at + 1))

/** Soft hyphen, zero-width characters, bidi marks: Default_Ignorable_Code_Point, as far as it is found in text. */
function isInvisible(code: number): boolean {
  if (code < 0x200b) return code === 0xad
  if (code <= 0x200f || code === 0xfeff) return true
  return (code >= 0x202a && code <= 0x202e) || (code >= 0x2060 && code <= 0x2064) || (code >= 0x2066 && code <= 0x2069)
}

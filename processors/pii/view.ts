// How a text reads to the eye: foreign digits as ASCII digits, odd spaces and hyphens as plain ones, single invisible
// characters gone. Patterns are matched on the view; findings are told in offsets of the text itself, which is never
// changed. Called by ../pii.ts.

/** A view of a text. */
export interface View {
  readonly text: string
  /** Offset in the text of each code unit of the view; undefined where the two are the same. */
  readonly offsets: Uint32Array | undefined
}

/** The cheap first look at a text: most have nothing but ASCII, and nothing below this reads as something else. */
const FOREIGN = /[^\0-\x9f]/

const INVISIBLE = -1

/**
 * What a code unit reads as: full-width ASCII, digits of some scripts with the same decimal system, no-break and typographic
 * spaces, hyphens and minus as what they stand for; what cannot be seen as INVISIBLE. From the Unicode Character Database.
 */
function readsAs(code: number): number {
  if (code < 0xa0) return code
  if (code >= 0xff01 && code <= 0xff5e) return code - 0xfee0
  if (code > 0x3000 && code < 0xfe00) return code
  for (const zero of [0x660, 0x6f0, 0x966, 0x9e6]) {
    if (code >= zero && code <= zero + 9) return code - zero + 48
  }
  if (code === 0xa0 || (code >= 0x2000 && code <= 0x200a) || code === 0x202f || code === 0x205f || code === 0x3000) return 32
  if ((code >= 0x2010 && code <= 0x2015) || code === 0x2212 || code === 0xfe63) return 45
  if (code === 0xad || code === 0xfeff || (code >= 0x200b && code <= 0x200f)) return INVISIBLE
  if ((code >= 0x202a && code <= 0x202e) || (code >= 0x2060 && code <= 0x2069 && code !== 0x2065)) return INVISIBLE
  return code
}

/**
 * The view of a text. Two invisible characters in a row stay as they are and so end any value: were they dropped too, a
 * short value could be spread over any length of text, and a stream would have to be held back for ever.
 */
export function viewOf(text: string): View {
  if (!FOREIGN.test(text) || !isOdd(text)) return { text, offsets: undefined }
  const offsets = new Uint32Array(text.length)
  let view = ''
  let length = 0
  let copied = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const read = readsAs(code)
    if (read === code || (read === INVISIBLE && (isInvisible(text, i - 1) || isInvisible(text, i + 1)))) {
      offsets[length++] = i
      continue
    }
    view += text.slice(copied, i)
    copied = i + 1
    if (read === INVISIBLE) continue
    view += String.fromCharCode(read)
    offsets[length++] = i
  }
  return { text: view + text.slice(copied), offsets: offsets.subarray(0, length) }
}

function isOdd(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (readsAs(code) !== code) return true
  }
  return false
}

/** False beyond either end. */
const isInvisible = (text: string, at: number): boolean => readsAs(text.charCodeAt(at)) === INVISIBLE

// US social security numbers: 123-45-6789 or 123 45 6789, and nine bare digits where the text has just named them. Ruled
// out is what the Social Security Administration never issued. Called by ../pii.ts.
import { followsNumber, isDigit, isGlued } from './characters.ts'
import { fromReader, type Match, OPEN } from './entity.ts'

/** Area 000, 666 and 900 to 999, group 00 and serial 0000 were never issued. The next to last part looks behind the number. */
const GROUPED = /^(?!000|666|9)\d{3}([- ])(?!00)\d\d\1(?!0000)\d{4}(?!\w|\1\d|\.\d)/
const BARE = /^(?!000|666|9)\d{3}(?!00)\d\d(?!0000)\d{4}(?!\w|\.\d)/

/** What may still become one of them, with one character behind it. */
const OPEN_GROUPED = /^(?!000|666|9)\d{3}([- ])(?:\d?|(?!00)\d\d(?:\1(?:\d{0,3}|(?!0000)\d{4}(?:\1|\.)?))?)$/
const OPEN_AREA = /^(?!000|666|9)\d{1,3}$/
const OPEN_BARE = /^(?!000|666|9)\d{4,9}\.?$/

/** Printed in advertisements, and used by thousands since (SSA, "Social Security Cards Issued by Woolworth"). */
const NEVER_REAL = new Set(['078051120', '219099999'])

const NAMED = /\bssn\b|social.security|soc\.? ?sec\b/i
/** How far before a number its name counts, in code units. */
const NEAR = 48

const isNamed = (text: string, at: number): boolean => NAMED.test(text.slice(Math.max(0, at - NEAR), at))

/** A cheap first look: 123-45, 123 45, or nine digits and no more. */
function mayBe(text: string, at: number): boolean {
  if (isDigit(text.charCodeAt(at + 3))) return isDigit(text.charCodeAt(at + 8)) && !isDigit(text.charCodeAt(at + 9))
  return text[at + 3] === text[at + 6]
}

function read(text: string, at: number, final: boolean): Match | undefined {
  if (final && !mayBe(text, at)) return undefined
  const piece = text.slice(at, at + 13)
  if (isGlued(text, at) || followsNumber(text, at, '.')) return undefined
  if (!final && piece.length < 13) {
    const open = OPEN_AREA.test(piece)
      || (OPEN_GROUPED.test(piece) && !followsNumber(text, at, piece[3]!))
      || (OPEN_BARE.test(piece) && isNamed(text, at))
    if (open) return { start: at, end: OPEN, score: 1 }
  }
  const length = isDigit(piece.charCodeAt(3)) ? 9 : 11
  if (length === 9 ? !BARE.test(piece) : !GROUPED.test(piece) || followsNumber(text, at, piece[3]!)) return undefined
  if (NEVER_REAL.has(piece.slice(0, length).replaceAll(/\D/g, ''))) return undefined
  const named = isNamed(text, at)
  if (length === 9 && !named) return undefined
  // Presidio's weights: 0.5 for the shape, 0.05 for bare digits, and 0.35 more for the name.
  return { start: at, end: at + length, score: length === 9 ? 0.4 : named ? 0.85 : 0.5 }
}

export const usSsn = fromReader({ type: 'us-ssn', read })

// International bank account numbers, ISO 13616: country, two check digits (ISO 7064, mod 97-10), and an account whose
// length and alphabet the country sets. Either case, with single spaces between groups. Called by ../pii.ts.
import { isDigit, isGlued, isLetter, isWord } from './characters.ts'
import { fromReader, type Match, OPEN } from './entity.ts'

/**
 * Country and the shape of its account part: runs of digits (`n`), letters (`a`) or both (`c`). From the IBAN registry
 * that SWIFT keeps for ISO 13616.
 */
const SHAPES = new Map([
  'AD8n12c AE19n AL8n16c AT16n AZ4a20c BA16n BE12n BG4a6n8c BH4a14c BI23n BR23n1a1c BY4c4n16c CH5n12c CR18n CY8n16c CZ20n',
  'DE18n DJ23n DK14n DO4c20n DZ22n EE16n EG25n ES20n FI14n FK2a12n FO14n FR10n11c2n GB4a14n GE2a16n GI4a15c GL14n GR7n16c',
  'GT24c HN4a20n HR17n HU24n IE4a14n IL19n IQ4a15n IR22n IS22n IT1a10n12c JO4a4n18c KW4a22c KZ3n13c LB4n20c LC4a24c LI5n12c',
  'LT16n LU3n13c LV4a13c LY21n MA24n MC10n11c2n MD20c ME18n MK3n10c2n MN16n MR23n MT4a5n18c MU4a19n3a MZ21n NI4a20n NL4a10n',
  'NO11n OM3n16c PK4a16c PL24n PS4a21c PT21n QA4a21c RO4a16c RS18n RU14n15c SA2n18c SC4a20n3a SD14n SE20n SI15n SK20n SM1a10n12c',
  'SO19n SV4a20n TL19n TN20n TR6n16c UA6n19c VA18n VG4a16n XK16n YE4a4n18c',
].flatMap(line => line.split(' ')).map(shape => [shape.slice(0, 2), spell(shape.slice(2))]))

const FIRST_LETTERS = new Set([...SHAPES.keys()].map(country => country[0]))

/** As many as the longest number has when written in groups of four. */
const MOST_SPACES = 8

/** `4a14n` as one letter a character. */
function spell(shape: string): string {
  return shape.replaceAll(/(\d+)([nac])/g, (_, count, alphabet) => alphabet.repeat(Number(count)))
}

const fits = (code: number, alphabet: string | undefined): boolean =>
  alphabet === 'n' ? isDigit(code) : alphabet === 'a' ? isLetter(code) : isDigit(code) || isLetter(code)

function read(text: string, at: number, final: boolean): Match | undefined {
  const start = at - 2
  if (start < 0 || !isLetter(text.charCodeAt(start)) || isGlued(text, start)) return undefined
  const shape = SHAPES.get(text.slice(start, at).toUpperCase())
  if (shape === undefined) return undefined
  let compact = ''
  let spaces = 0
  let i = at
  for (; compact.length < shape.length + 2; i++) {
    if (i === text.length) return final ? undefined : { start, end: OPEN, score: 1 }
    const code = text.charCodeAt(i)
    if (code === 32 && compact.length >= 2 && text.charCodeAt(i - 1) !== 32 && spaces < MOST_SPACES) spaces++
    else if (fits(code, compact.length < 2 ? 'n' : shape[compact.length - 2])) compact += text[i]
    else return undefined
  }
  if (remainder(compact.slice(2) + text.slice(start, at) + compact.slice(0, 2)) !== 1) return undefined
  if (i === text.length) return { start, end: final ? i : OPEN, score: 1 }
  return isWord(text.charCodeAt(i)) ? undefined : { start, end: i, score: 1 }
}

/** The number that the characters spell, a letter being 10 to 35, modulo 97. */
function remainder(characters: string): number {
  let rest = 0
  for (const character of characters) {
    const value = Number.parseInt(character, 36)
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest
}

/** A country code, or the first letter of one, at the end of the text. */
function begins(text: string): number {
  for (const length of [2, 1]) {
    const start = text.length - length
    const tail = text.slice(start).toUpperCase()
    if (start < 0 || isGlued(text, start)) continue
    if (length === 2 ? SHAPES.has(tail) : FIRST_LETTERS.has(tail)) return start
  }
  return text.length
}

export const iban = fromReader({ type: 'iban', read, begins })

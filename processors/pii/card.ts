// Payment card numbers: ISO/IEC 7812 lengths and Luhn check digit, with the prefixes and lengths of the known schemes,
// so that one in ten random numbers does not pass. Groups of three digits or more, split by single spaces or hyphens.
// Called by ../pii.ts.
import { followsNumber, isDigit, isGlued, isWord } from './characters.ts'
import { fromReader, type Match, OPEN } from './entity.ts'

const LONG = [16, 17, 18, 19]
const MAESTRO = [12, 13, 14, 15, ...LONG]

/** First and last prefix of a range, and the lengths that its numbers come in. From the schemes' published ranges. */
const SCHEMES: readonly (readonly [first: number, last: number, ...lengths: number[]])[] = [
  [4, 4, 13, 16, 19], // Visa
  [51, 55, 16], [2221, 2720, 16], // Mastercard
  [34, 34, 15], [37, 37, 15], // American Express
  [6011, 6011, ...LONG], [644, 649, ...LONG], [65, 65, ...LONG], // Discover
  [300, 305, 14, ...LONG], [3095, 3095, 14, ...LONG], [36, 36, 14, 15, ...LONG], [38, 39, 14, ...LONG], // Diners
  [3528, 3589, ...LONG], [2131, 2131, 15], [1800, 1800, 15], // JCB
  [62, 62, ...LONG], [81, 81, ...LONG], // UnionPay
  [2200, 2204, ...LONG], // Mir
  [60, 60, 16], [82, 82, 16], // RuPay
  [9792, 9792, 16], // Troy
  [50, 50, ...MAESTRO], [56, 58, ...MAESTRO], [6304, 6304, ...MAESTRO], [6390, 6390, ...MAESTRO], [67, 67, ...MAESTRO], // Maestro
]

const SMALLEST_GROUP = 3
const SPACE = 32
const HYPHEN = 45

/** Lengths as bits, by a `1` and the first one to four digits: `14111` says which lengths begin with 4111. */
const LENGTHS = lengthsByPrefix()

function lengthsByPrefix(): Uint32Array {
  const table = new Uint32Array(20_000)
  for (const [first, last, ...lengths] of SCHEMES) {
    const rest = 10 ** (4 - String(first).length)
    const bits = lengths.reduce((sum, length) => sum | (1 << length), 0)
    for (let prefix = first * rest; prefix < (last + 1) * rest; prefix++) {
      for (let size = 1; size <= 4; size++) table[10 ** size + Math.floor(prefix / 10 ** (4 - size))]! |= bits
    }
  }
  return table
}

/** True where one of the lengths is `count` or more. */
const reach = (lengths: number, count: number): boolean => lengths >>> count !== 0

/** A group of four hexadecimal digits beyond a hyphen: the number is a piece of a UUID. */
const HEX_BEFORE = /[0-9a-f]{4}-$/i
const HEX_AFTER = /^-[0-9a-f]{4}/i

function standsAlone(text: string, start: number): boolean {
  if (isGlued(text, start) || followsNumber(text, start, '.,')) return false
  return !HEX_BEFORE.test(text.slice(Math.max(0, start - 5), start))
}

/** Whether a number may end here; undefined where more text has to tell. */
function mayEnd(text: string, end: number, final: boolean): boolean | undefined {
  const after = text.slice(end, end + 5)
  if (!final && after.length < 5 && /^(?:[.,]|-[0-9a-f]*)$/i.test(after)) return undefined
  return !isWord(after.charCodeAt(0)) && !/^[.,]\d/.test(after) && !HEX_AFTER.test(after)
}

function read(text: string, start: number, final: boolean): Match | undefined {
  let key = 1
  let count = 0
  let group = 0
  /** Luhn sums: the digits at even places doubled, and those at odd ones. */
  let even = 0
  let odd = 0
  let end = 0
  for (let i = start; ; i++) {
    const code = text.charCodeAt(i)
    if (isDigit(code)) {
      const digit = code - 48
      if (count < 4) key = key * 10 + digit
      const twice = digit > 4 ? digit * 2 - 9 : digit * 2
      even += count % 2 === 0 ? twice : digit
      odd += count % 2 === 0 ? digit : twice
      count++
      group++
      if (!reach(LENGTHS[key]!, count)) break
      continue
    }
    const lengths = LENGTHS[key]!
    const valid = group >= SMALLEST_GROUP && ((lengths >>> count) & 1) === 1 && (count % 2 === 0 ? even : odd) % 10 === 0
    if (i === text.length) {
      if (!final && (valid || reach(lengths, count + Math.max(1, SMALLEST_GROUP - group)))) end = OPEN
      else if (valid) end = i
      break
    }
    if (group < SMALLEST_GROUP) break
    if (valid) {
      const ends = mayEnd(text, i, final)
      if (ends !== false) end = ends === undefined ? OPEN : i
    }
    if ((code !== SPACE && code !== HYPHEN) || !reach(lengths, count + SMALLEST_GROUP)) break
    if (i + 1 === text.length && !final) end = OPEN
    group = 0
    if (!isDigit(text.charCodeAt(i + 1))) break
  }
  if (end === 0 || !standsAlone(text, start)) return undefined
  return { start, end, score: 1 }
}

export const card = fromReader({ type: 'card', read })

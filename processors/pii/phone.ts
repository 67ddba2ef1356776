// Telephone numbers: international ones behind `+` or an exit code, and national ones of the configured regions, which
// must be written with separators: a bare run of digits is anything. A number has to be valid in its numbering plan.
// Called by ../pii.ts.
import type { CountryCode } from 'libphonenumber-js/max'
import { getCountryCallingCode } from 'libphonenumber-js/max'
import { followsNumber, isDigit, isWord } from './characters.ts'
import { type Entity, fromReader, LONGEST, type Match, OPEN } from './entity.ts'
import { callingCodeOf, compilePlan, mayBeCallingCode, type Plan } from './numbering.ts'

/** A way of writing numbers. `cuts` has a bit for each digit that a separator stands before. */
interface Notation {
  /** Whether more digits may make a number of these. With the digits complete, whether they are one. */
  mayBecome(digits: string, cuts: number): boolean
  isNumber(digits: string, cuts: number): boolean
}

/** E.164: digits of the longest international number, calling code included. */
const MOST_DIGITS = 15

const SPACE = 32
const PARENTHESIS = 40
const CLOSING = 41

/** An IPv4 address. */
const ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}$/

/** Detects numbers, reading those without a calling code as the given regions do. */
export function phone(regions: readonly string[]): Entity {
  const plans = new Map<string, Plan>()
  const planOf = (callingCode: string): Plan => {
    const plan = plans.get(callingCode) ?? compilePlan(callingCode)
    plans.set(callingCode, plan)
    return plan
  }
  const local = [...new Set(regions.map(region => getCountryCallingCode(region as CountryCode)))].map(planOf)
  const abroad = international(planOf)
  const national = local.map(plan => plan.callingCode === '1' ? northAmerican(plan) : trunk(plan))
  // ITU-T E.164 recommends 00; North America dials 011.
  for (const code of local.some(plan => plan.callingCode === '1') ? ['00', '011'] : ['00']) national.push(exit(code, abroad))

  function read(text: string, at: number, final: boolean): Match | undefined {
    const plus = text[at - 1] === '+'
    const first = plus ? at - 1 : at
    for (let start = text[first - 1] === '(' ? first - 1 : first; start <= first; start++) {
      if (isWord(text.charCodeAt(start - 1)) || (!plus && followsNumber(text, start, '-./'))) continue
      let end = 0
      for (const notation of plus ? [abroad] : national) end = Math.max(end, readNumber(text, start, notation, final))
      // Presidio's base, and more for a number that says where in the world it is.
      if (end > 0) return { start, end, score: plus ? 0.75 : 0.4 }
    }
    return undefined
  }

  return fromReader({ type: 'phone', read, begins })
}

/** `(`, `+` or `(+` at the end of the text. */
function begins(text: string): number {
  const plus = text.endsWith('+') ? text.length - 1 : text.length
  const start = text[plus - 1] === '(' ? plus - 1 : plus
  return isWord(text.charCodeAt(start - 1)) ? plus : start
}

/** Where the longest number of a notation that begins at `start` ends; 0 where there is none, OPEN where the text ends first. */
function readNumber(text: string, start: number, notation: Notation, final: boolean): number {
  const inPlus = text[start] === '+' || text[start + 1] === '+'
  let parenthesis = text[start] === '('
  let digits = ''
  let cuts = 0
  let end = 0
  let i = start + (parenthesis ? 1 : 0)
  if (text[i] === '+') i++
  while (i - start < LONGEST) {
    const group = i
    if (digits !== '') cuts |= 1 << digits.length
    for (; isDigit(text.charCodeAt(i)); i++) {
      digits += text[i]
      if (!notation.mayBecome(digits, cuts)) return end
    }
    if (i === group) return end
    // +44 (0)20: the trunk prefix, shown to those who call from inside the country.
    if (inPlus && parenthesis && text.slice(group, i) === '0') digits = digits.slice(0, -1)
    const complete = !parenthesis && notation.isNumber(digits, cuts)
    if (complete && mayEnd(text, i) && !ADDRESS.test(text.slice(start, i))) end = i
    const next = separatorEnd(text, i)
    if (!final) {
      if (next === text.length && (complete || notation.mayBecome(digits, next === i ? cuts : cuts | (1 << digits.length)))) return OPEN
      if (complete && i + 1 === text.length && isExtension(text[i])) return OPEN
    }
    if (next === i || (text.charCodeAt(i) === CLOSING) !== parenthesis) return end
    parenthesis = text.charCodeAt(next - 1) === PARENTHESIS
    i = next
  }
  return end
}

/** Where what stands between two groups of digits ends: a space, a mark with spaces or without, parentheses around a group. */
function separatorEnd(text: string, start: number): number {
  let i = start
  if (text.charCodeAt(i) === CLOSING) i++
  if (text.charCodeAt(i) === SPACE) i++
  if (isMark(text.charCodeAt(i))) {
    i++
    if (text.charCodeAt(i) === SPACE) i++
  }
  return text.charCodeAt(i) === PARENTHESIS ? i + 1 : i
}

/** `-`, `.` or `/`. */
const isMark = (code: number): boolean => code >= 45 && code <= 47

/** Not within a word, but for an extension (`x12`), and not within a longer number. */
function mayEnd(text: string, end: number): boolean {
  const beyond = isDigit(text.charCodeAt(end + 1))
  if (isWord(text.charCodeAt(end))) return beyond && isExtension(text[end])
  return !beyond || !isMark(text.charCodeAt(end))
}

const isExtension = (mark: string | undefined): boolean => mark === 'x' || mark === 'X'

/** +442079460958, +44 20 7946 0958, +44 (0)20 7946 0958. */
function international(planOf: (callingCode: string) => Plan): Notation {
  return {
    mayBecome(digits) {
      const code = callingCodeOf(digits)
      if (code === undefined) return mayBeCallingCode(digits)
      return digits.length <= MOST_DIGITS && digits.length - code.length <= planOf(code).longest
    },
    isNumber(digits) {
      const code = callingCodeOf(digits)
      return code !== undefined && planOf(code).isValid(digits.slice(code.length))
    },
  }
}

/** 00 44 20 7946 0958: an international number behind the code that leads out of the country. */
function exit(code: string, abroad: Notation): Notation {
  return {
    mayBecome: digits => digits.length <= code.length ? code.startsWith(digits) : digits.startsWith(code) && abroad.mayBecome(digits.slice(code.length), 0),
    isNumber: (digits, cuts) => cuts !== 0 && digits.startsWith(code) && abroad.isNumber(digits.slice(code.length), 0),
  }
}

/** (212) 555-0123, 212.555.0123, 1-212-555-0123: three, three and four digits. Neither area nor exchange begins with 0 or 1. */
function northAmerican(plan: Plan): Notation {
  const isNumber = (digits: string, cuts: number): boolean => {
    const lead = digits[0] === '1' ? 1 : 0
    return digits.length === lead + 10 && (cuts & ((1 << (lead + 3)) | (1 << (lead + 6)))) !== 0 && plan.isValid(digits.slice(lead))
  }
  return {
    mayBecome(digits, cuts) {
      const lead = digits[0] === '1' ? 1 : 0
      const count = digits.length - lead
      if ((cuts & ~((lead << 1) | (1 << (lead + 3)) | (1 << (lead + 6)))) !== 0) return false
      if ((count > 0 && digits[lead]! < '2') || (count > 3 && digits[lead + 3]! < '2')) return false
      return count < 10 ? count <= 6 || (cuts & ~2) !== 0 : isNumber(digits, cuts)
    },
    isNumber,
  }
}

/**
 * 020 7946 0958, (11) 96123-4567: the plan's own lengths, behind its trunk prefix; without the prefix only mobile numbers
 * and those of countries that have none, so that dates and amounts stay what they are.
 */
function trunk(plan: Plan): Notation {
  return {
    mayBecome: digits => digits.length <= plan.prefix.length + plan.longest,
    isNumber(digits, cuts) {
      if (cuts === 0 || isDate(digits, cuts)) return false
      if (plan.prefix === '') return plan.isValid(digits)
      if (digits.startsWith(plan.prefix)) return plan.isValid(digits.slice(plan.prefix.length))
      return plan.isMobile(digits) && plan.isValid(digits)
    },
  }
}

/** 2024-01-15 with or without a time behind it, 15.01.2024. */
function isDate(digits: string, cuts: number): boolean {
  const yearFirst = /^(?:19|20)/.test(digits) && (cuts & 0b101_0000) === 0b101_0000 && (cuts & 0b1110) === 0
  return yearFirst || (digits.length === 8 && cuts === 0b1_0100)
}

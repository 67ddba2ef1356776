// Telephone numbers: international ones behind `+` or an exit code, and national ones of the configured regions, which
// must be written with separators: a bare run of digits is anything. A number has to be valid in its numbering plan.
// Called by ../pii.ts.
import { type CountryCode, getCountryCallingCode } from 'libphonenumber-js/max'
import { followsNumber, isDigit, isGlued, isWord } from './characters.ts'
import { type Entity, fromReader, LONGEST, type Match, OPEN } from './entity.ts'
import { callingCodeOf, compilePlan, mostDigits, type Plan } from './numbering.ts'

/** A way of writing numbers. `cuts` has a bit for each digit that a separator stands before. */
interface Notation {
  /** Whether more digits may make a number of these. With the digits complete, whether they are one. */
  mayBecome(digits: string, cuts: number): boolean
  isNumber(digits: string, cuts: number): boolean
}

/** No international number is shorter than this. */
const FEWEST_DIGITS = 6

const SPACE = 32
const PARENTHESIS = 40
const CLOSING = 41

/** What is written like a number but is none: an IPv4 address, 15.01.2024, 2024-01-15 with or without a time behind it. */
const LOOKALIKE = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\d{1,2}([-./])\d{1,2}\1\d{4}|(?:19|20)\d\d([-./])\d{1,2}\2\d{1,2}(?:\D.*)?)$/

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
  // What leads out of a country: the ITU recommends 00, North America dials 011.
  const exits = local.some(plan => plan.callingCode === '1') ? ['00', '011'] : ['00']
  national.push(...exits.map(exit => international(planOf, exit)))

  function read(text: string, at: number, final: boolean): Match | undefined {
    const plus = text[at - 1] === '+'
    const first = plus ? at - 1 : at
    for (let start = text[first - 1] === '(' ? first - 1 : first; start <= first; start++) {
      if (isGlued(text, start) || (!plus && followsNumber(text, start, '-./'))) continue
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
  return isGlued(text, start) ? plus : start
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
  for (;;) {
    const group = i
    if (digits !== '') cuts |= 1 << digits.length
    for (; isDigit(text.charCodeAt(i)); i++) {
      digits += text[i]
      if (!notation.mayBecome(digits, cuts)) return end
    }
    if (i === group || i - start > LONGEST) return end
    // +44 (0)20: the trunk prefix, shown to those who call from inside the country.
    if (inPlus && parenthesis && text.slice(group, i) === '0') digits = digits.slice(0, -1)
    const complete = !parenthesis && notation.isNumber(digits, cuts)
    if (complete && mayEnd(text, i) && !LOOKALIKE.test(text.slice(start, i))) end = i
    const next = separatorEnd(text, i)
    if (!final && next === text.length) {
      const cut = next === i ? 0 : 1 << digits.length
      if (complete || notation.mayBecome(digits, cuts | cut)) return OPEN
    }
    if (!final && complete && i + 1 === text.length && isExtension(text[i])) return OPEN
    if (next === i || (text.charCodeAt(i) === CLOSING) !== parenthesis) return end
    parenthesis = text.charCodeAt(next - 1) === PARENTHESIS
    i = next
  }
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

/** +442079460958, +44 20 7946 0958, +44 (0)20 7946 0958; behind an exit code with a separator at least: 0044 20 7946 0958. */
function international(planOf: (callingCode: string) => Plan, exit = ''): Notation {
  const from = exit.length
  return {
    mayBecome(digits) {
      if (digits.length <= from) return exit.startsWith(digits)
      return digits.startsWith(exit) && digits.length - from <= mostDigits(digits, from)
    },
    isNumber(digits, cuts) {
      if (digits.length < from + FEWEST_DIGITS || !digits.startsWith(exit) || (exit !== '' && cuts === 0)) return false
      const code = callingCodeOf(digits.slice(from))
      return code !== undefined && planOf(code).isValid(digits.slice(from + code.length))
    },
  }
}

/** (212) 555-0123, 212.555.0123, 1-212-555-0123: three, three and four digits. Neither area nor exchange begins with 0 or 1. */
function northAmerican(plan: Plan): Notation {
  /** Cuts behind area and exchange, where another digit comes first or not. */
  const within = [(1 << 3) | (1 << 6), (1 << 4) | (1 << 7)] as const
  const leadOf = (digits: string): 0 | 1 => digits[0] === '1' ? 1 : 0
  const isNumber = (digits: string, cuts: number): boolean => {
    const lead = leadOf(digits)
    return digits.length === lead + 10 && (cuts & within[lead]) !== 0 && plan.isValid(digits.slice(lead))
  }
  return {
    mayBecome(digits, cuts) {
      const lead = leadOf(digits)
      const count = digits.length - lead
      if ((cuts & ~(within[lead] | (lead << 1))) !== 0) return false
      if ((count > 0 && digits[lead]! < '2') || (count > 3 && digits[lead + 3]! < '2')) return false
      return count < 10 ? count <= 6 || (cuts & ~2) !== 0 : isNumber(digits, cuts)
    },
    isNumber,
  }
}

/**
 * 020 7946 0958, (11) 96123-4567: the plan's own lengths, behind its trunk prefix; without the prefix only mobile numbers
 * and those of countries that have none, so that amounts and house numbers stay what they are.
 */
function trunk(plan: Plan): Notation {
  return {
    mayBecome: digits => digits.length <= plan.prefix.length + plan.longest,
    isNumber(digits, cuts) {
      if (cuts === 0) return false
      if (plan.prefix === '') return plan.isValid(digits)
      if (digits.startsWith(plan.prefix)) return plan.isValid(digits.slice(plan.prefix.length))
      return plan.isMobile(digits) && plan.isValid(digits)
    },
  }
}

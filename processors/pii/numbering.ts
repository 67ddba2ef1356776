// What the world's telephone numbering plans allow, compiled from libphonenumber's metadata: one test of digits costs
// well under a microsecond, where parsing costs twenty. Called by phone.ts.
import { type CountryCode, getCountries, getCountryCallingCode, Metadata } from 'libphonenumber-js/max'

/** The numbers behind one country calling code. */
export interface Plan {
  readonly callingCode: string
  /** Dialled before a number inside the country, in most of the world `0`; empty where there is none. */
  readonly prefix: string
  /** Digits of the longest national number. */
  readonly longest: number
  isValid(national: string): boolean
  isMobile(national: string): boolean
}

/** What the metadata says of one country. The package has these methods, its types do not. */
interface CountryPlan {
  nationalNumberPattern(): string
  /** A country without one has no string here. */
  nationalPrefix(): unknown
  possibleLengths(): number[]
  type(name: string): { pattern(): string | undefined } | undefined
}

const TYPES = [
  'FIXED_LINE', 'MOBILE', 'TOLL_FREE', 'PREMIUM_RATE', 'SHARED_COST', 'VOIP', 'PERSONAL_NUMBER', 'PAGER', 'UAN', 'VOICEMAIL',
]
const NEVER = '(?!)'

const COUNTRIES: ReadonlyMap<string, readonly CountryCode[]> =
  Map.groupBy(getCountries(), country => getCountryCallingCode(country))

/** E.164: digits of the longest international number, calling code included. */
const MOST_DIGITS = 15

/** Digits of the longest number by a `1` and the first one to three of them: `144` says how long +44 numbers get. */
const LONGEST = longestByStart()

function longestByStart(): Uint8Array {
  const table = new Uint8Array(2000)
  for (const [code, countries] of COUNTRIES) {
    const longest = Math.min(MOST_DIGITS, code.length + longestOf(countries.map(planOf)))
    const rest = 10 ** (3 - code.length)
    for (let start = Number(code) * rest; start < (Number(code) + 1) * rest; start++) {
      for (const width of [1, 10, 100]) {
        const key = 1000 / width + Math.floor(start / width)
        table[key] = Math.max(table[key]!, longest)
      }
    }
  }
  return table
}

/** How many digits the international numbers that begin as the text does at `from` have at most; 0 where there are none. */
export function mostDigits(digits: string, from: number): number {
  let key = 1
  for (let i = from; i < digits.length && i < from + 3; i++) key = key * 10 + digits.charCodeAt(i) - 48
  return LONGEST[key]!
}

/** The calling code that an international number begins with; undefined where none does. No code begins with another. */
export function callingCodeOf(digits: string): string | undefined {
  return [1, 2, 3].map(length => digits.slice(0, length)).find(code => COUNTRIES.has(code))
}

/** The plan of a calling code that is known to be one. */
export function compilePlan(callingCode: string): Plan {
  const plans = COUNTRIES.get(callingCode)!.map(planOf)
  const valid = whole(plans.map(plan => {
    const types = TYPES.map(type => patternOf(plan, type))
    return `(?=(?:${plan.nationalNumberPattern()})$)(?:${types.join('|')})`
  }))
  const mobile = whole(plans.map(plan => patternOf(plan, 'MOBILE')))
  return {
    callingCode,
    prefix: plans.map(plan => plan.nationalPrefix()).find(prefix => typeof prefix === 'string') ?? '',
    longest: longestOf(plans),
    isValid: national => valid.test(national),
    isMobile: national => mobile.test(national),
  }
}

function planOf(country: CountryCode): CountryPlan {
  const metadata = new Metadata()
  metadata.selectNumberingPlan(country)
  return metadata.numberingPlan as unknown as CountryPlan
}

function longestOf(plans: readonly CountryPlan[]): number {
  return Math.max(...plans.flatMap(plan => plan.possibleLengths()))
}

const patternOf = (plan: CountryPlan, type: string): string => plan.type(type)?.pattern() || NEVER

const whole = (patterns: readonly string[]): RegExp => new RegExp(`^(?:${patterns.join('|')})$`)

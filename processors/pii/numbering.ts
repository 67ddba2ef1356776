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

const TYPES = ['FIXED_LINE', 'MOBILE', 'TOLL_FREE', 'PREMIUM_RATE', 'SHARED_COST', 'VOIP', 'PERSONAL_NUMBER', 'PAGER', 'UAN', 'VOICEMAIL']
const NEVER = '(?!)'

const COUNTRIES: ReadonlyMap<string, readonly CountryCode[]> = Map.groupBy(getCountries(), country => getCountryCallingCode(country))

/** Length of the calling code that three digits begin with, by their number; 0 where there is none. No code begins with another. */
const CODE_LENGTHS = Uint8Array.from({ length: 1000 }, (_, number) => {
  const digits = String(number).padStart(3, '0')
  return [1, 2, 3].find(length => COUNTRIES.has(digits.slice(0, length))) ?? 0
})

/** The calling code that an international number begins with; undefined where the digits are too few to tell, or none. */
export function callingCodeOf(digits: string): string | undefined {
  const length = CODE_LENGTHS[Number(digits.slice(0, 3).padEnd(3, '0'))]!
  return length === 0 || length > digits.length ? undefined : digits.slice(0, length)
}

const STARTS: ReadonlySet<string> = new Set([...COUNTRIES.keys()].flatMap(code => [code.slice(0, 1), code.slice(0, 2)]))

/** True where one or two digits are the beginning of a calling code. */
export const mayBeCallingCode = (digits: string): boolean => STARTS.has(digits)

/** The plan of a calling code that is known to be one. */
export function compilePlan(callingCode: string): Plan {
  const plans = COUNTRIES.get(callingCode)!.map(planOf)
  const valid = whole(plans.map(plan => `(?=(?:${plan.nationalNumberPattern()})$)(?:${TYPES.map(type => patternOf(plan, type)).join('|')})`))
  const mobile = whole(plans.map(plan => patternOf(plan, 'MOBILE')))
  return {
    callingCode,
    prefix: plans.map(plan => plan.nationalPrefix()).find(prefix => typeof prefix === 'string') ?? '',
    longest: Math.max(...plans.flatMap(plan => plan.possibleLengths())),
    isValid: national => valid.test(national),
    isMobile: national => mobile.test(national),
  }
}

function planOf(country: CountryCode): CountryPlan {
  const metadata = new Metadata()
  metadata.selectNumberingPlan(country)
  return metadata.numberingPlan as unknown as CountryPlan
}

const patternOf = (plan: CountryPlan, type: string): string => plan.type(type)?.pattern() || NEVER

const whole = (patterns: readonly string[]): RegExp => new RegExp(`^(?:${patterns.join('|')})$`)

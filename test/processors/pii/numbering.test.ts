import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fc } from '../../law.ts'
import examples from 'libphonenumber-js/mobile/examples'
import { type CountryCode, getCountries, getCountryCallingCode, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { callingCodeOf, compilePlan, mostDigits } from '../../../processors/pii/numbering.ts'

const plans = new Map(getCountries().map(country => getCountryCallingCode(country)).map(code => [code, compilePlan(code)]))

it('knows the calling code of every country', () => {
  for (const country of getCountries()) {
    const code = getCountryCallingCode(country)
    assert.equal(callingCodeOf(`${code}123`), code, country)
  }
  for (const [digits, most] of [['4', 15], ['44', 12], ['1', 11], ['1212', 11], ['0', 0], ['999', 0], ['35', 15]] as const) {
    assert.equal(mostDigits(`00${digits}`, 2), most, digits)
  }
  for (const digits of ['', '0', '999', '210', '3', '35']) assert.equal(callingCodeOf(digits), undefined, digits)
})

it('knows the example number of every country as a mobile number', () => {
  const numbers = examples as Partial<Record<CountryCode, string>>
  for (const country of getCountries()) {
    const example = numbers[country]
    if (example !== undefined) assert.ok(plans.get(getCountryCallingCode(country))!.isValid(example), `${country} ${example}`)
  }
})

it('agrees with the parser that it stands in for', () => {
  const codes = fc.constantFrom('1', '44', '49', '33', '39', '7', '55', '86', '91', '61', '45', '47')
  fc.assert(fc.property(codes, fc.stringMatching(/^[1-9]\d{5,10}$/), (code, national) => {
    const parsed = parsePhoneNumberFromString(`+${code}${national}`, { extract: false })
    // The parser corrects a national prefix; what it corrected is another number.
    fc.pre(parsed?.nationalNumber === national && !parsed.isNonGeographic())
    assert.equal(plans.get(code)!.isValid(national), parsed.isValid())
  }), { numRuns: 3000 })
})

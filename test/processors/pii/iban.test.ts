import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fc } from '../../law.ts'
import validator from 'validator'
import pii from '../../../processors/pii.ts'
import { values } from '../law.ts'

const detector = await pii.setup({ entities: ['iban'] })

/** Examples of the IBAN registry. */
const EXAMPLES = [
  'AD1200012030200359100100', 'AE070331234567890123456', 'AL47212110090000000235698741', 'AT611904300234573201',
  'BE68539007547034', 'BG80BNBG96611020345678', 'BR1800360305000010009795493C1', 'CH9300762011623852957',
  'CZ6508000000192000145399', 'DE89370400440532013000', 'DK5000400440116243', 'ES9121000418450200051332',
  'FI2112345600000785', 'FR1420041010050500013M02606', 'GB29NWBK60161331926819', 'GR1601101250000000012300695',
  'IE29AIBK93115212345678', 'IT60X0542811101000000123456', 'LC55HEMM000100010012001200023015', 'LU280019400644750000',
  'MT84MALT011000012345MTLCAST001S', 'NL91ABNA0417164300', 'NO9386011117947', 'PL61109010140000071219812874',
  'PT50000201231234567890154', 'SE4550000000058398257466', 'TR330006100519786457841326', 'VG96VPVG0000012345678901',
]

const CASES: readonly (readonly [text: string, ...found: string[]])[] = [
  ['pay GB82 WEST 1234 5698 7654 32 now', 'GB82 WEST 1234 5698 7654 32'],
  ['de89370400440532013000.', 'de89370400440532013000'], ['IBAN:DE89 3704 0044 0532 0130 00', 'DE89 3704 0044 0532 0130 00'],
  ['DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000', 'DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000'],
  ['DE89370400440532013000 DE89370400440532013000', 'DE89370400440532013000', 'DE89370400440532013000'],
  ['DE88370400440532013000'], ['DE8937040044053201300'], ['DE893704004405320130000'], ['XX89370400440532013000'],
  ['aDE89370400440532013000'], ['DE89370400440532013000a'], ['DE89  3704 0044 0532 0130 00'], ['GB82WEST1234569876543Z'],
  ['D\u200b\u200bE89370400440532013000'], ['DE89\n3704 0044 0532 0130 00'], ['NO 93 8601 1117 947'],
]

describe('iban', () => {
  for (const number of EXAMPLES) {
    it(`finds ${number}, plain and in groups`, () => {
      const grouped = number.replaceAll(/.{4}(?=.)/g, '$& ')
      assert.deepEqual(values(detector, `to ${number}, or ${grouped}!`), [number, grouped])
    })
  }

  for (const [text, ...found] of CASES) {
    it(`finds ${found.length === 0 ? 'nothing' : found.join(' and ')} in ${text}`, () => {
      assert.deepEqual(values(detector, text), found)
    })
  }

  it('agrees with another implementation on the check digits', () => {
    fc.assert(fc.property(fc.nat(99), fc.stringMatching(/^\d{18}$/), (check, account) => {
      const number = `DE${String(check).padStart(2, '0')}${account}`
      assert.equal(values(detector, number).length === 1, validator.isIBAN(number))
    }), { numRuns: 3000 })
  })
})

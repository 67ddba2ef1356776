import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, test } from 'node:test'
import { fc } from '../../law.ts'
import secrets from '../../../processors/secrets.ts'
import { readRules } from '../../../processors/secrets/rules-file.ts'
import { cost, cut, inspect, streamed, whole } from '../law.ts'
import { dice, make, SHAPES } from './tokens.ts'

const FILE = readFileSync(join(import.meta.dirname, 'rules.toml'), 'utf8')
const detector = await secrets.setup({ rules: FILE })

const CASES: readonly (readonly [text: string, type?: string, found?: string])[] = [
  ['an acme_abcdefghijkl1234.', 'acme-token', 'acme_abcdefghijkl1234'], ['ACME_abcdefghijkl1234'], ['xacme_abcdefghijkl1234'],
  ['acme_0bcdefghijkl1234'], ['my_thing: "a1b2c3d4e5f6"', 'generic-thing', 'a1b2c3d4e5f6'], ['my_thing: "a1a1a1a1a1a1"'],
  ['public_thing: "a1b2c3d4e5f6"'], ['--just-a-thing thing=a1b2c3d4e5f6\n'],
  ['--just-a-thing\nthing=a1b2c3d4e5f6\n', 'generic-thing', 'a1b2c3d4e5f6'],
  ['thing=1a2b3c4d5eabba'], ['thing=a1b2c3d4eabba5', 'generic-thing', 'a1b2c3d4eabba5'], ['thing=placeholder12345'],
  ['login=0123abcd', 'secret-2nd-group', '0123abcd'],
  ['https://hook.test/ab12-cd34-e5f6g7', 'hook', 'https://hook.test/ab12-cd34-e5f6g7'],
  ['either=abc123', 'either', 'either=abc123'], ['either-abc123', 'either', 'either-abc123'],
  ['patAbcdef1234'], ['farland: patAbcdef1234', 'far-pat', 'patAbcdef1234'], [`farland ${' '.repeat(300)} patAbcdef1234`],
  ['farland: patAbcdef1234, patZbcdef1234', 'far-pat', 'patAbcdef1234,patZbcdef1234'], ['whatever'],
]

const rule = (more: string): string => `[[rules]]\nid = "mine"\n${more}`
const plain = (more: string): string => rule(`regex = "abc"\nkeywords = ["abc"]\n${more}`)
const REFUSED: readonly (readonly [what: string, source: string, expected: RegExp])[] = [
  ['no TOML', 'rules = [', /expected the rules to be TOML, got something else in line 1/],
  ['no rules', 'title = "x"', /expected rules that look at text, got none/],
  ['another file to extend', '[extend]\nuseDefault = true', /got extend/],
  ['a field that is not known', plain('required = []'), /the rule mine: expected id, .* got required/],
  ['a rule without keywords', rule('regex = "abc"'), /the rule mine: expected keywords, since/],
  ['a keyword of one letter', rule('regex = "abc"\nkeywords = ["a"]'), /the rule mine: expected keywords of 2 to 64/],
  ['keywords that are no list', rule('regex = "abc"\nkeywords = "abc"'), /the rule mine: expected keywords to be a list/],
  ['look around', rule('regex = "(?=abc)"\nkeywords = ["abc"]'), /the rule mine: expected .* no look around/],
  ['a pattern that matches nothing at all', rule('regex = "a*"\nkeywords = ["abc"]'), /mine: expected .* that no empty text/],
  ['a pattern that is too large', rule('regex = "(?:[ab]{1000}){9}"\nkeywords = ["abc"]'), /mine: expected .* fewer repeats/],
  ['a pattern that repeats nothing at all', rule('regex = "(?:(?:(?:){1000}){1000}){1000}abc"\nkeywords = ["abc"]'), /mine: .* repeats/],
  ['half a group', plain('secretGroup = 1.5'), /the rule mine: expected a pattern with a group 1.5/],
  ['a group that is not there', plain('secretGroup = 1'), /the rule mine: expected a pattern with a group 1/],
  ['entropy in words', plain('entropy = "high"'), /the rule mine: expected entropy to be a number/],
  ['an unknown target', plain('[[rules.allowlists]]\nregexTarget = "file"'), /the rule mine: expected regexTarget/],
  ['an unknown condition', plain('[[rules.allowlists]]\ncondition = "XOR"'), /the rule mine: expected the condition/],
  ['a rule without a name', '[[rules]]\nregex = "("\nkeywords = ["abc"]', /the rule number 1: /],
]

const pieces = fc.constantFrom(
  ...CASES.map(([text]) => text), 'thing', '=', 'a1b2c3d4e5f6', '\n', ' ', 'farland', 'pat', 'https://', '--just-a-',
)
const texts = fc.array(fc.tuple(pieces, fc.double({ min: 0.2, max: 1.5, noNaN: true })), { maxLength: 10 })
  .map(parts => parts.map(([text, share]) => text.slice(0, share * text.length)).join(''))
const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 })

describe('a file of rules', () => {
  for (const [text, type, found = ''] of CASES) {
    it(`finds ${type ?? 'nothing'} in ${text.slice(0, 40)}`, () => {
      const findings = inspect(detector, text)
      assert.deepEqual([...new Set(findings.map(one => one.type))], type === undefined ? [] : [type])
      assert.equal(findings.map(({ start, end }) => text.slice(start, end)).join(), found)
    })
  }

  for (const [what, source, expected] of REFUSED) {
    it(`is refused with ${what}`, () => assert.throws(() => secrets.setup({ rules: source }), expected))
  }

  it('leaves out what only looks at names of files, and what serves other rules', () => {
    assert.deepEqual(readRules(FILE).map(({ type }) => type),
      ['acme-token', 'generic-thing', 'secret-2nd-group', 'hook', 'either', 'far-pat'])
  })

  it('keeps the law of streams', () => {
    fc.assert(fc.property(texts, places, fc.boolean(), (text, at, blind) => {
      assert.deepEqual(streamed(detector, secrets.stream!, cut(text, at), blind), whole(detector, text))
    }), { numRuns: 300 })
  })
})

const DATA = process.env['GATEHOUSE_DATA']

if (DATA === undefined) {
  const skip = 'GATEHOUSE_DATA names no folder with rules of gitleaks'
  test('every rule of gitleaks loads', { skip }, () => undefined)
} else {
  describe('the rules of gitleaks', async () => {
    const source = readFileSync(join(DATA, 'secrets/gitleaks.toml'), 'utf8')
    const theirs = await secrets.setup({ rules: source })
    const roll = dice(5)

    it('load, all but the one that looks at names of files', () => {
      assert.equal(readRules(source).length, source.match(/^\[\[rules\]\]$/gm)!.length - 1)
    })

    it('find most of what the rules of the house find', () => {
      const found = SHAPES.filter(([, shape]) => inspect(theirs, `use ${make(shape, roll)} now`).length > 0)
      assert.ok(found.length > SHAPES.length * 0.6, `${found.length} of ${SHAPES.length}`)
    })

    it('keep the law of streams', () => {
      const bits = [
        ...SHAPES.map(([, shape]) => make(shape, roll)), 'api_key = "', '"', 'kind: secret\n', 'data:\n  k: ',
        'curl -H "Authorization: Basic ', '\n', ' ',
      ]
      const some = fc.array(fc.constantFrom(...bits), { maxLength: 10 }).map(all => all.join(''))
      fc.assert(fc.property(some, places, (text, at) => {
        assert.deepEqual(streamed(theirs, secrets.stream!, cut(text, at), false), whole(theirs, text))
      }), { numRuns: 200 })
    })

    it('take linear time on hostile text', () => {
      for (const unit of ['curl \r', 'kind: secret data: ', 'key=', 'ey', 'pat-']) {
        const took = [1000, 4000].map(size => cost(() => inspect(theirs, unit.repeat(size / unit.length))))
        assert.ok(took[1]! < 40 * took[0]! + 50, `${unit}: ${took}`)
      }
    })
  })
}

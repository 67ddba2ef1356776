import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import secrets from '../../../processors/secrets.ts'
import { Budget } from '../../../processors/secrets/budget.ts'
import { builtIn } from '../../../processors/secrets/built-in.ts'
import { Finder } from '../../../processors/secrets/finder.ts'
import { inspect, values } from '../law.ts'
import { dice, make, SHAPES } from './tokens.ts'

const rules = builtIn()
const finder = new Finder(rules)

function stepsPerUnit(text: string): number {
  const budget = new Budget(text)
  finder.find(text, budget)
  return budget.spent / text.length
}

/** Reads on to the end of the text from each `tok_`. */
const GREEDY = '[[rules]]\nid = "greedy"\nregex = "tok_[\\\\w=]{1000,}"\nkeywords = ["tok_"]'

describe('a budget', () => {
  // At this size, a rule that takes its own beginning reads each letter some hundred times.
  const size = 1 << 11
  const keywords = rules.flatMap(rule => [...rule.keywords.keys()])
  const begins = [...keywords, ...keywords.map(keyword => keyword.toUpperCase()), 'AIza', 'pypi-AgE', 'ops_eyJ', 'eyJ']
  for (const glue of ['', '=', '+', '/', '.', '-', '_', ':', '"', ' ', '\n', '\\n', 'a', '1']) {
    it(`lasts where a rule begins again and again behind ${JSON.stringify(glue)}`, () => {
      for (const begin of new Set(begins)) {
        const steps = stepsPerUnit(`${glue}${begin}`.repeat(size / (glue.length + begin.length)))
        assert.ok(steps < 60, `${begin}: ${steps} steps`)
      }
    })
  }

  const roll = dice(11)
  const worst: readonly (readonly [what: string, unit: string, most: number])[] = [
    ['heads of private keys before blanks', `-----BEGIN PRIVATE KEY-----${' '.repeat(400)}`, 20],
    ['heads of private keys with fields', '-----BEGIN PRIVATE KEY-----\nA-A: x\\n', 20],
    ['beginnings of keys in PuTTY\'s format', `Private-Lines: 1 ${' '.repeat(30)}`, 20],
    ['names without an end', 'password=password=', 40],
    ['names whose value ends', `${'password='.repeat(14)}"`, 150],
    ['tokens that never end', ' eyJaaaaaaaaaa.eyJaaaaaaaaaa', 40],
    ['nothing but secrets', SHAPES.map(([, shape]) => `API_KEY="${make(shape, roll)}"\n`).join(''), 40],
  ]
  for (const [what, unit, most] of worst) {
    it(`lasts for ${what}`, () => {
      const steps = stepsPerUnit(unit.repeat(20_000 / unit.length))
      assert.ok(steps < most, `${steps} steps`)
    })
  }

  it('is overspent by a rule that reads the same again and again, and by that text alone', async () => {
    const detector = await secrets.setup({ rules: GREEDY })
    const hostile = '=tok_'.repeat(1500)
    const long = `tok_${'a'.repeat(2000)}`
    for (let round = 0; round < 2; round++) {
      assert.throws(() => inspect(detector, hostile), /the text is made so that reading it takes too long/)
      assert.equal(detector.undecided!(hostile), 0)
      assert.deepEqual(values(detector, `a ${long}.`), [long])
      assert.equal(detector.undecided!(`a ${long}. `), long.length + 4)
    }
  })

  it('is spent alike on the same text, whatever was read before', () => {
    const text = SHAPES.map(([, shape]) => `token: ${make(shape, roll)} `).join('')
    const fresh = stepsPerUnit(text)
    stepsPerUnit(text.toUpperCase())
    assert.equal(stepsPerUnit(text), fresh)
    const other = new Budget(text)
    new Finder(builtIn()).find(text, other)
    assert.equal(other.spent / text.length, fresh)
  })
})

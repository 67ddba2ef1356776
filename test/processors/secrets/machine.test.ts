import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fc } from '../../law.ts'
import { Budget } from '../../../processors/secrets/budget.ts'
import { FOUND, Machine, NONE, OPEN, type Stretch } from '../../../processors/secrets/machine.ts'
import { compile, insideSecret, type Program } from '../../../processors/secrets/program.ts'
import { Sieve } from '../../../processors/secrets/sieve.ts'

const over = (text: string): Omit<Stretch, 'final'> =>
  ({ from: 0, to: text.length, soon: text.length, end: text.length, budget: new Budget(text) })

/** Where the first match stands, or undefined. */
function matchOf(program: Program, text: string): (string | undefined)[] | undefined {
  const machine = new Machine(program, [])
  if (machine.run(text, { ...over(text), final: true }) !== FOUND) return undefined
  const { match } = machine
  return Array.from({ length: match.length / 2 }, (_, group) => (
    match[2 * group] === -1 ? undefined : text.slice(match[2 * group], match[2 * group + 1])
  ))
}

/** Patterns that mean the same in JavaScript, and texts that they nearly match. */
const unit = fc.constantFrom('a', 'b', '[ab]', '[^a]', '.', '-', '\\b', '\\w', '\\s', '(?:ab|a)', '(?:b|ba)')
const more = fc.constantFrom('', '', '', '?', '+', '*', '{2}', '{1,3}', '{2,}', '??', '+?', '{1,3}?')
const part = fc.tuple(unit, more).map(([one, many]) => one === '\\b' ? one : one + many)
const parts = fc.array(part, { minLength: 1, maxLength: 5 }).map(all => all.join(''))
const patterns = fc.oneof(
  parts, fc.tuple(parts, parts).map(([one, other]) => `${one}|${other}`), parts.map(one => `(?:${one}-){1,2}`),
  parts.map(one => `${one}$`),
)
const texts = fc.array(fc.constantFrom('a', 'b', '-', ' ', 'ab', 'é', '\n'), { maxLength: 14 }).map(all => all.join(''))

function compiled(source: string): Program | undefined {
  try {
    return compile(source)
  } catch (error) {
    assert.match((error as Error).message, /that no empty text matches/)
    return undefined
  }
}

describe('machine', () => {
  it('matches what RegExp matches', () => {
    let met = 0
    fc.assert(fc.property(patterns, texts, (source, text) => {
      const program = compiled(source)
      if (program === undefined) return
      // A dot of RE2 leaves out the line feed alone.
      const expected = new RegExp(source.replaceAll('.', '[^\\n]')).exec(text)?.[0]
      assert.equal(matchOf(program, text)?.[0], expected, `${source} in ${JSON.stringify(text)}`)
      if (expected === undefined) return
      met++
      assert.ok(new Sieve(program, insideSecret(program, [])).passes(text, { ...over(text), final: true }), 'the sieve')
    }), { numRuns: 1000 })
    assert.ok(met > 150, String(met))
  })

  it('says what it would say of the whole, as soon as it says anything', () => {
    const said = { [NONE]: 0, [FOUND]: 0, [OPEN]: 0 }
    fc.assert(fc.property(patterns, texts, texts, (source, before, after) => {
      const program = compiled(source)
      if (program === undefined) return
      const machine = new Machine(program, [])
      const stretch = { ...over(before), to: before.length - 1, soon: 99, end: 99 }
      const state = machine.run(before, { ...stretch, final: false })
      said[state]++
      const passes = new Sieve(program, insideSecret(program, [])).passes(before, { ...stretch, final: false })
      assert.ok(passes || state === NONE)
      if (state === OPEN) return assert.ok(machine.begun < before.length)
      const match = state === FOUND ? machine.match.slice(0, 2) : undefined
      const whole = machine.run(before + after, { ...stretch, final: true })
      assert.equal(whole, state, `${source} in ${JSON.stringify([before, after])}`)
      if (match !== undefined) assert.deepEqual(machine.match.slice(0, 2), match)
    }), { numRuns: 1000 })
    assert.ok(Object.values(said).every(times => times > 50), JSON.stringify(said))
  })

  const groups: readonly (readonly [source: string, text: string, ...groups: (string | undefined)[]])[] = [
    ['key=(\\w+)', 'a key=b1', 'key=b1', 'b1'],
    ['(?i)KEY\\s*(?:=|:)\\s*(?:"(\\w+)"|(\\w+))', 'key: b1', 'key: b1', undefined, 'b1'],
    ['a(?i)b(?-i:c)', 'ABc aBc', 'aBc'],
    ['(?P<name>a)b', 'ab', 'ab', 'a'],
    ['(?m)^b$', 'a\nb\nc', 'b'],
    ['x(?s:.)y.', 'x\ny\nx\nyz', 'x\nyz'],
    ['[[:alnum:]_]+\\z', 'a b_1', 'b_1'],
    ['[^[:space:]\\d]+', ' 1ab', 'ab'],
    ['\\x41\\x{42}[\\x60\'"]', 'AB`', 'AB`'],
    ['\\$\\{{2}a}', '${{a}', '${{a}'],
    ['[]a-]+[^]b]', '-a]c', '-a]c'],
  ]
  for (const [source, text, ...expected] of groups) {
    it(`reads ${source}`, () => assert.deepEqual(matchOf(compile(source), text), expected))
  }

  it('is no faster to be found out by text that others take for ever with', () => {
    const machine = new Machine(compile('(?:a+)+b|\\bcurl(?:.*(?:[\\r\\n]{1,2}.*){1,5})-u'), [])
    const text = `curl ${'a\r'.repeat(2000)}${'a'.repeat(2000)}`
    const before = process.cpuUsage().user
    assert.equal(machine.run(text, { ...over(text), final: true }), NONE)
    assert.ok(process.cpuUsage().user - before < 1e6)
  })
})

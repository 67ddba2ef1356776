import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../law.ts'
import type { JsonValue } from 'fast-check'
import { JsonLens } from '../../core/json-lens.ts'
import { Scanner } from '../../core/json-tape.ts'
import { patch, type TextEdit } from '../../core/patch.ts'
import { wildJson } from './wild-json.ts'

const scanner = new Scanner()

/** The edits of the JSON, which there have to be. */
function editsOf(lens: JsonLens, wanted: readonly TextEdit[]): TextEdit[] {
  const edits = lens.edits(wanted)
  assert.ok(typeof edits !== 'string', String(edits))
  return edits
}

/** A string or number, how to reach it, and where a reader of the lens should find it. */
interface Leaf {
  readonly path: readonly (string | number)[]
  readonly value: string | number
  readonly start: number
  readonly end: number
}

/** What a lens should show of a value, worked out from the value alone. */
function viewOf(root: JsonValue): { text: string; leaves: Leaf[] } {
  const lines: string[] = []
  const leaves: Leaf[] = []
  const visit = (value: JsonValue, key: string, path: Leaf['path']): void => {
    const before = key === '' ? '' : `${key}: `
    if (typeof value === 'string' || typeof value === 'number') {
      const start = lines.reduce((sum, line) => sum + line.length + 1, before.length)
      const told = typeof value === 'string' ? value : JSON.stringify(value)
      leaves.push({ path, value, start, end: start + told.length })
      return void lines.push(before + told)
    }
    if (key !== '') lines.push(`${key}:`)
    if (value === null || typeof value !== 'object') return
    for (const [name, member] of Object.entries(value)) {
      visit(member as JsonValue, Array.isArray(value) ? key : name, [...path, Array.isArray(value) ? Number(name) : name])
    }
  }
  visit(root, '', [])
  return { text: lines.join('\n'), leaves }
}

/** The value with another leaf at the end of a path. */
function changed(value: JsonValue, [head, ...rest]: Leaf['path'], leaf: string): JsonValue {
  if (head === undefined) return leaf
  const entries = Object.entries(value as object).map(([key, member]) =>
    [key, key === String(head) ? changed(member as JsonValue, rest, leaf) : member] as const)
  return Array.isArray(value) ? entries.map(([, member]) => member) : Object.fromEntries(entries)
}

const container = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }).filter(value => typeof value === 'object' && value !== null)
const written = fc.tuple(container, fc.constantFrom(0, 1, '\t'))
  .map(([value, indent]) => ({ value, json: JSON.stringify(value, null, indent) }))
const read = (json: string): JsonLens => {
  const lens = JsonLens.read(json, scanner)
  assert.ok(lens !== undefined, json)
  return lens
}

test('every key, string and number stands in the view, in order, each behind its key', () => {
  fc.assert(fc.property(written, ({ value, json }) => {
    assert.equal(read(json).text, viewOf(value).text)
  }), { numRuns: 250 })
})

test('however the JSON is written, its texts stand in the view decoded', () => {
  fc.assert(fc.property(wildJson.filter(json => /^\s*[[{]/.test(json)), json => {
    const { text } = read(json)
    JSON.parse(json, (key, value: unknown) => {
      assert.ok(text.includes(key) || /^\d+$/.test(key), 'an index of an array is no key')
      if (typeof value === 'string') assert.ok(text.includes(value))
      return value
    })
  }), { numRuns: 150 })
})

test('edits inside of strings give JSON that differs in those strings alone', () => {
  let edited = 0
  const picked = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.string({ unit: 'binary' })), { minLength: 1, maxLength: 9 })
  fc.assert(fc.property(written, picked, ({ value, json }, picks) => {
    const edits: TextEdit[] = []
    let wanted: JsonValue = value
    for (const [index, leaf] of viewOf(value).leaves.entries()) {
      const [from, to, text] = picks[index % picks.length]!
      if (typeof leaf.value !== 'string' || leaf.value === '' || from % 3 === 0) continue
      const characters = [...leaf.value]
      const before = characters.slice(0, from % characters.length).join('')
      const after = characters.slice(from % characters.length + 1 + to % 3).join('')
      edits.push({ start: leaf.start + before.length, end: leaf.end - after.length, text })
      wanted = changed(wanted, leaf.path, before + text + after)
    }
    assert.deepEqual(JSON.parse(patch(json, editsOf(read(json), edits))), JSON.parse(JSON.stringify(wanted)))
    edited += edits.length
  }), { numRuns: 250 })
  assert.ok(edited > 50, `${edited} edits`)
})

test('an edit that touches a key, a number or two values at once is none', () => {
  const met = { possible: 0, impossible: 0 }
  fc.assert(fc.property(written, fc.nat(), fc.nat(7), ({ value, json }, from, length) => {
    const { text, leaves } = viewOf(value)
    if (text === '') return
    const start = from % text.length
    const end = Math.min(text.length, start + 1 + length)
    const possible = leaves.some(leaf => typeof leaf.value === 'string' && leaf.start <= start && end <= leaf.end)
    const edits = read(json).edits([{ start, end, text: 'x' }])
    assert.equal(edits === 'found where nothing can be edited', !possible)
    met[possible ? 'possible' : 'impossible']++
  }), { numRuns: 1500 })
  assert.ok(met.possible > 20 && met.impossible > 20, JSON.stringify(met))
})

test('one impossible edit undoes the possible ones', () => {
  const lens = read('{"a":"jane","n":12}')
  assert.equal(lens.text, 'a: jane\nn: 12')
  assert.equal(lens.edits([{ start: 3, end: 7, text: 'x' }, { start: 11, end: 13, text: 'x' }]), 'found where nothing can be edited')
})

test('an edited value has to fit at its path; what is not edited is not asked for', () => {
  fc.assert(fc.property(written, fc.nat(), fc.boolean(), ({ value, json }, pick, fit) => {
    const leaves = viewOf(value).leaves.filter(leaf => typeof leaf.value === 'string')
    const leaf = leaves[pick % leaves.length]
    if (leaf === undefined) return
    const asked: unknown[] = []
    const edits = read(json).edits([{ start: leaf.start, end: leaf.end, text: 'new' }], (...place) => {
      asked.push(place)
      return fit
    })
    assert.deepEqual(asked, [[leaf.path, 'new']])
    assert.equal(edits !== 'its edit does not fit what the request declares', fit)
  }), { numRuns: 150 })
})

for (const [what, json, found, edited] of [
  ['escapes elsewhere stay as they are', '{ "a" : "\\u0041\\/\\n" ,"b":"secret" }', 'secret', '{ "a" : "\\u0041\\/\\n" ,"b":"*" }'],
  ['an escape hides no letter', '{"a":"\\u0073ecre\\u0074!"}', 'secret', '{"a":"*!"}'],
  ['a quote beside it stays one', '["\\"secret\\"\\\\"]', 'secret', '["\\"*\\"\\\\"]'],
  ['characters of two units before it do not shift it', '{"😀":"😀é","b":"😀secret😀"}', 'secret', '{"😀":"😀é","b":"😀*😀"}'],
  ['half a character elsewhere survives', '["\ud83d","secret"]', 'secret', '["\ud83d","*"]'],
  ['elements of an array stand behind its key', '{"ssn":["1",{"of":"jane"}]}', 'ssn: 1', undefined],
  ['a key before its value', '{"ssn":"secret"}', 'ssn: secret', undefined],
] as const) {
  test(`${what}: ${JSON.stringify(json)}`, () => {
    const lens = read(json)
    const start = lens.text.indexOf(found)
    assert.notEqual(start, -1, lens.text)
    const edits = lens.edits([{ start, end: start + found.length, text: '*' }])
    assert.equal(typeof edits === 'string' ? undefined : patch(json, edits), edited)
  })
}

for (const text of ['', 'plain', '"text"', '12', 'null', '{"a":', '{"a":1} more', '{a:1}', `${'['.repeat(65)}${']'.repeat(65)}`]) {
  test(`is read as it stands: ${JSON.stringify(text.slice(0, 20))}`, () => {
    assert.equal(JsonLens.read(text, scanner), undefined)
  })
}

for (const [name, json] of [
  ['a lone surrogate', String.raw`{"a":"\ud800","to":"jane\u002eroe\u0040example.com"}`],
  ['a key twice', String.raw`{"a":1,"a":2,"to":"jane\u002eroe\u0040example.com"}`],
  ['more levels than are read', '['.repeat(70) + String.raw`"jane\u002eroe\u0040example.com"` + ']'.repeat(70)],
  ['an end that is missing', String.raw`{"to":"jane\u002eroe\u0040example.com"`],
] as const) {
  test(`escapes do not hide a value behind ${name}`, () => {
    assert.ok(JsonLens.read(json, scanner)!.text.includes('jane.roe@example.com'))
  })
}

test('many edits take linear time', () => {
  const json = JSON.stringify({ a: 'x '.repeat(50_000) })
  const lens = JsonLens.read(json, scanner)!
  const edits = Array.from({ length: 50_000 }, (_, i) => ({ start: 3 + 2 * i, end: 4 + 2 * i, text: 'y' }))
  assert.equal(JSON.parse(editsOf(lens, edits)[0]!.text), 'y '.repeat(50_000))
})

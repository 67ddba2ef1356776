// What makes two bodies the same question: what they say, not how it is written.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { Scanner } from '../../core/json-tape.ts'
import { canonical } from '../../core/question.ts'
import { fc } from '../law.ts'

const NOTHING: ReadonlyMap<number, string> = new Map()
const scan = (body: string): ReturnType<Scanner['scan']> => new Scanner().scan(Buffer.from(body), { depth: 64 })
const canonicalOf = (body: string): string => canonical(scan(body), NOTHING)

/** A value as JSON, in one of the ways to write it. `pick` gives numbers from 0 to below its argument. */
function writtenBy(pick: (below: number) => number, value: unknown): string {
  const space = (): string => ['', '', ' ', '\n\t'][pick(4)]!
  const text = (of: string): string => JSON.stringify(of).replace(/[^"\\]/g, character =>
    pick(4) === 0 && !/["\\]/.test(JSON.stringify(of).slice(1, -1)) ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : character)
  const write = (of: unknown): string => {
    if (typeof of === 'string') return text(of)
    if (typeof of !== 'object' || of === null) return JSON.stringify(of)
    const joined = Array.isArray(of) ? of.map(write)
      : Object.entries(of).map(member => ({ member, at: pick(1000) })).toSorted((a, b) => a.at - b.at)
        .map(({ member: [name, one] }) => `${text(name)}${space()}:${space()}${write(one)}`)
    const [open, close] = Array.isArray(of) ? '[]' : '{}'
    return open! + space() + joined.join(`${space()},${space()}`) + space() + close!
  }
  return write(value)
}

const value = fc.jsonValue({ maxDepth: 4 })
const picks = fc.infiniteStream(fc.nat(999_999))
const pickerOf = (numbers: Iterator<number>) => (below: number): number => (numbers.next().value as number) % below

test('law: the same body in other writing is the same question', () => {
  fc.assert(fc.property(value, picks, (body, numbers) => {
    assert.equal(canonicalOf(writtenBy(pickerOf(numbers), { body })), canonicalOf(JSON.stringify({ body })))
  }))
})

test('law: another body is another question', () => {
  fc.assert(fc.property(value, value, (one, other) => {
    fc.pre(!isDeepStrictEqual(JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other))))
    assert.notEqual(canonicalOf(JSON.stringify({ one })), canonicalOf(JSON.stringify({ one: other })))
  }))
})

for (const [what, one, other] of [
  ['a name that looks like members', '{"a:1,b":2}', '{"a":1,"b":2}'],
  ['a name in latin1', '{"é":1}', '{"Ã©":1}'],
  ['a text in latin1', '{"a":"é"}', '{"a":"Ã©"}'],
  ['a text and its number', '{"a":"1"}', '{"a":1}'],
  ['a list of two and a list of one', '{"a":["b","c"]}', '{"a":["b,c"]}'],
] as const) {
  test(`${what} tells two bodies apart`, () => { assert.notEqual(canonicalOf(one), canonicalOf(other)) })
}

test('a text that a step left is the text that counts', () => {
  const tape = scan('{"a":"one","b":"two"}')
  const changed = new Map([[tape.find(0, 'a'), 'drei é']])
  assert.equal(canonical(tape, changed), canonicalOf('{"b":"tw\\u006f","a":"drei \\u00e9"}'))
})

test('whether it is to be a stream is no part of it', () => {
  assert.equal(canonicalOf('{"a":{"stream":1},"stream":true,"stream_options":{}}'), canonicalOf('{"a":{"stream":1}}'))
  assert.notEqual(canonicalOf('{"a":{"stream":1}}'), canonicalOf('{"a":{}}'))
})

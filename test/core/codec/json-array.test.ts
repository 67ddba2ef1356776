import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../../law.ts'
import { JsonArrayStream } from '../../../core/codec/json-array.ts'
import type { Frame } from '../../../core/codec/sse.ts'

const LIMIT = 1 << 16
const space = fc.array(fc.constantFrom(' ', '\n', '\r', '\t'), { maxLength: 3 }).map(list => list.join(''))
const text = fc.array(fc.constantFrom('a', '"', '\\', '{', '}', '[', ']', ',', 'é', '\u{1f600}'), { maxLength: 8 }).map(list => list.join(''))
const element = fc.tuple(fc.dictionary(text, fc.oneof(text, fc.array(text), fc.dictionary(text, text))), fc.constantFrom(undefined, 1, '\t'))
  .map(([value, indent]) => JSON.stringify(value, null, indent))
const array = fc.tuple(fc.array(fc.tuple(space, space, element), { minLength: 1, maxLength: 5 }), space, space)

/** The array as it stands on the wire, and its elements. */
const written = ([elements, before, behind]: [[string, string, string][], string, string]): { bytes: Buffer; all: string[] } => ({
  bytes: Buffer.from(`${elements.map(([left, right, json], at) => `${left}${at === 0 ? '[' : ','}${right}${json}`).join('')}${before}]${behind}`),
  all: elements.map(([, , json]) => json),
})

/** What comes out of pieces of so many bytes each, and what leaves again. */
function through(bytes: Buffer, sizes: readonly number[]): { frames: Frame[]; left: Buffer } {
  const stream = new JsonArrayStream(LIMIT)
  const frames: Frame[] = []
  const left: Buffer[] = []
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!
    const came = stream.push(bytes.subarray(at, at + size))
    const out = came.map(frame => frame.bytes)
    stream.join(out)
    frames.push(...came)
    left.push(...out)
    at += size
  }
  assert.deepEqual(stream.end(), [])
  return { frames, left: Buffer.concat([...left, stream.close()]) }
}

test('any array of objects, cut anywhere, is its elements, and leaves as it came', () => {
  fc.assert(fc.property(array, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 }), (parts, sizes) => {
    const { bytes, all } = written(parts)
    const { frames, left } = through(bytes, sizes)
    assert.deepEqual(frames.map(({ data }) => data!.toString()), all)
    assert.equal(left.toString(), bytes.toString())
    for (const { bytes: own, data, dataStart } of frames) assert.deepEqual(own.subarray(dataStart), data)
  }))
})

test('an element leaves with its last brace', () => {
  const stream = new JsonArrayStream(LIMIT)
  assert.deepEqual(stream.push(Buffer.from('[{"a":"}"')).length, 0)
  assert.equal(stream.push(Buffer.from('}')).length, 1)
})

test('whatever leaves is an array: without the first, with one of our own before it, with nothing behind it', () => {
  const first = Buffer.from(' [ {"a":1}')
  const second = Buffer.from('\n,{"b":2}')
  const own = Buffer.from(',\r\n{"c":3}')
  for (const out of [[first, second, own], [second, own], [own, first], [own]]) {
    const stream = new JsonArrayStream(LIMIT)
    const leaving = [...out]
    stream.join(leaving)
    const all = Buffer.concat([...leaving, stream.close()]).toString()
    assert.deepEqual(JSON.parse(all), out.map(piece => JSON.parse(piece.toString().replace(/^\s*[[,]/, '')) as unknown))
  }
  const empty = new JsonArrayStream(LIMIT)
  empty.join([Buffer.alloc(0)])
  assert.equal(empty.close().toString(), '[]')
})

for (const [what, bytes] of [
  ['no array', '{"a":1}'], ['an empty array', '[]'], ['a string among the objects', '["a"]'], ['two commas', '[{},,{}]'], ['no comma', '[{}{}]'],
  ['a comma before the end', '[{},]'], ['something behind the end', '[{}] x'], ['a second array', '[{}][{}]'], ['a page of HTML', '<html>'],
] as const) {
  test(`refused: ${what}`, () => {
    assert.throws(() => new JsonArrayStream(LIMIT).push(Buffer.from(bytes)), { code: 'upstream_invalid' })
  })
}

for (const bytes of ['', '[', '[{"a":', '[{}', '[{},']) {
  test(`what breaks off is no array: ${JSON.stringify(bytes)}`, () => {
    const stream = new JsonArrayStream(LIMIT)
    stream.push(Buffer.from(bytes))
    assert.throws(() => stream.end(), { code: 'upstream_closed' })
  })
}

test('a frame is bounded, whether it ends or not', () => {
  for (const bytes of [`[{"a":"${'x'.repeat(LIMIT)}"}]`, `[{"a":"${'x'.repeat(LIMIT)}`, ' '.repeat(LIMIT + 1)]) {
    assert.throws(() => new JsonArrayStream(LIMIT).push(Buffer.from(bytes)), { code: 'upstream_invalid' })
  }
})

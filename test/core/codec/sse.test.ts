import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createParser } from 'eventsource-parser'
import { fc } from '../../law.ts'
import { encodeFrame, SseDecoder, type Frame } from '../../../core/codec/sse.ts'

interface Event { readonly data: string; readonly event: string | undefined }

/** What a frame says; frames without data are no events. */
const events = (frames: readonly Frame[]): Event[] =>
  frames.flatMap(({ data, event }) => data === undefined ? [] : [{ data: data.toString(), event }])

/** Decodes the pieces; the unfinished rest comes apart. */
function decode(pieces: readonly Buffer[], limit = 1 << 20): { frames: Frame[]; rest: Frame[] } {
  const decoder = new SseDecoder(limit)
  return { frames: pieces.flatMap(piece => decoder.push(piece)), rest: decoder.end() }
}

/** Cuts bytes at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map(place => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end))
}

function oracle(stream: string): Event[] {
  const found: Event[] = []
  createParser({ onEvent: ({ data, event }) => { found.push({ data, event }) } }).feed(stream)
  return found
}

const said = (data: string, event?: string): Event => ({ data, event })

interface Case {
  readonly name: string
  readonly stream: string
  readonly events: readonly Event[]
  /** What no blank line has ended. */
  readonly rest?: string
}

const cases: readonly Case[] = [
  { name: 'LF', stream: 'data: a\n\ndata: b\n\n', events: [said('a'), said('b')] },
  { name: 'CRLF', stream: 'data: a\r\n\r\ndata: b\r\n\r\n', events: [said('a'), said('b')] },
  { name: 'CR', stream: 'data: a\r\rdata: b\r\r', events: [said('a'), said('b')] },
  { name: 'line ends of every kind', stream: 'data: a\r\ndata: b\rdata: c\n\r\n', events: [said('a\nb\nc')] },
  { name: 'no space after the colon', stream: 'data:a\n\n', events: [said('a')] },
  { name: 'only the first space is eaten', stream: 'data:  a \n\n', events: [said(' a ')] },
  { name: 'several lines, empty ones among them', stream: 'data: a\ndata:\ndata\ndata: b\n\n', events: [said('a\n\n\nb')] },
  { name: 'an empty payload is a payload', stream: 'data\n\n', events: [said('')] },
  { name: 'comments', stream: ': keep-alive\n\n:\n\ndata: a\n: more\n\n', events: [said('a')] },
  { name: 'event names', stream: 'event: ping\ndata: a\n\ndata: b\n\n', events: [said('a', 'ping'), said('b')] },
  { name: 'the last event name holds', stream: 'event: a\nevent: b\ndata: x\n\nevent: a\nevent:\ndata: y\n\n',
    events: [said('x', 'b'), said('y')] },
  { name: 'unknown fields and names that only begin alike',
    stream: 'id: 1\nretry: 10\ndat: x\ndatas: y\nda\nevents: z\nfoo\ndata: a\n\n',
    events: [said('a')] },
  { name: 'a byte order mark, once', stream: '\uFEFFdata: a\n\n\uFEFFdata: b\n\n', events: [said('a')] },
  { name: 'a blank line after the byte order mark', stream: '\uFEFF\ndata: a\n\n', events: [said('a')] },
  { name: 'U+2028, U+2029 and U+0085 end no line', stream: 'data: a\u2028b\u2029c\u0085d\n\n',
    events: [said('a\u2028b\u2029c\u0085d')] },
  { name: 'letters of four bytes', stream: 'data: 😀é漢\n\n', events: [said('😀é漢')] },
  { name: 'extra blank lines', stream: '\n\r\n\rdata: a\n\n\n\n', events: [said('a')] },
  { name: 'an unfinished frame', stream: 'data: a\n\ndata: [DONE]', events: [said('a')], rest: 'data: [DONE]' },
  { name: 'a frame that lacks its blank line', stream: 'data: a\n\ndata: [DONE]\n', events: [said('a')], rest: 'data: [DONE]\n' },
]

for (const { name, stream, events: expected, rest = '' } of cases) {
  test(`P39: reads ${name}, however it is cut`, () => {
    const bytes = Buffer.from(stream)
    for (let first = 0; first <= bytes.length; first++) {
      for (const second of [first, first + 1, bytes.length]) {
        const { frames, rest: left } = decode(cut(bytes, [first, Math.min(second, bytes.length)]))
        assert.deepEqual(events(frames), expected)
        assert.equal(Buffer.concat([...frames, ...left].map(frame => frame.bytes)).toString(), stream)
        if (rest !== '') assert.equal(left[0]?.bytes.toString(), rest)
      }
    }
    assert.deepEqual(events(decode([...bytes].map(byte => Buffer.of(byte))).frames), expected)
  })
}

const ends = fc.constantFrom('\n', '\r\n', '\r')
const oneLine = fc.string({ unit: 'grapheme', maxLength: 6 }).map(text => text.replaceAll(/[\r\n]/g, ''))
const value = fc.oneof(fc.constantFrom('', ' ', '  x', ':', '{"a":"😀"}', 'a\u2028b', '\uFEFF'), oneLine)
const name = fc.constantFrom('data:', 'data: ', 'event: ', ':', 'id: ', 'x: ')
const line = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(name, value).map(pair => pair.join('')) },
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.constantFrom('data', 'event', 'event:', 'dat', 'database: 1', ' data: x') },
)
const streams = fc.tuple(fc.boolean(), fc.array(fc.tuple(line, ends), { maxLength: 24 }), line)
  .map(([mark, lines, last]) => (mark ? '\uFEFF' : '') + lines.map(([text, end]) => text + end).join('') + last)
const places = fc.array(fc.nat(), { maxLength: 12 })

test('P39: agrees with eventsource-parser on any stream, however it is cut, and loses no byte', () => {
  fc.assert(fc.property(streams, places, (stream, at) => {
    const bytes = Buffer.from(stream)
    const { frames, rest } = decode(cut(bytes, at))
    assert.deepEqual(events(frames), oracle(stream))
    assert.ok(Buffer.concat([...frames, ...rest].map(frame => frame.bytes)).equals(bytes))
  }), { numRuns: 3000 })
})

test('gives the same frames for every cut', () => {
  fc.assert(fc.property(streams, places, (stream, at) => {
    const bytes = Buffer.from(stream)
    const whole = decode([bytes])
    const parts = decode(cut(bytes, at))
    assert.deepEqual(events([...parts.frames, ...parts.rest]), events([...whole.frames, ...whole.rest]))
  }), { numRuns: 1000 })
})

test('says where a payload of one line stands', () => {
  fc.assert(fc.property(streams, places, (stream, at) => {
    for (const { bytes, data, dataStart } of decode(cut(Buffer.from(stream), at)).frames) {
      if (dataStart !== -1) assert.ok(data?.equals(bytes.subarray(dataStart, dataStart + data.length)))
      else assert.ok(data === undefined || data.includes('\n'))
    }
  }))
})

test('a payload in one piece is not copied', () => {
  const chunk = Buffer.from('data: {"a":1}\n\n')
  const [frame] = new SseDecoder(100).push(chunk)
  assert.equal(frame?.bytes.buffer, chunk.buffer)
  assert.equal(frame?.data?.buffer, chunk.buffer)
})

test('a frame over the limit is refused, finished or not, and one at the limit is not', () => {
  const frame = Buffer.from(`data: ${'x'.repeat(100)}\n\n`)
  const invalid = { code: 'upstream_invalid' }
  assert.equal(decode([frame], frame.length).frames.length, 1)
  assert.throws(() => decode([frame], frame.length - 1), invalid)
  assert.throws(() => decode([frame.subarray(0, 60), frame.subarray(60, 80)], 79), invalid)
  assert.throws(() => decode([Buffer.from('data: a\n'.repeat(50))], 399), invalid)
})

const pieces = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))

function took(stream: readonly Buffer[]): number {
  const began = performance.now()
  decode(stream, 1 << 26)
  return performance.now() - began
}

test('takes time in proportion to the bytes, for a long frame in small pieces and for one of many lines', () => {
  const long = Buffer.from(`data: ${'x'.repeat(4 << 20)}\n\n`)
  const lines = Buffer.from(`${'data:\n'.repeat(200_000)}\n`)
  // Each takes some ten milliseconds; quadratic work would take minutes.
  assert.ok(took(pieces(long, 64)) < 2000)
  assert.ok(took([lines]) < 2000)
  assert.ok(took(pieces(lines, 64)) < 2000)
})

test('what encodeFrame writes is read back', () => {
  assert.equal(encodeFrame('{"a":1}'), 'data: {"a":1}\n\n')
  assert.equal(encodeFrame('x', 'ping'), 'event: ping\ndata: x\n\n')
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.constantFrom(undefined, 'ping'), (payload, event) => {
    const { frames, rest } = decode([Buffer.from(encodeFrame(payload, event))])
    assert.deepEqual(events(frames), [{ data: payload.replaceAll(/\r\n|\r/g, '\n'), event }])
    assert.equal(rest.length, 0)
  }))
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fc } from '../law.ts'
import { SseDecoder, type Frame } from '../../core/codec/sse.ts'
import chat from '../../core/dialect/openai-chat.ts'
import { Scanner } from '../../core/json-tape.ts'
import { Likeness } from '../../core/likeness.ts'
import { read, type Reading } from '../../core/reading.ts'

const scanner = new Scanner()
const readingOf = (payload: string | Buffer): Reading =>
  read(scanner.scan(Buffer.from(payload), { depth: 32, halves: true }), chat.streaming!.frame)
const frameOf = (payload: string, end = '\n\n'): Frame => [...new SseDecoder(1 << 20).push(Buffer.from(`id: 7\ndata: ${payload}${end}`))][0]!

const chunk = (content: string): string => `{"id":"c","choices":[{"index":1,"delta":{"content":${content}},"finish_reason":null}]}`
const likeness = Likeness.of(readingOf(chunk('"Hello"')))!

test('knows the one text of a frame and the choice that it belongs to', () => {
  assert.deepEqual([likeness.spot.path, likeness.choices], ['/choices/1/delta/content', [1]])
})

describe('a payload that is alike gives its text as a full reading does', () => {
  const plain = fc.string({ unit: 'binary', maxLength: 12 }).map(text => JSON.stringify(text))
  const escaped = fc.string({ maxLength: 6 }).map(text => `"${[...text].map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`)
  const broken = fc.string({ unit: fc.constantFrom('"', '\\', 'u', 'n', '\n', '\0', 'd83d', 'x', '}', ',', 'é', '😀'), maxLength: 8 }).map(text => `"${text}"`)
  for (const [name, written] of Object.entries({ plain, escaped, broken })) {
    test(name, () => {
      fc.assert(fc.property(written, content => {
        const payload = Buffer.from(chunk(content))
        const text = likeness.textOf(payload)
        let reading: Reading | undefined
        try {
          reading = readingOf(payload)
        } catch {
          return assert.equal(text, undefined, 'what is no JSON is never alike')
        }
        if (text === undefined) return undefined
        assert.deepEqual(reading.spots.map(({ node, path }) => [path, reading.tape.text(node)]), [[likeness.spot.path, text]])
        assert.deepEqual([reading.choices, reading.finished, reading.uncovered.length], [[1], [], readingOf(chunk('""')).uncovered.length])
      }), { numRuns: 400 })
    })
  }

  for (const [content, expected] of [['""', ''], ['" gate"', ' gate'], ['"a\\nb"', 'a\nb'], ['"\\u00e9é😀"', 'éé😀'], ['"\\ud83d"', '\ud83d']] as const) {
    test(`${content} is alike`, () => assert.equal(likeness.textOf(Buffer.from(chunk(content))), expected))
  }
})

describe('is not alike', () => {
  for (const [name, payload] of [
    ['another choice', chunk('"x"').replace('"index":1', '"index":0')],
    ['a finish', chunk('"x"').replace('null', '"stop"')],
    ['no text at all', chunk('null')],
    ['one quote for both ends', chunk('"x"').replace('"x"', '"')],
    ['a second member smuggled in', chunk('"x","content":"y"')],
    ['an escaped end', chunk('"x\\"')],
    ['a shorter payload', '{}'],
    ['bytes that are no UTF-8', Buffer.concat([Buffer.from(chunk('"x"').split('x')[0]!), Buffer.of(0xc3), Buffer.from(chunk('"x"').split('x')[1]!)])],
  ] as const) {
    test(name, () => assert.equal(likeness.textOf(Buffer.from(payload)), undefined))
  }
})

describe('only a piece of one text has a likeness', () => {
  for (const [name, payload] of [
    ['a role alone', '{"choices":[{"index":0,"delta":{"role":"assistant"}}]}'],
    ['two texts', '{"choices":[{"index":0,"delta":{"content":"a","refusal":"b"}}]}'],
    ['the finish', '{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}'],
    ['usage', '{"choices":[{"index":0,"delta":{"content":"a"}}],"usage":{"total_tokens":1}}'],
    ['an error', '{"choices":[{"index":0,"delta":{"content":"a"}}],"error":{"message":"no"}}'],
    ['logprobs', '{"choices":[{"index":0,"delta":{"content":"a"},"logprobs":{"content":[{"token":"a"}]}}]}'],
    ["a tool's name, which is whole in every frame", '{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"f"}}]}}]}'],
  ] as const) {
    test(name, () => assert.equal(Likeness.of(readingOf(payload)), undefined))
  }
})

test('another text changes the text alone, whatever stands around the payload', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), fc.constantFrom('\n\n', '\r\n\r\n'), (came, leaves, end) => {
    const frame = frameOf(chunk(JSON.stringify(came)), end)
    assert.equal(likeness.textOf(frame.data!), came)
    assert.equal(likeness.rewritten(frame, leaves).toString(), `id: 7\ndata: ${chunk(JSON.stringify(leaves))}${end}`)
  }))
})

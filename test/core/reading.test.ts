import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anywhere, each, fields, text, word, type Place } from '../../sdk/index.ts'
import { Scanner } from '../../core/json-tape.ts'
import { read } from '../../core/reading.ts'

const scan = (json: string) => new Scanner().scan(Buffer.from(json), { depth: 32 })

const request: Place = fields({
  model: word,
  messages: each(fields({ role: word, content: { ...text(), ...each(fields({ type: word, text: text() })) } }, { opens: 'message' })),
  tools: each(fields({ description: text('text', 'tool_def'), parameters: anywhere({ channel: 'schema', origin: 'tool_def' }) })),
})
const frame: Place = fields({
  choices: each(fields({
    delta: fields({
      content: text('text', 'assistant'),
      tool_calls: each(fields({ arguments: text('tool_args', 'assistant') }, { opens: 'call' })),
    }),
    finish_reason: { leaf: 'finish' },
  }, { opens: 'choice' })),
  usage: { mark: 'usage' },
  error: { mark: 'error' },
})

const seen = (json: string, map: Place) => {
  const tape = scan(json)
  return read(tape, map).spots.map(spot => [spot.path, spot.origin, spot.channel, tape.text(spot.node)])
}

test('a string takes its origin from the role of its message, wherever the role stands', () => {
  assert.deepEqual(seen('{"messages":[{"role":"system","content":"a"},{"content":"b","role":"tool"},{"content":"c"},{"role":"wizard","content":"d"}]}', request), [
    ['/messages/0/content', 'system', 'text', 'a'],
    ['/messages/1/content', 'tool_result', 'text', 'b'],
    ['/messages/2/content', 'user', 'text', 'c'],
    ['/messages/3/content', 'user', 'text', 'd'],
  ])
})

test('a place may hold a string or a list of parts', () => {
  assert.deepEqual(seen('{"messages":[{"role":"user","content":[{"type":"text","text":"x"},{"type":"text","text":"y"}]}]}', request), [
    ['/messages/0/content/0/text', 'user', 'text', 'x'],
    ['/messages/0/content/1/text', 'user', 'text', 'y'],
  ])
})

test('a free schema is read at any depth, and pointers are escaped', () => {
  assert.deepEqual(seen('{"tools":[{"parameters":{"a/b":{"~":["deep"]}}}]}', request), [
    ['/tools/0/parameters/a~1b/~0/0', 'tool_def', 'schema', 'deep'],
  ])
})

test('what no map reaches is uncovered, whatever its key is called', () => {
  const tape = scan('{"model":"m","extra":"x","messages":[{"role":"user","content":"a","note":{"b":["c"]}}],"__proto__":"p","constructor":"q"}')
  const reading = read(tape, request)
  assert.deepEqual(reading.uncovered.map(node => tape.text(node)), ['x', 'c', 'p', 'q'])
})

test('pieces of a stream know their choice and call by index, and by position where there is none', () => {
  const tape = scan('{"choices":[{"index":2,"delta":{"tool_calls":[{"index":1,"arguments":"{"},{"arguments":"}"}]}},{"delta":{"content":"z"}}]}')
  assert.deepEqual(read(tape, frame).spots.map(({ choice, call }) => [choice, call]), [[2, 1], [2, 1], [1, -1]])
})

test('pieces of one text share one path, wherever their choice stands in its frame', () => {
  const path = (json: string) => read(scan(json), frame).spots[0]?.path
  assert.equal(path('{"choices":[{"index":1,"delta":{"content":"a"}}]}'), '/choices/1/delta/content')
  assert.equal(path('{"choices":[{"index":0,"delta":{}},{"index":1,"delta":{"content":"a"}}]}'), '/choices/1/delta/content')
})

test('finish marks, usage and errors are noted', () => {
  const tape = scan('{"choices":[{"index":3,"delta":{},"finish_reason":"stop"},{"index":1,"finish_reason":null}],"usage":{"a":1},"error":{"message":"no"}}')
  const reading = read(tape, frame)
  assert.deepEqual(reading.finished, [3])
  assert.equal(tape.kind(reading.usage), 'object')
  assert.equal(tape.kind(reading.error), 'object')
  assert.equal(read(scan('{"usage":null,"error":null}'), frame).usage, -1)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Declared } from '../../core/declared.ts'
import chat from '../../core/dialect/openai-chat.ts'
import moderations from '../../core/dialect/openai-moderations.ts'
import { Scanner } from '../../core/json-tape.ts'

const toolOf = (name: string): object => ({ type: 'function', function: { name, parameters: { properties: { to: { const: name } } } } })
const request = new Scanner().scan(Buffer.from(JSON.stringify({
  tools: [toolOf('one'), toolOf('two')],
  response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { items: { maxLength: 1 } } } },
})), { depth: 20 })
const args = (choice: number, call: number) => ({ choice, call, channel: 'tool_args' } as const)

test('a call is held against the tool that it names, and the text against its format', () => {
  const declared = new Declared(chat, request)
  declared.called(args(0, 0), 'one')
  declared.called(args(0, 1), 'two')
  declared.called(args(1, 0), 'two')
  declared.called(args(1, 0), '')
  for (const [place, tool] of [[args(0, 0), 'one'], [args(0, 1), 'two'], [args(1, 0), 'two']] as const) {
    assert.deepEqual(['one', 'two'].filter(name => declared.fits(place, ['to'], name)), [tool])
  }
  const text = { choice: 0, call: -1, channel: 'text' } as const
  assert.deepEqual(['x', 'xx'].map(value => declared.fits(text, [0], value)), [true, false])
})

test('what is not declared fits', () => {
  const declared = new Declared(chat, request)
  assert.ok(declared.fits(args(0, 0), ['to'], 'x'), 'a call without a name')
  declared.called(args(0, 0), 'three')
  assert.ok(declared.fits(args(0, 0), ['to'], 'x'), 'a tool that nobody declared')
  for (const other of [new Declared(chat, undefined), new Declared(moderations, request)]) {
    other.called(args(0, 0), 'one')
    assert.ok(other.fits(args(0, 0), ['to'], 'x'))
  }
})

test('the request is read at the first edit, and once', () => {
  let asked = 0
  const declared = new Declared({ ...chat, schemas: tape => { asked++; return chat.schemas!(tape) } }, request)
  declared.called(args(0, 0), 'one')
  assert.equal(asked, 0)
  for (let i = 0; i < 3; i++) declared.fits(args(0, i), ['to'], 'x')
  assert.equal(asked, 1)
})

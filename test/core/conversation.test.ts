import assert from 'node:assert/strict'
import { test } from 'node:test'
import { each, fields, text, word, type ByteEdit, type Dialect, type Tape } from '../../sdk/index.ts'
import { Conversation, covers, maskOf, setField } from '../../core/conversation.ts'
import { Scanner } from '../../core/json-tape.ts'
import { read } from '../../core/reading.ts'
import { splice } from '../../core/splice.ts'

const map = fields({ model: word, messages: each(fields({ role: word, content: text() }, { opens: 'message' })) })
const dialect = {
  name: 'toy', request: map,
  insert(tape: Tape, message: { role: string; text: string }, at: 'start' | 'end'): ByteEdit {
    const list = tape.find(0, 'messages')
    const position = at === 'start' ? tape.start(list) + 1 : tape.end(list) - 1
    const json = JSON.stringify({ role: message.role, content: message.text })
    return { start: position, end: position, text: at === 'start' ? `${json},` : `,${json}` }
  },
} as unknown as Dialect

const BODY = '{ "model":"m", "messages":[ {"role":"user","content":"caf\\u00e9 for jane@x.org"} ,{"role":"assistant","content":"\\u003cok\\u003e"}], "seed":12345678901234567890 }'

function open(body = BODY): { tape: Tape; conversation: Conversation } {
  const scanner = new Scanner()
  const tape = scanner.scan(Buffer.from(body), { depth: 32 })
  return { tape, conversation: new Conversation(tape, read(tape, map), dialect, scanner) }
}
const rewritten = ({ tape, conversation }: ReturnType<typeof open>): string => splice(tape.bytes, conversation.rewrite()).toString()

const all = maskOf({ origins: ['user', 'assistant', 'gateway'], channels: ['text'] })

test('without edits nothing is rewritten', () => {
  const house = open()
  assert.deepEqual(house.conversation.rewrite(), [])
})

test('an edit changes the edited characters and no other byte', () => {
  const house = open()
  house.conversation.piece(0)!.edit([{ start: 9, end: 19, text: 'X"Y' }])
  assert.equal(rewritten(house), BODY.replace('jane@x.org', 'X\\"Y'))
})

test('a later step sees and edits what an earlier one left', () => {
  const house = open()
  house.conversation.piece(0)!.edit([{ start: 9, end: 19, text: 'EMAIL' }])
  assert.equal(house.conversation.text(0), 'café for EMAIL')
  house.conversation.piece(0)!.edit([{ start: 0, end: 4, text: 'tea' }, { start: 9, end: 14, text: 'MAIL' }])
  assert.equal(JSON.parse(rewritten(house)).messages[0].content, 'tea for MAIL')
  assert.ok(rewritten(house).endsWith('"\\u003cok\\u003e"}], "seed":12345678901234567890 }'))
})

test('inserts stand in the order of the steps, and are the gateway\'s own words', () => {
  const house = open()
  house.conversation.insert('system', 'second', 'start')
  house.conversation.insert('system', 'first', 'start')
  house.conversation.insert('user', 'last', 'end')
  const { messages } = JSON.parse(rewritten(house)) as { messages: { content: string }[] }
  assert.deepEqual(messages.map(message => message.content), ['first', 'second', 'café for jane@x.org', '<ok>', 'last'])
  assert.deepEqual(house.conversation.segments(maskOf({ origins: ['gateway'], channels: ['text'] })).map(segment => segment.text), ['second', 'first', 'last'])
})

test('an inserted message can be edited before it is written', () => {
  const house = open()
  house.conversation.insert('system', 'write to a@b.org', 'start')
  const { id } = house.conversation.segments(maskOf({ origins: ['gateway'], channels: ['text'] }))[0]!
  house.conversation.piece(id)!.edit([{ start: 9, end: 16, text: '[EMAIL]' }])
  assert.equal(JSON.parse(rewritten(house)).messages[0].content, 'write to [EMAIL]')
})

test('a parameter is replaced where it stands, and added where it does not', () => {
  const house = open()
  house.conversation.set('model', 'other')
  house.conversation.set('temperature', 0)
  const body = rewritten(house)
  assert.ok(body.startsWith('{ "model":"other", "messages"'))
  assert.ok(body.endsWith('"seed":12345678901234567890 ,"temperature":0}'))
  const empty = open('{}')
  assert.equal(splice(empty.tape.bytes, [setField(empty.tape, 'a', 'b')]).toString(), '{"a":"b"}')
})

test('segments are chosen by origin and channel', () => {
  const { conversation } = open()
  assert.deepEqual(conversation.segments(maskOf({ origins: ['assistant'], channels: ['text'] })).map(({ path, trust, text: said }) => [path, trust, said]),
    [['/messages/1/content', 'trusted', '<ok>']])
  assert.equal(conversation.segments(all).length, 2)
  assert.equal(conversation.segments(maskOf({ origins: ['user'], channels: ['tool_args'] })).length, 0)
  assert.equal(conversation.length, 19 + 4)
  assert.ok(covers(all, 'user', 'text') && !covers(all, 'system', 'text'))
})

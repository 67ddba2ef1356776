import assert from 'node:assert/strict'
import { test } from 'node:test'
import dialect from '../../../core/dialect/anthropic-count-tokens.ts'
import { Scanner } from '../../../core/json-tape.ts'
import { read } from '../../../core/reading.ts'

const tapeOf = (body: object) => new Scanner().scan(Buffer.from(JSON.stringify(body)), { depth: 64 })

test('P55: reads what messages have, and asks for no max_tokens', () => {
  const tape = tapeOf({ model: 'm', system: 'x', messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] })
  dialect.check(tape)
  assert.deepEqual(read(tape, dialect.request).spots.map(({ path }) => path), ['/system', '/messages/0/content/0/text'])
})

test('its answer holds no text and no usage', () => {
  const { spots, uncovered, usage } = read(tapeOf({ input_tokens: 14, context_management: { original_input_tokens: 20 } }), dialect.response)
  assert.deepEqual([spots, uncovered, usage], [[], [], -1])
  assert.equal(dialect.usage({ input_tokens: 14 }), undefined)
  assert.equal(dialect.streaming, undefined)
})

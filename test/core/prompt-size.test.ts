import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encode } from 'gpt-tokenizer'
import { Scanner } from '../../core/json-tape.ts'
import { likelyTokens, mostTokens } from '../../core/prompt-size.ts'
import { fc } from '../law.ts'

const tapeOf = (body: unknown) => new Scanner().scan(Buffer.from(JSON.stringify(body)), { depth: 20 })

test('a text never has more tokens than the bound', () => {
  fc.assert(fc.property(fc.array(fc.oneof(fc.string(), fc.string({ unit: 'grapheme' })), { minLength: 1, maxLength: 5 }), texts => {
    const messages = texts.map(content => ({ role: 'user', content }))
    // As OpenAI counts: four tokens around each message, and three that begin the answer.
    const tokens = texts.reduce((sum, text) => sum + encode(text, { disallowedSpecial: new Set() }).length + 4, 3)
    assert.ok(tokens <= mostTokens(tapeOf({ model: 'm', messages }), []))
  }))
})

test('what the steps add counts, and declared tools have words of the vendor\'s own', () => {
  const tape = tapeOf({ a: 'x' })
  assert.equal(mostTokens(tape, []), 9)
  assert.equal(mostTokens(tape, [{ start: 5, end: 8, text: '"more than that"' }]), 22)
  assert.ok(mostTokens(tapeOf({ tools: [] }), []) > 1000)
})

test('a guess is about right for words, and no byte of a picture is taken for one', () => {
  const words = 'The quick brown fox jumps over the lazy dog. '.repeat(100)
  const tokens = encode(words).length
  const guess = likelyTokens(tapeOf({ messages: [{ role: 'user', content: words }] }))
  assert.ok(guess > tokens * 0.7 && guess < tokens * 1.5, `${guess} for ${tokens}`)
  assert.ok(likelyTokens(tapeOf({ image: Buffer.alloc(500_000).toString('base64') })) < 2000)
})

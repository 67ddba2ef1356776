import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boundLength, lengthIn } from '../../core/answer-length.ts'
import { Scanner } from '../../core/json-tape.ts'
import { loadDialect } from '../../core/registry.ts'
import { splice } from '../../core/splice.ts'

const tapeOf = (json: string) => new Scanner().scan(Buffer.from(json), { depth: 20 })

for (const [dialect, body, most, choices] of [
  ['openai-chat', '{"max_tokens":9}', 9, 1],
  ['openai-chat', '{"max_tokens":9,"max_completion_tokens":70,"n":3}', 70, 3],
  ['openai-chat', '{"max_tokens":null,"n":null}', undefined, 1],
  ['openai-chat', '{"max_tokens":-1,"max_completion_tokens":9}', undefined, 1],
  ['openai-completions', '{"max_tokens":5,"n":2,"best_of":4,"prompt":["a","b"]}', 5, 8],
  ['openai-completions', '{"prompt":[1,2,3]}', undefined, 1],
  ['openai-responses', '{"max_output_tokens":12}', 12, 1],
  ['anthropic-messages', '{"max_tokens":12}', 12, 1],
  ['gemini', '{"generationConfig":{"maxOutputTokens":7,"candidateCount":2}}', 7, 2],
  ['gemini', '{"generation_config":{"max_output_tokens":7}}', 7, 1],
  ['gemini', '{}', undefined, 1],
] as const) {
  test(`${dialect} says so much with ${body}`, async () => {
    const { length } = await loadDialect(dialect)
    assert.deepEqual(lengthIn(tapeOf(body), length!), { most, choices })
  })
}

for (const [dialect, body, param] of [
  ['openai-chat', '{"max_tokens":"9"}', 'max_tokens'],
  ['openai-chat', '{"max_completion_tokens":"100000"}', 'max_completion_tokens'],
  ['openai-chat', '{"max_tokens":0}', 'max_tokens'],
  ['openai-chat', '{"max_tokens":-2}', 'max_tokens'],
  ['openai-chat', '{"max_tokens":1.5}', 'max_tokens'],
  ['openai-chat', '{"max_tokens":1e400}', 'max_tokens'],
  ['openai-chat', '{"max_tokens":true}', 'max_tokens'],
  ['openai-completions', '{"best_of":"20"}', 'best_of'],
  ['openai-completions', '{"best_of":0}', 'best_of'],
  ['openai-completions', '{"n":-1}', 'n'],
  ['gemini', '{"generationConfig":{"maxOutputTokens":"7"}}', 'maxOutputTokens'],
  ['gemini', '{"generationConfig":[]}', 'generationConfig'],
] as const) {
  test(`${dialect} refuses ${body}, which servers read in different ways`, async () => {
    const { length } = await loadDialect(dialect)
    assert.throws(() => lengthIn(tapeOf(body), length!), { code: 'invalid_body', param })
  })
}

for (const [dialect, body, bounded] of [
  ['openai-chat', '{"model":"m"}', '{"model":"m","max_completion_tokens":50}'],
  ['openai-chat', '{"max_completion_tokens":null}', '{"max_completion_tokens":50}'],
  ['openai-chat', '{"max_tokens":-1,"a":1}', '{"max_tokens":null,"a":1,"max_completion_tokens":50}'],
  ['anthropic-messages', '{}', '{"max_tokens":50}'],
  ['gemini', '{"contents":[]}', '{"contents":[],"generationConfig":{"maxOutputTokens":50}}'],
  ['gemini', '{"generationConfig":{"topK":1}}', '{"generationConfig":{"topK":1,"maxOutputTokens":50}}'],
  ['gemini', '{"generationConfig":null}', '{"generationConfig":{"maxOutputTokens":50}}'],
] as const) {
  test(`${dialect} is bounded to ${bounded}`, async () => {
    const { length } = await loadDialect(dialect)
    const tape = tapeOf(body)
    const edited = splice(tape.bytes, boundLength(tape, length!, 50)).toString()
    assert.equal(edited, bounded)
    assert.equal(lengthIn(tapeOf(edited), length!).most, 50)
  })
}

test('a target may have another name for it', async () => {
  const { length } = await loadDialect('openai-chat')
  const tape = tapeOf('{"a":1}')
  assert.equal(splice(tape.bytes, boundLength(tape, length!, 5, 'max_tokens')).toString(), '{"a":1,"max_tokens":5}')
})

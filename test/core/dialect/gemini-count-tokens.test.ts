import assert from 'node:assert/strict'
import { test } from 'node:test'
import dialect from '../../../core/dialect/gemini-count-tokens.ts'
import { Scanner } from '../../../core/json-tape.ts'
import { read } from '../../../core/reading.ts'
import { splice } from '../../../core/splice.ts'
import { GatehouseError } from '../../../sdk/index.ts'

const tapeOf = (body: unknown) => new Scanner().scan(Buffer.from(JSON.stringify(body)), { depth: 64 })
const contents = [{ role: 'user', parts: [{ text: 'x' }] }, { role: 'model', parts: [{ text: 'y', thought: true }] }]
const whole = { model: 'models/m', contents, systemInstruction: { parts: [{ text: 's' }] }, tools: [{ functionDeclarations: [{ name: 'f' }] }] }

for (const [what, body, paths] of [
  ['contents alone', { contents }, ['/contents/0/parts/0/text', '/contents/1/parts/0/text']],
  ['a whole request', { generateContentRequest: whole }, [
    '/generateContentRequest/contents/0/parts/0/text', '/generateContentRequest/contents/1/parts/0/text',
    '/generateContentRequest/systemInstruction/parts/0/text', '/generateContentRequest/tools/0/functionDeclarations/0/name',
  ]],
  ['a whole request, as the .proto files spell it', { generate_content_request: { contents } }, [
    '/generate_content_request/contents/0/parts/0/text', '/generate_content_request/contents/1/parts/0/text',
  ]],
] as const) {
  test(`reads what a request to be counted has: ${what}`, () => {
    const tape = tapeOf(body)
    dialect.check(tape)
    const { spots, uncovered } = read(tape, dialect.request)
    assert.deepEqual([spots.map(({ path }) => path), uncovered], [paths, []])
  })
}

test('its answer holds no text and no usage', () => {
  const details = [{ modality: 'TEXT', tokenCount: 14 }]
  const { spots, uncovered, usage } = read(tapeOf({ totalTokens: 14, promptTokensDetails: details, cacheTokensDetails: details }), dialect.response)
  assert.deepEqual([spots, uncovered, usage], [[], [], -1])
  assert.equal(dialect.usage({ totalTokens: 14 }), undefined)
})

test('a message that is added is counted, wherever the contents are', () => {
  const added = { role: 'user', parts: [{ text: 'Be brief.' }] }
  for (const [body, expected] of [
    [{ contents }, { contents: [added, ...contents] }],
    [{ generateContentRequest: { contents } }, { generateContentRequest: { contents: [added, ...contents] } }],
  ]) {
    const tape = tapeOf(body)
    const edit = dialect.insert!(tape, { role: 'system', text: 'Be brief.' }, 'start')
    assert.deepEqual(JSON.parse(splice(tape.bytes, [edit!]).toString()), expected)
  }
})

test('another model is named where the body names one', () => {
  const named = (body: object, model: string): unknown => {
    const tape = tapeOf(body)
    return JSON.parse(splice(tape.bytes, dialect.rename!(tape, model)).toString())
  }
  assert.deepEqual(named({ generateContentRequest: whole }, 'other'), { generateContentRequest: { ...whole, model: 'models/other' } })
  assert.deepEqual(named({ contents }, 'other'), { contents })
})

for (const [body, param] of [
  [7, null], [{}, 'contents'], [{ contents: [] }, 'contents'], [{ contents: ['x'] }, 'contents[0]'],
  [{ contents, generateContentRequest: 'x' }, 'generateContentRequest'], [{ generateContentRequest: {} }, 'contents'],
] as const) {
  test(`refused: ${JSON.stringify(body)}`, () => {
    assert.throws(() => dialect.check(tapeOf(body)), error => error instanceof GatehouseError && error.param === param)
  })
}

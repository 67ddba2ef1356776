import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  askForUsage, checkAnswerShape, checkBody, checkInput, checkModel, lastMember,
} from '../../../../core/dialect/openai/requests.ts'
import { Scanner } from '../../../../core/json-tape.ts'
import { GatehouseError, type ByteEdit, type Tape } from '../../../../sdk/index.ts'

const tapeOf = (json: string): Tape => new Scanner().scan(Buffer.from(json), { depth: 64 })

const apply = (json: string, { start, end, text }: ByteEdit): string =>
  Buffer.concat([Buffer.from(json).subarray(0, start), Buffer.from(text), Buffer.from(json).subarray(end)]).toString()

const checkPrompt = (request: Tape): void => checkInput(request, 'prompt')

const refused: [(request: Tape) => void, string, string | null, RegExp][] = [
  [checkBody, '[]', null, /got an empty array/],
  [checkBody, '"text"', null, /got a string/],
  [checkBody, 'null', null, /got null/],
  [checkModel, '{}', 'model', /got nothing/],
  [checkModel, '{"model":""}', 'model', /got an empty string/],
  [checkModel, '{"model":["gpt"]}', 'model', /got an array/],
  [checkModel, '{"model":4111111111111111}', 'model', /got a long number/],
  [checkPrompt, '{}', 'prompt', /got nothing/],
  [checkPrompt, '{"prompt":{"text":"hi"}}', 'prompt', /got an object/],
  [checkPrompt, '{"prompt":false}', 'prompt', /got false/],
  [checkAnswerShape, '{"stream":"true"}', 'stream', /a boolean or null; got a string/],
  [checkAnswerShape, '{"stream":1}', 'stream', /got 1/],
  [checkAnswerShape, '{"n":0}', 'n', /from 1 to 128; got 0/],
  [checkAnswerShape, '{"n":129}', 'n', /got 129/],
  [checkAnswerShape, '{"n":1.5}', 'n', /got 1.5/],
  [checkAnswerShape, '{"n":1e99}', 'n', /got 1e99/],
  [checkAnswerShape, '{"n":true}', 'n', /got true/],
  [checkAnswerShape, '{"n":"2"}', 'n', /got a string/],
]

for (const [check, json, param, sentence] of refused) {
  test(`${check.name} refuses ${json}`, () => {
    assert.throws(() => check(tapeOf(json)), error =>
      error instanceof GatehouseError && error.code === 'invalid_body' && error.param === param && sentence.test(error.message))
  })
}

const passed: [(request: Tape) => void, string][] = [
  [checkBody, '{}'],
  [checkModel, '{"model":"gpt-5"}'],
  [checkPrompt, '{"prompt":""}'],
  [checkPrompt, '{"prompt":[[1,2]]}'],
  [checkAnswerShape, '{}'],
  [checkAnswerShape, '{"stream":null,"n":null}'],
  [checkAnswerShape, '{"stream":true,"n":128}'],
  [checkAnswerShape, '{"stream":false,"n":1e2}'],
]

for (const [check, json] of passed) {
  test(`${check.name} passes ${json}`, () => assert.doesNotThrow(() => check(tapeOf(json))))
}

const asked: [string, string][] = [
  ['{"model":"é"}', '{"model":"é","stream_options":{"include_usage":true}}'],
  [' {"a":1\t} ', ' {"a":1\t,"stream_options":{"include_usage":true}} '],
  ['{}', '{"stream_options":{"include_usage":true}}'],
  ['{"stream_options":null,"a":1}', '{"stream_options":{"include_usage":true},"a":1}'],
  ['{"stream_options":{}}', '{"stream_options":{"include_usage":true}}'],
  ['{"stream_options":{"x": false }}', '{"stream_options":{"x": false ,"include_usage":true}}'],
  ['{"stream_options":{"include_usage": false}}', '{"stream_options":{"include_usage": true}}'],
  ['{"stream_options":{"include_usage":null,"x":1}}', '{"stream_options":{"include_usage":true,"x":1}}'],
]

for (const [json, expected] of asked) {
  test(`usage is asked for in ${json}`, () => {
    const edit = askForUsage(tapeOf(json))
    assert.ok(edit)
    assert.equal(apply(json, edit), expected)
  })
}

for (const json of [
  '{"stream_options":{"include_usage":true}}', '{"stream_options":{"include_usage":"yes"}}',
  '{"stream_options":"yes"}', '{"stream_options":[]}',
]) {
  test(`nothing is to be set in ${json}`, () => assert.equal(askForUsage(tapeOf(json)), undefined))
}

test('one more element goes before the closing bracket, with a comma where it needs one', () => {
  for (const [json, expected] of [['[]', '[9]'], ['[ ]', '[ 9]'], ['[1 ]', '[1 ,9]']] as const) {
    assert.equal(apply(json, lastMember(tapeOf(json), 0, '9')), expected)
  }
})

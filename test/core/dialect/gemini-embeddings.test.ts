import assert from 'node:assert/strict'
import { test } from 'node:test'
import dialect from '../../../core/dialect/gemini-embeddings.ts'
import { Scanner } from '../../../core/json-tape.ts'
import { read } from '../../../core/reading.ts'
import { splice } from '../../../core/splice.ts'
import { GatehouseError } from '../../../sdk/index.ts'

const tapeOf = (body: unknown) => new Scanner().scan(Buffer.from(JSON.stringify(body)), { depth: 64 })
const one = (text: string) => ({
  model: 'models/m', content: { role: 'user', parts: [{ text }] }, title: 't', taskType: 'RETRIEVAL_DOCUMENT', outputDimensionality: 8,
})

for (const [what, body, paths] of [
  ['one', one('x'), ['/content/parts/0/text', '/title']],
  ['a batch', { requests: [one('x'), one('y')] }, [
    '/requests/0/content/parts/0/text', '/requests/0/title', '/requests/1/content/parts/0/text', '/requests/1/title',
  ]],
  ['with a config', { content: { parts: [{ text: 'x' }] }, embedContentConfig: { taskType: 'CLUSTERING', title: 't' } }, [
    '/content/parts/0/text', '/embedContentConfig/title',
  ]],
  ['as the .proto files spell it', { content: { parts: [{ text: 'x' }] }, task_type: 'CLUSTERING' }, ['/content/parts/0/text']],
] as const) {
  test(`map of requests: ${what}`, () => {
    const tape = tapeOf(body)
    dialect.check(tape)
    const { spots, uncovered } = read(tape, dialect.request)
    assert.deepEqual(spots.map(({ path }) => path), paths)
    assert.ok(spots.every(({ origin, channel }) => origin === 'user' && channel === 'text'))
    assert.deepEqual(uncovered, [])
  })
}

test('map of answers: vectors are no text', () => {
  for (const body of [{ embedding: { values: [0.5] } }, { embeddings: [{ values: [0.5] }], usageMetadata: { promptTokenCount: 3 } }]) {
    const { spots, uncovered } = read(tapeOf(body), dialect.response)
    assert.deepEqual([spots, uncovered], [[], []])
  }
  assert.equal(dialect.usage({ promptTokenCount: 3 })?.input, 3)
})

test('model and form stand in the path', () => {
  assert.equal(dialect.asked!(tapeOf(one('x')), '/models/a%2Fb:embedContent').model, 'a/b')
  assert.equal(dialect.asked!(tapeOf({ requests: [one('x')] }), '/models/m:batchEmbedContents').stream, false)
  for (const [body, path, param] of [
    [one('x'), '/models/m:batchEmbedContents', 'requests'], [{ requests: [one('x')] }, '/models/m:embedContent', 'content'],
  ] as const) {
    assert.throws(() => dialect.asked!(tapeOf(body), path), error => error instanceof GatehouseError && error.param === param)
  }
})

test('another model is named in every request of a batch', () => {
  const tape = tapeOf({ requests: [one('x'), { content: {} }, one('y')] })
  const { requests } = JSON.parse(splice(tape.bytes, dialect.rename!(tape, 'other')).toString()) as { requests: { model?: string }[] }
  assert.deepEqual(requests.map(({ model }) => model), ['models/other', undefined, 'models/other'])
  const alone = tapeOf({ model: 'm', content: {} })
  assert.equal(splice(alone.bytes, dialect.rename!(alone, 'models/o')).toString(), '{"model":"models/o","content":{}}')
})

for (const [body, param] of [
  [7, null], [{}, 'content'], [{ content: 'x' }, 'content'], [{ requests: [] }, 'requests'], [{ requests: ['x'] }, 'requests[0]'],
  [{ requests: [one('x'), {}] }, 'requests[1].content'],
] as const) {
  test(`refused: ${JSON.stringify(body)}`, () => {
    assert.throws(() => dialect.check(tapeOf(body)), error => error instanceof GatehouseError && error.param === param)
  })
}

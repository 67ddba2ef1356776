import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import local from '../../../plugins/embedder/local.ts'

const embedder = local.open({})
after(() => embedder.close())

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, one, at) => sum + one * b[at]!, 0)

test('texts that mean the same point in the same direction', async () => {
  const [one, same, other] = await embedder.embed(['How do I reset my password?', 'how can I reset the password', 'Where do zebras live?'])
  assert.equal(one!.length, embedder.dimensions)
  assert.ok(Math.abs(dot(one!, one!) - 1) < 1e-5)
  assert.ok(dot(one!, same!) > 0.85 && dot(one!, other!) < 0.6, `${dot(one!, same!)} ${dot(one!, other!)}`)
})

test('any text has a vector', async () => {
  const texts = ['', ' ', '\u0000', '你好', '\ud83d', '🙂'.repeat(100), 'a'.repeat(100_000), '<|endoftext|>']
  const vectors = await embedder.embed(texts)
  assert.deepEqual(vectors.map(vector => vector.length), texts.map(() => embedder.dimensions))
  for (const vector of vectors) assert.ok(vector.every(Number.isFinite))
})

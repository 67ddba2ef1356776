import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { ServerResponse } from 'node:http'
import endpoint from '../../../plugins/embedder/endpoint.ts'
import type { Embedder } from '../../../sdk/index.ts'
import { openUpstream, type Upstream } from '../../journey/rig.ts'

async function asking(t: TestContext, answer: (reply: ServerResponse) => void, more: object = {}): Promise<{ embedder: Embedder; upstream: Upstream }> {
  const upstream = await openUpstream(t, answer)
  const embedder = endpoint.open({ url: `${upstream.url}/`, key: 'secret', model: 'e', dimensions: 2, ...more })
  t.after(() => embedder.close())
  return { embedder, upstream }
}

const json = (value: unknown) => (reply: ServerResponse): void => void reply.setHeader('content-type', 'application/json').end(JSON.stringify(value))

test('it asks as OpenAI is asked, and gives vectors of length 1 in the order of the texts', async t => {
  const { embedder, upstream } = await asking(t, json({ data: [{ index: 1, embedding: [0, 2] }, { index: 0, embedding: [3, 4] }] }))
  const vectors = await embedder.embed(['a', 'b'])
  assert.deepEqual(vectors.map(vector => [...vector].map(one => one.toFixed(2))), [['0.60', '0.80'], ['0.00', '1.00']])
  const [{ request, body }] = upstream.requests as [Upstream['requests'][number]]
  assert.equal(request.url, '/v1/embeddings')
  assert.equal(request.headers.authorization, 'Bearer secret')
  assert.deepEqual(JSON.parse(String(body)), { model: 'e', input: ['a', 'b'], encoding_format: 'float' })
})

for (const [what, answer, expected] of [
  ['an error', (reply: ServerResponse) => { reply.statusCode = 429; json({ error: { message: 'secret' } })(reply) }, /^Error: expected vectors of the embedder, got status 429$/],
  ['too few', json({ data: [] }), /expected 1 vectors of the embedder, got 0/],
  ['another length', json({ data: [{ index: 0, embedding: [1, 2, 3] }] }), /expected vectors of 2 numbers/],
  ['no numbers', json({ data: [{ index: 0, embedding: ['1', '2'] }] }), /expected vectors of 2 numbers/],
  ['nothing', json(null), /expected 1 vectors/],
  ['no JSON', (reply: ServerResponse) => void reply.end('<html>'), /SyntaxError/],
  ['no end', (reply: ServerResponse) => void reply.end('x'.repeat(300_000)), /expected a shorter answer/],
] as const) {
  test(`${what} is an error`, async t => {
    const { embedder } = await asking(t, answer)
    await assert.rejects(embedder.embed(['a']), expected)
  })
}

test('it waits no longer than it says', async t => {
  const { embedder } = await asking(t, () => {}, { timeout: 20 })
  await assert.rejects(embedder.embed(['a']), { name: 'TimeoutError' })
})

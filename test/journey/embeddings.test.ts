// Embeddings of the official clients, whoever makes them.
import { ApiError, GoogleGenAI } from '@google/genai'
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import OpenAI from 'openai'
import { EMBEDDERS, openEmbedder, vectorOf, type Embedder } from './embedders.ts'
import { openRig, openUpstream } from './rig.ts'

const TEXTS = ['write to jane.roe@example.com', 'two words']
/** What of it leaves the house. */
const SENT = ['write to [EMAIL]', 'two words']
const TOKENS = 5

async function openHouse(t: TestContext, embedder: Embedder) {
  const { provider, received } = await openEmbedder(t, embedder)
  const rig = await openRig(t, {
    providers: { up: provider }, chains: { guarded: [{ use: 'pii', options: { action: 'replace' } }, 'meter'] },
    routes: [{ name: 'all', match: { model: '*' }, chain: 'guarded', retry: { attempts: 1 }, targets: [{ provider: 'up', model: embedder.model }] }],
  })
  return {
    rig, received,
    openai: new OpenAI({ baseURL: `${rig.url}/v1`, apiKey: 'any', maxRetries: 0 }),
    google: new GoogleGenAI({ apiKey: 'any', vertexai: false, httpOptions: { baseUrl: rig.url, retryOptions: { attempts: 1 } } }),
  }
}

for (const [name, embedder] of Object.entries(EMBEDDERS)) {
  test(`the official clients get vectors in their order from ${name}, and no value leaves`, async t => {
    const { rig, received, openai, google } = await openHouse(t, embedder)
    const settled = rig.settled()
    // Vendors that speak the client's own words are asked in them: this one answers in numbers alone.
    const floats = await openai.embeddings.create({ model: 'any', input: TEXTS, encoding_format: 'float', dimensions: 3 })
    assert.deepEqual(floats.data.map(({ embedding }) => embedding), floats.data.map(({ index }) => vectorOf(SENT[index]!)))
    assert.deepEqual(received.map(({ path, body }) => [path, embedder.texts(body), embedder.dimensions(body)]), [[embedder.path, SENT, 3]])
    const { usage } = await settled
    if (embedder.counts === false) assert.notEqual(usage?.source, 'provider')
    else assert.deepEqual([usage?.source, usage?.input], ['provider', TOKENS])

    const { embeddings } = await google.models.embedContent({ model: 'any', contents: TEXTS, config: { outputDimensionality: 3 } })
    assert.deepEqual(embeddings?.map(({ values }) => values), SENT.map(vectorOf))
    assert.deepEqual(received.slice(1).map(({ path, body }) => [path, embedder.texts(body), embedder.dimensions(body)]), [[embedder.path, SENT, 3]])
  })

  test(`what ${name} refuses is an error of the client's own`, async t => {
    const { openai, google } = await openHouse(t, embedder)
    await assert.rejects(openai.embeddings.create({ model: 'any', input: ['fail'], encoding_format: 'float' }), error => error instanceof OpenAI.RateLimitError)
    await assert.rejects(google.models.embedContent({ model: 'any', contents: ['fail'] }), error => error instanceof ApiError && error.status === 429)
  })
}

for (const name of ['mistral', 'ollama', 'cohere', 'gemini', 'vertex', 'bedrock']) {
  test(`P52: the base64 that the official client asks for unless it is told otherwise, from ${name}`, async t => {
    const { received, openai } = await openHouse(t, EMBEDDERS[name]!)
    const { data, model, usage } = await openai.embeddings.create({ model: 'any', input: 'two words' })
    assert.deepEqual([data.map(({ embedding }) => [...embedding]), model], [[vectorOf('two words')], 'any'])
    assert.equal(usage.prompt_tokens, EMBEDDERS[name]!.counts === false ? 0 : 2)
    assert.ok(!JSON.stringify(received).includes('base64'))
  })

  test(`tokens mean nothing to ${name}, which is told by name`, async t => {
    const { received, openai } = await openHouse(t, EMBEDDERS[name]!)
    await assert.rejects(openai.embeddings.create({ model: 'any', input: [1, 2], encoding_format: 'float' }),
      error => error instanceof OpenAI.BadRequestError && error.code === 'untranslatable' && error.param === 'input')
    assert.deepEqual(received, [])
  })
}

test('one content is one embedding, and what is left out is said', async t => {
  const { rig } = await openHouse(t, EMBEDDERS.cohere!)
  const reply = await rig.post({ content: { parts: [{ text: 'x' }] }, title: 't' }, { path: '/v1beta/models/any:embedContent' })
  assert.deepEqual(await reply.json(), { embedding: { values: vectorOf('x') }, usageMetadata: { promptTokenCount: 1, totalTokenCount: 1 } })
  assert.match(reply.headers.get('x-gatehouse-warning') ?? '', /title dropped.*task approximated/)
})

test('an answer without a vector for each input is none', async t => {
  const upstream = await openUpstream(t, reply => reply.writeHead(200, { 'content-type': 'application/json' }).end('{"embeddings":[[1]]}'))
  const rig = await openRig(t, {
    providers: { up: { use: 'ollama', url: upstream.url.replace('/v1', ''), key: '' } }, routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'up' }] }],
  })
  const reply = await rig.post({ model: 'm', input: ['x', 'y'] }, { path: '/v1/embeddings' })
  assert.deepEqual([reply.status, (await reply.json() as { error: { code: string } }).error.code], [502, 'upstream_invalid'])
})

/** A house before an upstream that speaks Gemini's own words. */
async function openGemini(t: TestContext, answer: string) {
  const upstream = await openUpstream(t, reply => reply.writeHead(200, { 'content-type': 'application/json' }).end(answer))
  const rig = await openRig(t, {
    providers: { up: { use: 'gemini', url: upstream.url.replace('/v1', '/v1beta'), key: 'k' } },
    chains: { guarded: [{ use: 'pii', options: { action: 'replace' } }] },
    routes: [
      { name: 'other', match: { model: 'other' }, chain: 'guarded', targets: [{ provider: 'up', model: 'theirs' }] },
      { name: 'all', match: { model: '*' }, chain: 'guarded', targets: [{ provider: 'up' }] },
    ],
  })
  const google = new GoogleGenAI({ apiKey: 'any', vertexai: false, httpOptions: { baseUrl: rig.url } })
  const sent = (): unknown => upstream.requests.map(({ request, body }) => [request.url, body.toString()])
  return { rig, google, sent }
}

test('Gemini to Gemini passes byte for byte, but for a value and the name of the model', async t => {
  const answer = '{ "embeddings": [ {"values":[1.0, -0.50]} ] }\n'
  const { rig, sent } = await openGemini(t, answer)
  const body = '{ "requests":[ {"model":"models/m", "content":{"parts":[{"text":"h\\u00e9"}]}, "x":1.0} ] }'
  assert.equal(await (await rig.post(body, { path: '/v1beta/models/m:batchEmbedContents' })).text(), answer)
  await rig.post(body.replace('h\\u00e9', 'jane.roe@example.com'), { path: '/v1beta/models/other:batchEmbedContents' })
  assert.deepEqual(sent(), [
    ['/v1beta/models/m:batchEmbedContents', body],
    ['/v1beta/models/theirs:batchEmbedContents', body.replace('models/m', 'models/theirs').replace('h\\u00e9', '[EMAIL]')],
  ])
})

test('the official client counts tokens, and no value leaves', async t => {
  const { google, sent } = await openGemini(t, '{"totalTokens":4}')
  assert.equal((await google.models.countTokens({ model: 'm', contents: 'Write to jane.roe@example.com' })).totalTokens, 4)
  assert.deepEqual(sent(), [['/v1beta/models/m:countTokens', '{"contents":[{"parts":[{"text":"Write to [EMAIL]"}],"role":"user"}]}']])
})

test('a count that the target cannot give is refused by name', async t => {
  const { rig, google } = await openHouse(t, EMBEDDERS.cohere!)
  await assert.rejects(google.models.countTokens({ model: 'm', contents: 'x' }), error => error instanceof ApiError && error.status === 400 && error.message.includes('gemini-count-tokens'))
  const reply = await rig.post({ model: 'm', messages: [{ role: 'user', content: 'x' }] }, { path: '/v1/messages/count_tokens' })
  assert.deepEqual([reply.status, (await reply.text()).includes('anthropic-count-tokens')], [400, true])
})

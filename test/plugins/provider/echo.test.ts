import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { fc } from '../../law.ts'
import OpenAI from 'openai'
import { Value } from 'typebox/value'
import { request } from 'undici'
import { collect, type Call } from '../../../core/call.ts'
import { SseDecoder } from '../../../core/codec/sse.ts'
import { open } from '../../../core/upstream.ts'
import echo from '../../../plugins/provider/echo.ts'
import type { Connection } from '../../../sdk/index.ts'
import { alarms, asking, call, CHAT, connect, streaming, TIMEOUTS } from './echo/calling.ts'

interface Whole {
  readonly status: number
  readonly json: Record<string, unknown>
}

async function whole(path: string, body: object | string, connection = connect()): Promise<Whole> {
  const answer = await call(path, body, connection).begun
  return { status: answer.status, json: JSON.parse((await collect(answer, 1 << 26)).toString()) as Record<string, unknown> }
}

interface Chunk {
  readonly id: string
  readonly choices: readonly { readonly index: number; readonly delta: { readonly content?: string } }[]
  readonly usage?: unknown
}

/** The payloads of a stream, parsed but for the last. */
async function payloads(answer: Call): Promise<{ chunks: Chunk[]; last: string }> {
  const frames = new SseDecoder(1 << 20).push(await collect(answer, 1 << 26)).map(({ data }) => data!.toString())
  const last = frames.pop()!
  return { chunks: frames.map(frame => JSON.parse(frame) as Chunk), last }
}

/** The official client, as it comes, over the provider's dispatcher. */
function client(connection = connect()): OpenAI {
  return new OpenAI({
    apiKey: 'none',
    baseURL: connection.origin,
    maxRetries: 0,
    async fetch(url, init) {
      const body = typeof init?.body === 'string' ? init.body : null
      const method = init?.method ?? 'GET'
      const answer = await request(String(url), { dispatcher: connection.dispatcher!, method, body })
      const headers = { 'content-type': String(answer.headers['content-type']) }
      return new Response(Readable.toWeb(answer.body) as ReadableStream, { status: answer.statusCode, headers })
    },
  })
}

const user = (content: string) => ({ role: 'user' as const, content })
const HELLO = [user('Hello there, friend')]

test('says back what the user said last', async () => {
  const system = { role: 'system' as const, content: 'Be brief.' }
  const messages = [system, user('First.'), { role: 'assistant' as const, content: 'Yes?' }, ...HELLO]
  const answer = await client().chat.completions.create({ model: 'my-model', messages })
  assert.equal(answer.object, 'chat.completion')
  assert.equal(answer.model, 'my-model')
  assert.equal(answer.system_fingerprint, 'echo')
  assert.match(answer.id, /^chatcmpl-[0-9a-f]{32}$/)
  assert.ok(Math.abs(answer.created - Date.now() / 1000) < 5)
  const message = { role: 'assistant', content: 'You said: Hello there, friend', refusal: null }
  assert.deepEqual(answer.choices, [{ index: 0, message, logprobs: null, finish_reason: 'stop' }])
  assert.deepEqual([answer.usage?.prompt_tokens, answer.usage?.completion_tokens, answer.usage?.total_tokens], [7, 5, 12])
  const other = await client().chat.completions.create({ model: 'my-model', messages })
  assert.notEqual(other.id, answer.id)
})

test('reads parts of a message, and has a word where there is no text', async () => {
  const image = { type: 'image_url', image_url: { url: 'data:,' } }
  const parts = [{ type: 'text', text: 'one' }, image, { type: 'text', text: 'two' }]
  const answer = await whole(CHAT, { model: 'm', messages: [{ role: 'user', content: parts }] })
  assert.match(JSON.stringify(answer.json), /You said: one two/)
  const silent = await whole(CHAT, { model: 'm', messages: [{ role: 'system', content: 'x' }] })
  assert.match(JSON.stringify(silent.json), /You said nothing\./)
})

test('a stream has the exact shape: role, words, finish, [DONE]', async () => {
  const answer = call(CHAT, streaming('Hello you'))
  await answer.begun
  assert.equal(answer.headers['content-type'], 'text/event-stream; charset=utf-8')
  const { chunks, last } = await payloads(answer)
  assert.equal(last, '[DONE]')
  assert.equal(new Set(chunks.map(({ id }) => id)).size, 1)
  const words = ['You', ' said:', ' Hello', ' you'].map(content => ({ content }))
  const deltas = [{ role: 'assistant', content: '', refusal: null }, ...words]
  assert.deepEqual(chunks.map(({ choices }) => choices[0]), [
    ...deltas.map(delta => ({ index: 0, delta, logprobs: null, finish_reason: null })),
    { index: 0, delta: {}, logprobs: null, finish_reason: 'stop' },
  ])
  assert.ok(chunks.every(chunk => !('usage' in chunk)))
})

test('with include_usage every chunk has the field, and one more fills it', async () => {
  const asked = { stream_options: { include_usage: true } }
  const { chunks } = await payloads(call(CHAT, streaming('Hello you', '', asked)))
  const last = chunks.pop()!
  assert.ok(chunks.every(({ usage }) => usage === null))
  assert.deepEqual(last.choices, [])
  assert.deepEqual(last.usage, {
    prompt_tokens: 2,
    completion_tokens: 4,
    total_tokens: 6,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  })
  const silent = await payloads(call(CHAT, streaming('x', 'usage=0', asked)))
  assert.ok(silent.chunks.every(chunk => !('usage' in chunk)))
  assert.equal((await whole(CHAT, asking('x', 'usage=0'))).json.usage, undefined)
})

test('the official client puts a stream of several choices, thoughts and tool calls together', async () => {
  const runner = client().chat.completions.stream({
    model: 'm', n: 2, messages: HELLO, metadata: { echo: 'tools=3,reasoning=1' },
    tools: ['look', 'find'].map(name => ({ type: 'function' as const, function: { name, parameters: { type: 'object' } } })),
  })
  const thoughts = ['', '']
  // An extension of some vendors: the client hands it on, but does not put it together.
  runner.on('chunk', chunk => {
    for (const { index, delta } of chunk.choices) {
      if ('reasoning_content' in delta) thoughts[index]! += String(delta.reasoning_content)
    }
  })
  const { choices } = await runner.finalChatCompletion()
  assert.equal(choices.length, 2)
  assert.deepEqual(thoughts, Array(2).fill('The user said "Hello there, friend", and I am to say it back.'))
  for (const { message, finish_reason: finish } of choices) {
    assert.equal(finish, 'tool_calls')
    assert.equal(message.content, null)
    assert.deepEqual(message.tool_calls?.map(one => one.type === 'function' && one.function.name), ['look', 'find', 'look'])
    const passed = message.tool_calls!.map(one => one.type === 'function' && one.function.arguments)
    assert.deepEqual(passed, Array(3).fill('{"text":"Hello there, friend"}'))
  }
  const ids = choices.flatMap(({ message }) => message.tool_calls!.map(({ id }) => id))
  assert.equal(new Set(ids).size, 6)
})

test('a whole answer thinks and calls tools as a stream does', async () => {
  const told = { echo: 'tools=1,reasoning=1' }
  const { choices, usage } = await client().chat.completions.create({ model: 'm', messages: HELLO, metadata: told })
  assert.equal(choices[0]!.finish_reason, 'tool_calls')
  assert.equal(choices[0]!.message.content, null)
  assert.equal(choices[0]!.message.tool_calls!.length, 1)
  assert.equal(usage!.completion_tokens_details!.reasoning_tokens, 13)
})

test('what a stream says adds up to what the whole answer says', async () => {
  await fc.assert(fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 3 }), async (content, n) => {
    const { json } = await whole(CHAT, asking(content, '', { n }))
    const said = (json.choices as { message: { content: string } }[]).map(({ message }) => message.content)
    const streamed = Array<string>(n).fill('')
    const { chunks } = await payloads(call(CHAT, streaming(content, '', { n })))
    for (const { choices } of chunks) for (const { index, delta } of choices) streamed[index]! += delta.content ?? ''
    assert.deepEqual(streamed, said)
  }), { numRuns: 50 })
})

test('words sets the length of an answer', async () => {
  const said = async (words: number): Promise<unknown> => {
    const { json } = await whole(CHAT, asking('a b', `words=${words}`))
    return (json.choices as { message: { content: string } }[])[0]!.message.content
  }
  assert.equal(await said(3), 'You said: a')
  assert.equal(await said(6), 'You said: a b You said:')
})

test('completions, whole and streamed', async () => {
  const answer = await client().completions.create({ model: 'm', prompt: ['one', 'two'], n: 2 })
  assert.equal(answer.object, 'text_completion')
  assert.deepEqual(answer.choices.map(({ index, text }) => [index, text]),
    [[0, 'You said: one'], [1, 'You said: one'], [2, 'You said: two'], [3, 'You said: two']])
  let text = ''
  const stream = await client().completions.create({ model: 'm', prompt: [1, 2], stream: true })
  for await (const { choices } of stream) text += choices[0]!.text
  assert.equal(text, 'You said: 1 2')
})

test('embeddings are unit vectors that only depend on the text', async () => {
  const embed = (input: string | string[], more: object = {}) => client().embeddings.create({ model: 'm', input, ...more })
  // The client asks for base64 by itself and decodes it.
  const [one, two] = (await embed(['a', 'b'])).data.map(({ embedding }) => embedding)
  const floats = (await embed('a', { encoding_format: 'float' })).data[0]!.embedding
  assert.deepEqual(one, floats)
  assert.notDeepEqual(one, two)
  assert.equal(one!.length, 256)
  assert.ok(Math.abs(Math.hypot(...one!) - 1) < 1e-6)
  assert.equal((await embed('a', { dimensions: 7 })).data[0]!.embedding.length, 7)
})

test('moderations flag nothing', async () => {
  const { results } = await client().moderations.create({ model: 'm', input: ['a', 'b'] })
  assert.equal(results.length, 2)
  assert.ok(results.every(({ flagged, categories, category_scores: scores }) =>
    !flagged && Object.values(categories).every(one => !one) && Object.values(scores).every(score => score === 0)))
  const input = ['a', 'b'].map(text => ({ type: 'text' as const, text }))
  const parts = await client().moderations.create({ model: 'm', input })
  assert.equal(parts.results.length, 1)
})

test('lists its models', async () => {
  const models = await client().models.list()
  assert.deepEqual(models.data.map(({ id }) => id), ['echo'])
})

interface Refused {
  readonly name: string
  readonly param: string | null
  readonly path?: string
  readonly body: object | string
  readonly status?: number
}

const long = 'x'.repeat(200_000)
const refusals: readonly Refused[] = [
  { name: 'no object', param: 'model', body: 'x' },
  { name: 'a list', param: 'model', body: [] },
  { name: 'no model', param: 'model', body: { messages: [{}] } },
  { name: 'no messages', param: 'messages', body: { model: 'm', messages: [] } },
  { name: 'too many choices', param: 'n', body: asking('x', '', { n: 129 }) },
  { name: 'half a choice', param: 'n', body: asking('x', '', { n: 1.5 }) },
  { name: 'a prompt that is none', param: 'prompt', path: '/completions', body: { model: 'm', prompt: {} } },
  { name: 'an empty list of inputs', param: 'input', path: '/embeddings', body: { model: 'm', input: [] } },
  { name: 'too many numbers', param: 'dimensions', path: '/embeddings',
    body: { model: 'm', input: Array(2048).fill('x'), dimensions: 4096 } },
  { name: 'an unknown encoding', param: 'encoding_format', path: '/embeddings',
    body: { model: 'm', input: 'x', encoding_format: 'hex' } },
  { name: 'an unknown instruction', param: 'metadata.echo', body: asking('x', 'pase=1') },
  { name: 'an instruction out of range', param: 'metadata.echo', body: asking('x', 'fail=200') },
  { name: 'an instruction that is no number', param: 'metadata.echo', body: asking('x', 'pace=fast') },
  { name: 'a prototype as an instruction', param: 'metadata.echo', body: asking('x', '__proto__=1') },
  { name: 'an answer of gigabytes in choices', param: null, body: asking(long, '', { n: 128 }) },
  { name: 'an answer of gigabytes in words', param: null, body: asking(long, 'words=100000') },
  { name: 'an answer of gigabytes in prompts', param: null, path: '/completions',
    body: { model: 'm', prompt: Array(128).fill('x'.repeat(200)), metadata: { echo: 'words=80000' } } },
  { name: 'an unknown path', param: null, path: '/images/generations', body: {}, status: 404 },
]
for (const { name, path = CHAT, body, status = 400, param } of refusals) {
  test(`refuses ${name} in the shape of an OpenAI error`, async () => {
    const answer = await whole(path, body)
    assert.equal(answer.status, status)
    const error = answer.json.error as Record<string, unknown>
    assert.deepEqual(Object.keys(error), ['message', 'type', 'param', 'code'])
    assert.equal(error.type, 'invalid_request_error')
    assert.equal(error.param, param)
  })
}

test('refuses what is no JSON', async () => {
  const connection = connect()
  const sent = { path: CHAT, method: 'POST', headers: [], body: Buffer.from('{"model":') }
  assert.equal((await open({ connection, dispatcher: connection.dispatcher!, timeouts: TIMEOUTS }, sent, alarms).begun).status, 400)
})

test('an upload is not read', async () => {
  const connection = connect()
  const upload = Readable.from(['a', 'b'])
  const answer = open({ connection, dispatcher: connection.dispatcher!, timeouts: TIMEOUTS }, { path: '/files', method: 'POST', headers: [], body: upload }, alarms)
  assert.equal((await answer.begun).status, 404)
})

test('fails when told to, as the client knows it', async () => {
  const ask = (connection: Connection, more = {}) =>
    client(connection).chat.completions.create({ model: 'm', messages: HELLO, ...more })
  await assert.rejects(ask(connect(), { metadata: { echo: 'fail=429' } }), OpenAI.RateLimitError)
  await assert.rejects(ask(connect({ fail: 503 })), OpenAI.InternalServerError)
})

test("a request's own instructions go before the options", async () => {
  const connection = connect({ words: 2, fail: 500 })
  assert.equal((await whole(CHAT, asking('x'), connection)).status, 500)
  assert.equal((await whole(CHAT, asking('x', 'fail=404'), connection)).status, 404)
})

test('fail-after lets so many requests pass', async () => {
  const connection = connect({ fail: 503, 'fail-after': 2 })
  const statuses = []
  for (let i = 0; i < 4; i++) statuses.push((await whole(CHAT, asking('x'), connection)).status)
  assert.deepEqual(statuses, [200, 200, 503, 503])
})

test('the options are checked', () => {
  assert.ok(Value.Check(echo.options!, { pace: 20, words: 50, 'stall-after': 3 }))
  assert.ok(!Value.Check(echo.options!, { pace: '20' }))
  assert.ok(!Value.Check(echo.options!, { fail: 200 }))
  assert.ok(!Value.Check(echo.options!, { stallAfter: 1 }))
})

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import OpenAI, {
  APIError, AuthenticationError, BadRequestError, InternalServerError, NotFoundError, RateLimitError,
} from 'openai'
import { HEARD, HOUSE, KEY, SAID, TOKENS, TOLD, UNTOLD } from './client-house.ts'
import { openRig, type Rig } from './rig.ts'

const MODEL = 'guarded/model'
const ANSWER = `You said: ${SAID}`
const messages = [{ role: 'user', content: SAID }] satisfies OpenAI.ChatCompletionMessageParam[]
const tools = [
  { type: 'function', function: { name: 'send_mail', parameters: { type: 'object', properties: { text: { type: 'string' } } } } },
  { type: 'function', function: { name: 'call_bank', parameters: { type: 'object', properties: { text: { type: 'string' } } } } },
] satisfies OpenAI.ChatCompletionTool[]

/** The client as applications have it: nothing but the base URL is different. */
async function openClient(t: TestContext, apiKey = KEY): Promise<{ client: OpenAI; rig: Rig }> {
  const rig = await openRig(t, HOUSE)
  return { client: new OpenAI({ baseURL: `${rig.url}/v1`, apiKey, maxRetries: 0 }), rig }
}

type Kind = abstract new (...args: never) => APIError

/** Everything that a stream brings. */
async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const one of stream) all.push(one)
  return all
}

/** The text of one choice. */
const textOf = (chunks: readonly OpenAI.ChatCompletionChunk[], index = 0): string =>
  chunks.flatMap(({ choices }) => choices).map(choice => choice.index === index ? choice.delta.content ?? '' : '').join('')

/** Why each choice ended, in the order in which they did. */
const endings = (chunks: readonly OpenAI.ChatCompletionChunk[]): [number, string][] =>
  chunks.flatMap(({ choices }) => choices).flatMap(({ index, finish_reason: reason }) => reason === null ? [] : [[index, reason]])

test('a chat, whole: placeholders went up, the values came back, and the chain took note', async t => {
  const { client, rig } = await openClient(t)
  const settled = rig.settled()
  const { choices, usage } = await client.chat.completions.create({ model: MODEL, messages })
  assert.deepEqual(choices.map(choice => [choice.message.content, choice.finish_reason]), [[ANSWER, 'stop']])
  assert.equal(usage?.prompt_tokens, TOKENS)
  const { steps, consumer, usage: metered } = await settled
  assert.equal(consumer, 'clients')
  assert.equal(metered?.input, TOKENS)
  assert.deepEqual(steps.filter(step => step.direction === 'request').map(step => [step.step, step.outcome]),
    [['pii', 'edit'], ['prompt-decorate', 'edit'], ['moderation', 'block']], 'in shadow a block is only noted')
})

test('a chat, streamed, with the usage that was asked for', async t => {
  const { client } = await openClient(t)
  const chunks = await collect(await client.chat.completions.create({
    model: MODEL, messages, stream: true, stream_options: { include_usage: true },
  }))
  assert.equal(textOf(chunks), ANSWER)
  assert.deepEqual(endings(chunks), [[0, 'stop']])
  const told = chunks.filter(chunk => chunk.usage)
  assert.deepEqual(told.map(chunk => [chunk.choices.length, chunk.usage?.prompt_tokens]), [[0, TOKENS]])
  assert.deepEqual(chunks.at(-1)?.choices, [], 'the usage comes last')
})

test('a chat, streamed, without the usage that only the meter asked for', async t => {
  const { client, rig } = await openClient(t)
  const settled = rig.settled()
  const chunks = await collect(await client.chat.completions.create({ model: MODEL, messages, stream: true }))
  assert.equal(textOf(chunks), ANSWER)
  assert.ok(chunks.every(chunk => chunk.choices.length === 1 && !chunk.usage))
  const { usage } = await settled
  assert.deepEqual([usage?.input, usage?.output, usage?.source], [TOKENS, HEARD + 2, 'provider'])
})

test('two choices, whole and streamed', async t => {
  const { client } = await openClient(t)
  const { choices } = await client.chat.completions.create({ model: MODEL, messages, n: 2 })
  assert.deepEqual(choices.map(choice => [choice.index, choice.message.content]), [[0, ANSWER], [1, ANSWER]])
  const chunks = await collect(await client.chat.completions.create({ model: MODEL, messages, n: 2, stream: true }))
  assert.deepEqual([textOf(chunks, 0), textOf(chunks, 1)], [ANSWER, ANSWER])
  assert.deepEqual(endings(chunks), [[0, 'stop'], [1, 'stop']])
})

test('tool calls, whole and streamed: arguments are JSON, in which the placeholders stay', async t => {
  const { client } = await openClient(t)
  const asked = { model: MODEL, messages, tools, metadata: { echo: 'tools=2' } }
  const whole = await client.chat.completions.create(asked)
  const streamed = await client.chat.completions.stream(asked).finalChatCompletion()
  for (const { choices: [choice] } of [whole, streamed]) {
    assert.equal(choice?.finish_reason, 'tool_calls')
    const calls = choice.message.tool_calls?.filter(call => call.type === 'function') ?? []
    assert.deepEqual(calls.map(call => call.function.name), ['send_mail', 'call_bank'])
    for (const call of calls) {
      const { text } = JSON.parse(call.function.arguments) as { text: string }
      assert.notEqual(text, SAID)
      const email = text.replace(/EMAIL_1_[a-z0-9]{8}/, 'jane.roe@example.co.uk')
      assert.equal(email.replace(/CARD_1_[a-z0-9]{8}/, '4539 1488 0343 6467'), SAID)
    }
    assert.equal(new Set(calls.map(call => call.id)).size, 2)
  }
})

test('embeddings are the same as floats and in base64, which the client asks for by default', async t => {
  const { client } = await openClient(t)
  const asked = { model: MODEL, input: ['one text', 'and another'], dimensions: 8 }
  const { data } = await client.embeddings.create(asked)
  const floats = await client.embeddings.create({ ...asked, encoding_format: 'float' })
  assert.deepEqual(data.map(({ index, embedding }) => [index, embedding.length]), [[0, 8], [1, 8]])
  assert.deepEqual(data, floats.data)
  assert.notDeepEqual(data[0]?.embedding, data[1]?.embedding)
  assert.equal((await client.embeddings.create({ model: MODEL, input: SAID })).usage.prompt_tokens, HEARD)
})

test('moderations', async t => {
  const { client, rig } = await openClient(t)
  const settled = rig.settled()
  const { results } = await client.moderations.create({ model: MODEL, input: [SAID, 'and another'] })
  assert.deepEqual(results.map(result => [result.flagged, result.categories.violence]), [[false, false], [false, false]])
  assert.deepEqual((await settled).steps.find(step => step.step === 'pii')?.findings, { email: 1, card: 1 })
})

test('moderations without a model, which they may leave out', async t => {
  const { client } = await openClient(t)
  assert.equal((await client.moderations.create({ input: SAID })).results.length, 1)
})

test('the list of models, and each of them', async t => {
  const { client } = await openClient(t)
  const models = await collect(client.models.list())
  assert.deepEqual(models.map(({ id, object }) => [id, object]), [[MODEL, 'model'], ['strict', 'model'], ['discreet', 'model']])
  for (const model of models) assert.deepEqual({ ...await client.models.retrieve(model.id) }, model)
  await assert.rejects(client.models.retrieve('guarded'), NotFoundError)
})

test('completions, whole and streamed', async t => {
  const { client } = await openClient(t)
  const { choices, usage } = await client.completions.create({ model: MODEL, prompt: SAID })
  assert.deepEqual(choices.map(choice => [choice.text, choice.finish_reason]), [[ANSWER, 'stop']])
  assert.equal(usage?.prompt_tokens, HEARD)
  const chunks = await collect(await client.completions.create({ model: MODEL, prompt: SAID, stream: true }))
  assert.equal(chunks.flatMap(chunk => chunk.choices).map(choice => choice.text).join(''), ANSWER)
  assert.equal(chunks.at(-1)?.choices[0]?.finish_reason, 'stop')
})

for (const [what, kind, status, code, told] of [
  ['a model that nobody serves', NotFoundError, 404, 'model_not_found', { model: 'nobody' }],
  ['a broken body', BadRequestError, 400, 'invalid_body', { messages: [] }],
  ['a forbidden word that is heard', BadRequestError, 400, 'content_filter', { model: 'strict' }],
  ['an upstream that has had enough', RateLimitError, 429, 'rate_limit_exceeded', { metadata: { echo: 'fail=429' } }],
  ['an upstream that fails', InternalServerError, 503, null, { metadata: { echo: 'fail=503' } }],
] satisfies [string, Kind, number, string | null, Partial<OpenAI.ChatCompletionCreateParams>][]) {
  for (const stream of [false, true]) {
    test(`${what} is a ${kind.name}, ${stream ? 'streamed' : 'whole'}`, async t => {
      const { client } = await openClient(t)
      await assert.rejects(client.chat.completions.create({ model: MODEL, messages, ...told, stream }),
        error => error instanceof kind && error.status === status && error.code === code && !error.message.includes('jane'))
    })
  }
}

test('a forbidden word that would be said is a BadRequestError, whole', async t => {
  const { client } = await openClient(t)
  await assert.rejects(client.chat.completions.create({ model: 'discreet', messages }),
    error => error instanceof BadRequestError && error.code === 'content_filter')
})

test('a wrong key is an AuthenticationError', async t => {
  const { client } = await openClient(t, 'another-key')
  await assert.rejects(client.chat.completions.create({ model: MODEL, messages }),
    error => error instanceof AuthenticationError && error.code === 'invalid_api_key')
  await assert.rejects(client.models.list(), AuthenticationError)
})

test('an error in mid-stream is an APIError in its own words, after what was said before', async t => {
  const { client } = await openClient(t)
  const metadata = { echo: 'error-after=4' }
  const stream = await client.chat.completions.create({ model: MODEL, messages, stream: true, metadata })
  const chunks: OpenAI.ChatCompletionChunk[] = []
  await assert.rejects(async () => { for await (const chunk of stream) chunks.push(chunk) },
    error => error instanceof APIError && error.type === 'server_error' && error.message.endsWith('told to break off here.'))
  assert.equal(textOf(chunks), 'You said: ', 'the last word could be the begin of an address')
})

for (const n of [1, 2]) {
  test(`a block in mid-stream is a clean end, and nothing follows it: n=${n}`, async t => {
    const { client, rig } = await openClient(t)
    const settled = rig.settled()
    const chunks = await collect(await client.chat.completions.create({
      model: 'discreet', messages: [{ role: 'user', content: TOLD + UNTOLD }],
      n, stream: true, stream_options: { include_usage: true },
    }))
    const choices = Array.from({ length: n }, (_, index) => index)
    for (const index of choices) assert.equal(textOf(chunks, index), `You said: ${TOLD}`)
    assert.deepEqual(endings(chunks.slice(-n)), choices.map(index => [index, 'content_filter']))
    assert.equal(endings(chunks).length, n)
    assert.equal((await settled).ending, 'blocked')
  })
}

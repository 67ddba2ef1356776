import { ApiError, GoogleGenAI, type GenerateContentParameters, type GenerateContentResponse } from '@google/genai'
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { HEARD, HOME, KEY, SAID, TOKENS, TOLD, UNTOLD } from './client-house.ts'
import { openRig, openUpstream, type Rig } from './rig.ts'

const MODEL = 'guarded/model'
const ANSWER = `You said: ${SAID}`
const asked = { model: MODEL, contents: SAID } satisfies GenerateContentParameters
const parametersJsonSchema = { type: 'object', properties: { text: { type: 'string' } } }
const tools = [{ functionDeclarations: [{ name: 'send_mail', parametersJsonSchema }, { name: 'call_bank', parametersJsonSchema }] }]

const clientOf = (baseUrl: string, apiKey: string): GoogleGenAI =>
  new GoogleGenAI({ apiKey, vertexai: false, httpOptions: { baseUrl, retryOptions: { attempts: 1 } } })

/** The client as applications have it: nothing but the base URL is different. */
async function openClient(t: TestContext, apiKey = KEY): Promise<{ client: GoogleGenAI; rig: Rig }> {
  const rig = await openRig(t, HOME)
  return { client: clientOf(rig.url, apiKey), rig }
}

const isText = ({ text, thought }: { text?: string; thought?: boolean }): boolean => text !== undefined && thought !== true
const textOf = (answers: readonly GenerateContentResponse[]): string =>
  answers.flatMap(({ candidates = [] }) => candidates[0]?.content?.parts ?? []).filter(isText).map(part => part.text).join('')
const endOf = (answers: readonly GenerateContentResponse[]): string | undefined => answers.at(-1)?.candidates?.[0]?.finishReason

async function collect(client: GoogleGenAI, parameters: GenerateContentParameters): Promise<GenerateContentResponse[]> {
  const all: GenerateContentResponse[] = []
  for await (const one of await client.models.generateContentStream(parameters)) all.push(one)
  return all
}

test('content, whole: placeholders went up, the values came back, and the chain took note', async t => {
  const { client, rig } = await openClient(t)
  const settled = rig.settled()
  const answer = await client.models.generateContent(asked)
  assert.deepEqual([answer.text, endOf([answer]), answer.usageMetadata?.promptTokenCount], [ANSWER, 'STOP', TOKENS])
  const { steps, consumer, usage, dialect, model } = await settled
  assert.deepEqual([consumer, usage?.input, dialect, model], ['clients', TOKENS, 'gemini', MODEL])
  assert.deepEqual(steps.filter(step => step.direction === 'request').map(step => [step.step, step.outcome]),
    [['pii', 'edit'], ['prompt-decorate', 'edit'], ['moderation', 'block']], 'in shadow a block is only noted')
})

test('content, streamed', async t => {
  const { client, rig } = await openClient(t)
  const settled = rig.settled()
  const answers = await collect(client, asked)
  assert.deepEqual([textOf(answers), endOf(answers)], [ANSWER, 'STOP'])
  const { usage, streamed } = await settled
  assert.deepEqual([usage?.input, usage?.output, streamed], [TOKENS, HEARD + 2, true])
})

test('a chat of several turns: what was said before goes up without values as well', async t => {
  const { client } = await openClient(t)
  const chat = client.chats.create({ model: MODEL, config: { systemInstruction: 'Be kind.' } })
  assert.equal((await chat.sendMessage({ message: SAID })).text, ANSWER)
  const answers: GenerateContentResponse[] = []
  for await (const one of await chat.sendMessageStream({ message: SAID })) answers.push(one)
  assert.equal(textOf(answers), ANSWER)
})

test('function calls, whole and streamed: args are an object, in which the placeholders stay', async t => {
  const { client } = await openClient(t)
  const calling = { ...asked, model: 'calls', config: { tools } }
  for (const answers of [[await client.models.generateContent(calling)], await collect(client, calling)]) {
    assert.equal(endOf(answers), 'STOP')
    const calls = answers.flatMap(({ functionCalls }) => functionCalls ?? [])
    assert.deepEqual(calls.map(call => call.name), ['send_mail', 'call_bank'])
    for (const { args } of calls) {
      const text = String(args?.text)
      const email = text.replace(/EMAIL_1_[a-z0-9]{8}/, 'jane.roe@example.co.uk')
      assert.notEqual(text, SAID)
      assert.equal(email.replace(/CARD_1_[a-z0-9]{8}/, '4539 1488 0343 6467'), SAID)
    }
  }
})

test('what the model thinks is told apart, whole and streamed', async t => {
  const { client } = await openClient(t)
  const thinking = { ...asked, model: 'thinks', config: { thinkingConfig: { includeThoughts: true } } }
  for (const answers of [[await client.models.generateContent(thinking)], await collect(client, thinking)]) {
    assert.equal(textOf(answers), ANSWER)
    assert.ok(answers.some(({ candidates }) => candidates?.[0]?.content?.parts?.some(part => part.thought === true)))
  }
})

const statusOf = (error: ApiError): unknown => (JSON.parse(error.message) as { error: { status: string } }).error.status

for (const [what, status, word, told] of [
  ['a model that nobody serves', 404, 'NOT_FOUND', { model: 'nobody' }],
  ['a broken body', 400, 'INVALID_ARGUMENT', { contents: [] }],
  ['a forbidden word that is heard', 400, 'INVALID_ARGUMENT', { model: 'strict' }],
  ['an upstream that has had enough', 429, 'RESOURCE_EXHAUSTED', { model: 'tired' }],
  ['an upstream that fails', 502, 'INTERNAL', { model: 'broken' }],
] satisfies [string, number, string, Partial<GenerateContentParameters>][]) {
  test(`${what} is an ApiError, whole and streamed`, async t => {
    const { rig } = await openClient(t)
    const body = { contents: told.contents ?? [{ role: 'user', parts: [{ text: SAID }] }] }
    for (const verb of ['generateContent', 'streamGenerateContent?alt=sse']) {
      const reply = await rig.post(body, { path: `/v1beta/models/${told.model ?? MODEL}:${verb}`, headers: { 'x-goog-api-key': KEY } })
      const { error } = await reply.json() as { error: { code: number; status: string; message: string } }
      assert.deepEqual([reply.status, error.code, error.status, error.message.includes('jane')], [status, status, word, false])
    }
    // The client itself refuses to send no contents.
    if (told.contents !== undefined) return
    const client = clientOf(rig.url, KEY)
    for (const ask of [() => client.models.generateContent({ ...asked, ...told }), () => collect(client, { ...asked, ...told })]) {
      await assert.rejects(async () => { await ask() }, error => error instanceof ApiError && error.status === status && statusOf(error) === word)
    }
  })
}

test('a wrong key is an ApiError, and a right one in the query is taken and told to nobody', async t => {
  const { client, rig } = await openClient(t, 'another-key')
  await assert.rejects(client.models.generateContent(asked), error => error instanceof ApiError && error.status === 401 && statusOf(error) === 'UNAUTHENTICATED')
  const body = { contents: [{ parts: [{ text: 'Hello' }] }] }
  const reply = await rig.post(body, { path: `/v1beta/models/${MODEL}:generateContent?key=${KEY}` })
  assert.equal(reply.status, 200)
  assert.ok(!JSON.stringify([rig.log, rig.records, [...reply.headers], await reply.text()]).includes(KEY))
  assert.equal((await rig.post({}, { path: `/v1/chat/completions?key=${KEY}` })).status, 401, 'other APIs know no such thing')
})

test('an error in mid-stream is an ApiError in its own words, after what was said before', async t => {
  const { client } = await openClient(t)
  const answers: GenerateContentResponse[] = []
  await assert.rejects(async () => {
    for await (const one of await client.models.generateContentStream({ ...asked, model: 'breaks-off' })) answers.push(one)
  }, error => error instanceof ApiError && error.message.includes('told to break off here.'))
  assert.equal(textOf(answers), 'You said: ', 'the last word could be the begin of an address')
})

test('a block in mid-stream is a clean end, and nothing follows it', async t => {
  const { client, rig } = await openClient(t)
  const settled = rig.settled()
  const answers = await collect(client, { model: 'discreet', contents: TOLD + UNTOLD })
  assert.deepEqual([textOf(answers), endOf(answers)], [`You said: ${TOLD}`, 'SAFETY'])
  assert.equal((await settled).ending, 'blocked')
})

test('a forbidden word that would be said is an ApiError, whole', async t => {
  const { client } = await openClient(t)
  await assert.rejects(client.models.generateContent({ ...asked, model: 'discreet' }), error => error instanceof ApiError && error.status === 400)
})

/** A gateway in front of an upstream that speaks Gemini's own words. */
async function openPair(t: TestContext, type: string, body: string, chain: readonly object[] = [], model?: string) {
  const upstream = await openUpstream(t, reply => reply.writeHead(200, { 'content-type': type }).end(body))
  const rig = await openRig(t, {
    providers: { up: { use: 'gemini', url: upstream.url.replace(/\/v1$/, '/v1beta'), key: 'upstream-key' } },
    chains: { tested: chain },
    routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'up', ...(model !== undefined && { model }) }], chain: 'tested' }],
  })
  return { upstream, rig, client: clientOf(rig.url, 'the-clients-own') }
}

test('same-dialect traffic is byte-exact, both ways; no key of the client goes on, wherever it stood', async t => {
  const whole = '{ "candidates":[ {"content":{"parts":[{"text":"h\\u00e9"}],"role":"model"},"finishReason":"STOP"} ],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"thoughtsTokenCount":5} }\n'
  const { upstream, rig } = await openPair(t, 'application/json', whole)
  const body = '{ "contents":[ {"parts":[ {"text":"h\\u00e9"} ]} ], "system_instruction":{"parts":{"text":"x"}}, "x":1.0 }'
  const settled = rig.settled()
  const reply = await rig.post(body, { path: '/v1beta/models/gemini-x:generateContent?key=the-clients-own&x=1', headers: { 'x-goog-api-key': 'the-clients-own' } })
  assert.equal(await reply.text(), whole)
  const [{ request, body: sent }] = upstream.requests as [typeof upstream.requests[0]]
  assert.deepEqual([sent.toString(), request.url, request.headers['x-goog-api-key']], [body, '/v1beta/models/gemini-x:generateContent', 'upstream-key'])
  const { usage } = await settled
  assert.deepEqual([usage?.input, usage?.output, usage?.reasoning], [3, 7, 5], 'P51: thoughts are part of the output')
})

const event = (candidate: object, more: object = {}): string =>
  `data: ${JSON.stringify({ candidates: [{ ...candidate, index: 0 }], usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 20 }, modelVersion: 'm', responseId: 'r', ...more })}\r\n\r\n`
const says = (...parts: object[]): object => ({ content: { parts, role: 'model' } })
const STREAM = [
  event(says({ text: 'Think of jane.roe@exa', thought: true })),
  event(says({ text: 'mple.com. ', thought: true }, { text: 'Mail jane.' })),
  ...['roe@exam', 'ple.com ', 'now'].map(text => event(says({ text }))),
  event(says({ functionCall: { name: 'mail', args: { to: 'jane.roe@example.com' } }, thoughtSignature: 'sig' }, { functionCall: { name: 'noop', args: {} } })),
  event({ ...says({ text: '' }), finishReason: 'STOP' }),
].join('')

test('a stream passes byte for byte, for the model of the target, and its usage is noted', async t => {
  const { upstream, rig } = await openPair(t, 'text/event-stream', STREAM, [], 'gemini-other')
  const settled = rig.settled()
  const body = '{"contents":[{"parts":[{"text":"x"}]}]}'
  const reply = await rig.post(body, { path: '/v1beta/models/guarded/model:streamGenerateContent?alt=sse&key=the-clients-own' })
  assert.equal(await reply.text(), STREAM)
  const [{ request, body: sent }] = upstream.requests as [typeof upstream.requests[0]]
  assert.deepEqual([request.url, sent.toString()], ['/v1beta/models/gemini-other:streamGenerateContent?alt=sse', body], 'the model stands in the path alone')
  const { usage, ending } = await settled
  assert.deepEqual([usage?.input, usage?.output, ending], [7, 20, 'complete'])
})

test('a guarded stream says what the whole would say, in text, thoughts and arguments; P4: signatures stay where they were', async t => {
  const reads = { channels: ['text', 'reasoning', 'tool_args'] }
  const { client } = await openPair(t, 'text/event-stream', STREAM, [{ use: 'pii', reads, options: { action: 'replace' } }])
  const answers = await collect(client, asked)
  const parts = answers.flatMap(({ candidates = [] }) => candidates[0]?.content?.parts ?? [])
  assert.equal(textOf(answers), 'Mail [EMAIL] now')
  assert.equal(parts.filter(part => part.thought).map(part => part.text).join(''), 'Think of [EMAIL]. ')
  assert.deepEqual(parts.flatMap(part => part.functionCall?.name === undefined ? [] : [[part.functionCall.name, part.functionCall.args, part.thoughtSignature]]),
    [['mail', { to: '[EMAIL]' }, 'sig'], ['noop', {}, undefined]])
  assert.equal(endOf(answers), 'STOP')
})

test('a call comes behind all of the text before it, though its end had to wait, and a text behind the call is another one', async t => {
  const part = (...parts: object[]): string => `data: ${JSON.stringify({ candidates: [{ index: 0, content: { role: 'model', parts } }] })}\r\n\r\n`
  const frames = [
    part({ text: 'I mail jane.roe' }), part({ functionCall: { name: 'send_mail', args: { to: 'x' } } }), part({ text: '@example.com, done' }),
    `data: ${JSON.stringify({ candidates: [{ index: 0, content: { role: 'model', parts: [] }, finishReason: 'STOP' }] })}\r\n\r\n`,
  ]
  const upstream = await openUpstream(t, reply => { reply.writeHead(200, { 'content-type': 'text/event-stream' }).end(frames.join('')) })
  const rig = await openRig(t, {
    providers: { up: { use: 'gemini', url: upstream.url.replace('/v1', '/v1beta'), key: 'k' } }, chains: { guarded: [{ use: 'pii', options: { action: 'mask' } }] },
    routes: [{ name: 'all', match: { model: '*' }, chain: 'guarded', targets: [{ provider: 'up' }] }],
  })
  const answers = await collect(clientOf(rig.url, 'any'), { model: 'm', contents: 'Hi' })
  const parts = answers.flatMap(({ candidates = [] }) => candidates[0]?.content?.parts ?? [])
  const told = parts.map(({ text, functionCall }) => functionCall?.name ?? text ?? '').filter(word => word !== '').join('|')
  assert.match(told, /^I mail \|?jane\.roe\|send_mail\|@example\.com, \|?done$/)
})

test('a prompt that Google refuses is a complete answer, guarded or not', async t => {
  const refused = 'data: {"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":7}}\n\n'
  for (const chain of [[], [{ use: 'pii' }]]) {
    const { client, rig } = await openPair(t, 'text/event-stream', refused, chain)
    const settled = rig.settled()
    assert.equal((await collect(client, asked))[0]?.promptFeedback?.blockReason, 'SAFETY')
    assert.equal((await settled).ending, 'complete')
  }
})

test('a connection that breaks off before the finish is an error, not an end', async t => {
  for (const chain of [[], [{ use: 'pii' }]]) {
    const { rig } = await openPair(t, 'text/event-stream', STREAM.slice(0, STREAM.lastIndexOf('data: ')), chain)
    const reply = await rig.post({ contents: [{ parts: [{ text: 'x' }] }] }, { path: '/v1beta/models/m:streamGenerateContent?alt=sse' })
    const last = (await reply.text()).trim().split('\n').at(-1)!.slice('data: '.length)
    assert.deepEqual(Object.keys(JSON.parse(last) as object), ['error'])
  }
})

test('other methods, other verbs and other forms of a stream are refused in the words of the API', async t => {
  const { rig } = await openClient(t)
  for (const [method, path, status] of [
    ['GET', 'models/m:generateContent', 405], ['POST', 'models/m:asyncBatchEmbedContent', 404], ['POST', 'models/m', 404], ['POST', 'cachedContents', 404],
    ['POST', 'models/m:streamGenerateContent?alt=proto', 400],
  ] as const) {
    const reply = await fetch(`${rig.url}/v1beta/${path}`, { method, headers: { 'x-goog-api-key': KEY } })
    const { error } = await reply.json() as { error: { code: number } }
    assert.deepEqual([path, reply.status, error.code], [path, status, status])
  }
})

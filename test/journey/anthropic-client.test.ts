import Anthropic, {
  APIError, AuthenticationError, BadRequestError, InternalServerError, NotFoundError, RateLimitError,
} from '@anthropic-ai/sdk'
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { HEARD, HOME, KEY, SAID, TOKENS, TOLD, UNTOLD } from './client-house.ts'
import { openRig, openUpstream, type Rig } from './rig.ts'

const MODEL = 'guarded/model'
const ANSWER = `You said: ${SAID}`
const asked = { model: MODEL, max_tokens: 1000, messages: [{ role: 'user', content: SAID }] } satisfies Anthropic.MessageCreateParams
const input_schema = { type: 'object', properties: { text: { type: 'string' } } } as const
const tools = [{ name: 'send_mail', input_schema }, { name: 'call_bank', input_schema }] satisfies Anthropic.Tool[]

/** The client as applications have it: nothing but the base URL is different. */
async function openClient(t: TestContext, apiKey = KEY): Promise<{ client: Anthropic; rig: Rig }> {
  const rig = await openRig(t, HOME)
  return { client: new Anthropic({ baseURL: rig.url, apiKey, maxRetries: 0 }), rig }
}

const textOf = ({ content }: Anthropic.Message): string => content.map(block => block.type === 'text' ? block.text : '').join('')

test('a message, whole: placeholders went up, the values came back, and the chain took note', async t => {
  const { client, rig } = await openClient(t)
  const settled = rig.settled()
  const message = await client.messages.create(asked)
  assert.deepEqual([textOf(message), message.stop_reason, message.usage.input_tokens], [ANSWER, 'end_turn', TOKENS])
  const { steps, consumer, usage, dialect } = await settled
  assert.deepEqual([consumer, usage?.input, dialect], ['clients', TOKENS, 'anthropic-messages'])
  assert.deepEqual(steps.filter(step => step.direction === 'request').map(step => [step.step, step.outcome]),
    [['pii', 'edit'], ['prompt-decorate', 'edit'], ['moderation', 'block']], 'in shadow a block is only noted')
})

test('a message, streamed, and put together by the client', async t => {
  const { client, rig } = await openClient(t)
  const settled = rig.settled()
  let said = ''
  const message = await client.messages.stream(asked).on('text', piece => { said += piece }).finalMessage()
  assert.deepEqual([textOf(message), said, message.stop_reason], [ANSWER, ANSWER, 'end_turn'])
  const { usage } = await settled
  assert.deepEqual([usage?.input, usage?.output, usage?.source], [TOKENS, HEARD + 2, 'provider'])
})

test('a message in the beta, whose path has a query', async t => {
  const { client } = await openClient(t)
  const message = await client.beta.messages.create({ ...asked, betas: ['context-1m-2025-08-07'] })
  assert.deepEqual(message.content.map(block => block.type === 'text' && block.text), [ANSWER])
})

test('the words of the system, in either form, stay in front of the rules of the house', async t => {
  const { client } = await openClient(t)
  for (const system of ['Be kind.', [{ type: 'text' as const, text: 'Be kind.' }]]) {
    assert.equal((await client.messages.create({ ...asked, system })).usage.input_tokens, TOKENS + 2)
  }
})

test('tool calls, whole and streamed: input is an object, in which the placeholders stay', async t => {
  const { client } = await openClient(t)
  const calling = { ...asked, model: 'calls', tools }
  for (const message of [await client.messages.create(calling), await client.messages.stream(calling).finalMessage()]) {
    assert.equal(message.stop_reason, 'tool_use')
    const calls = message.content.filter(block => block.type === 'tool_use')
    assert.deepEqual(calls.map(call => call.name), ['send_mail', 'call_bank'])
    for (const call of calls) {
      const { text } = call.input as { text: string }
      const email = text.replace(/EMAIL_1_[a-z0-9]{8}/, 'jane.roe@example.co.uk')
      assert.notEqual(text, SAID)
      assert.equal(email.replace(/CARD_1_[a-z0-9]{8}/, '4539 1488 0343 6467'), SAID)
    }
    assert.equal(new Set(calls.map(call => call.id)).size, 2)
  }
})

test('a whole turn with a tool: its result goes up without values, and they come back', async t => {
  const { client } = await openClient(t)
  const message = await client.messages.create({
    ...asked, tools,
    messages: [
      { role: 'user', content: 'Who is it?' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'send_mail', input: { text: 'x' } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: SAID }, { type: 'text', text: SAID }] },
    ],
  })
  assert.equal(textOf(message), ANSWER)
})

test('what the model thinks comes first, whole and streamed', async t => {
  const { client } = await openClient(t)
  const thinking = { ...asked, model: 'thinks' }
  for (const { content } of [await client.messages.create(thinking), await client.messages.stream(thinking).finalMessage()]) {
    assert.deepEqual(content.map(block => block.type), ['thinking', 'text'])
  }
})

type Kind = abstract new (...args: never) => APIError

for (const [what, kind, status, type, told] of [
  ['a model that nobody serves', NotFoundError, 404, 'not_found_error', { model: 'nobody' }],
  ['a broken body', BadRequestError, 400, 'invalid_request_error', { messages: [] }],
  ['a forbidden word that is heard', BadRequestError, 400, 'invalid_request_error', { model: 'strict' }],
  ['an upstream that has had enough', RateLimitError, 429, 'rate_limit_error', { model: 'tired' }],
  ['an upstream that fails', InternalServerError, undefined, undefined, { model: 'broken' }],
] satisfies [string, Kind, number | undefined, string | undefined, Partial<Anthropic.MessageCreateParams>][]) {
  for (const stream of [false, true]) {
    test(`${what} is a ${kind.name}, ${stream ? 'streamed' : 'whole'}`, async t => {
      const { client } = await openClient(t)
      await assert.rejects(async () => { await client.messages.create({ ...asked, ...told, stream }) }, error => {
        assert.ok(error instanceof kind)
        assert.ok(!error.message.includes('jane'))
        assert.deepEqual([status === undefined || error.status === status, type === undefined || error.type === type], [true, true], error.message)
        return true
      })
    })
  }
}

test('a wrong key is an AuthenticationError, in either header', async t => {
  const { client, rig } = await openClient(t, 'another-key')
  await assert.rejects(client.messages.create(asked), error => error instanceof AuthenticationError && error.type === 'authentication_error')
  const bearer = new Anthropic({ baseURL: rig.url, apiKey: null, authToken: KEY, maxRetries: 0 })
  assert.equal(textOf(await bearer.messages.create(asked)), ANSWER)
})

test('an error in mid-stream is an APIError, after what was said before', async t => {
  const { client } = await openClient(t)
  let said = ''
  const stream = client.messages.stream({ ...asked, model: 'breaks-off' }).on('text', piece => { said += piece })
  await assert.rejects(stream.finalMessage(), error => error instanceof APIError && error.message.includes('told to break off here.'))
  assert.equal(said, 'You said: ', 'the last word could be the begin of an address')
})

test('a block in mid-stream is a clean end, and nothing follows it', async t => {
  const { client, rig } = await openClient(t)
  const settled = rig.settled()
  const message = await client.messages.stream({ ...asked, model: 'discreet', messages: [{ role: 'user', content: TOLD + UNTOLD }] }).finalMessage()
  assert.deepEqual([textOf(message), message.stop_reason], [`You said: ${TOLD}`, 'refusal'])
  assert.equal((await settled).ending, 'blocked')
})

test('a forbidden word that would be said is a BadRequestError, whole', async t => {
  const { client } = await openClient(t)
  await assert.rejects(client.messages.create({ ...asked, model: 'discreet' }), BadRequestError)
})

/** A gateway in front of an upstream that speaks Anthropic's own words. */
async function openPair(t: TestContext, answers: Readonly<Record<string, readonly [type: string, body: string]>>, chain: readonly object[] = []) {
  const upstream = await openUpstream(t, (reply, _body, request) => {
    const [type, body] = answers[request.url!] ?? ['application/json', '{}']
    reply.writeHead(200, { 'content-type': type, 'request-id': 'req_1' }).end(body)
  })
  const rig = await openRig(t, {
    providers: { up: { use: 'anthropic', url: upstream.url.replace(/\/v1$/, ''), key: 'upstream-key' } },
    chains: { tested: chain },
    routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'up' }], chain: 'tested' }],
  })
  return { upstream, rig, client: new Anthropic({ baseURL: rig.url, apiKey: 'the-clients-own', maxRetries: 0 }) }
}

test('P43, P53: same-dialect traffic is byte-exact, both ways, and its headers and query go on', async t => {
  const whole = '{ "type":"message", "id":"msg_1","role":"assistant","content":[{"text":"h\\u00e9","type":"text"}],"model":"m","stop_reason":"end_turn","usage":{"input_tokens":3,"cache_read_input_tokens":40,"output_tokens":2} }\n'
  const { upstream, rig } = await openPair(t, { '/v1/messages?beta=true': ['application/json', whole], '/v1/messages': ['application/json', whole] })
  const body = '{ "max_tokens": 1e2, "model":"claude-x", "messages":[{"content":"h\\u00e9","role":"user"}], "x":1.0 }'
  const headers = { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'one,two', 'x-api-key': 'the-clients-own', cookie: 'c=1' }
  const settled = rig.settled()
  const reply = await rig.post(body, { path: '/v1/messages?beta=true', headers })
  assert.equal(await reply.text(), whole)
  const [{ request, body: sent }] = upstream.requests as [typeof upstream.requests[0]]
  assert.equal(sent.toString(), body)
  assert.equal(request.url, '/v1/messages?beta=true')
  assert.deepEqual([request.headers['anthropic-version'], request.headers['anthropic-beta'], request.headers['x-api-key'], request.headers.cookie],
    ['2023-06-01', 'one,two', 'upstream-key', undefined])
  assert.equal((await settled).usage?.input, 43, 'what was cached is part of the input')
  await (await rig.post(body, { path: '/v1/messages?key=secret', headers })).text()
  assert.equal(upstream.requests.at(-1)!.request.url, '/v1/messages')
})

const event = (type: string, more: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`
const STREAM = [
  event('message_start', { message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null, stop_sequence: null, usage: { input_tokens: 7, cache_read_input_tokens: 5, output_tokens: 1 } } }),
  event('ping', {}),
  event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  ...['Mail jane.', 'roe@exam', 'ple.com ', 'now'].map(text => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })),
  event('content_block_stop', { index: 0 }),
  event('content_block_start', { index: 1, content_block: { type: 'tool_use', id: 'toolu_1', name: 'mail', input: {} } }),
  ...['', '{"to": "jane.roe@', 'example.com"}'].map(partial_json => event('content_block_delta', { index: 1, delta: { type: 'input_json_delta', partial_json } })),
  event('content_block_stop', { index: 1 }),
  event('content_block_start', { index: 2, content_block: { type: 'tool_use', id: 'toolu_2', name: 'noop', input: {} } }),
  event('content_block_stop', { index: 2 }),
  event('message_delta', { delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: { output_tokens: 20 } }),
  event('message_stop', {}),
].join('')

test('P30: a stream passes byte for byte, and the usage of its end completes that of its beginning', async t => {
  const { rig, client } = await openPair(t, { '/v1/messages': ['text/event-stream', STREAM] })
  const settled = rig.settled()
  const reply = await rig.post({ ...asked, stream: true }, { path: '/v1/messages' })
  assert.equal(await reply.text(), STREAM)
  const { usage, ending } = await settled
  assert.deepEqual([usage?.input, usage?.cacheRead, usage?.output, ending], [12, 5, 20, 'complete'])
  assert.deepEqual((await client.messages.stream(asked).finalMessage()).content.map(({ type }) => type), ['text', 'tool_use', 'tool_use'])
})

test('P21: a guarded stream says what the whole would say, in text and tool arguments, and a call without arguments stays one', async t => {
  const reads = { channels: ['text', 'tool_args'] }
  const { rig, client } = await openPair(t, { '/v1/messages': ['text/event-stream', STREAM] }, [{ use: 'pii', reads, options: { action: 'replace' } }])
  const settled = rig.settled()
  const { content, stop_reason: reason, usage } = await client.messages.stream(asked).finalMessage()
  assert.deepEqual(content.map(block => block.type === 'text' ? block.text : block.type === 'tool_use' && block.input),
    ['Mail [EMAIL] now', { to: '[EMAIL]' }, {}])
  assert.deepEqual([reason, usage.output_tokens], ['tool_use', 20])
  assert.deepEqual([(await settled).usage?.input, rig.records[0]!.usage?.output], [12, 20])
})

test('P31: a connection that breaks off before message_stop is an error, not an end', async t => {
  for (const chain of [[], [{ use: 'pii' }]]) {
    const { client } = await openPair(t, { '/v1/messages': ['text/event-stream', STREAM.slice(0, STREAM.indexOf('event: message_stop'))] }, chain)
    await assert.rejects(client.messages.stream(asked).finalMessage(), APIError)
  }
})

test('P55: tokens are counted by those who can, without max_tokens, and after the chain', async t => {
  const { upstream, client } = await openPair(t, { '/v1/messages/count_tokens': ['application/json', '{"input_tokens": 14}'] }, [{ use: 'pii', options: { action: 'replace' } }])
  assert.equal((await client.messages.countTokens({ model: 'm', messages: [{ role: 'user', content: 'jane.roe@example.com' }] })).input_tokens, 14)
  assert.ok(upstream.requests[0]!.body.includes('[EMAIL]'))
})

test('P55: a target that cannot count them says so', async t => {
  const { client } = await openClient(t)
  await assert.rejects(client.messages.countTokens({ model: MODEL, messages: asked.messages }), BadRequestError)
})

test('other methods and other paths are refused in the words of the API', async t => {
  const { rig } = await openClient(t)
  const headers = { 'x-api-key': KEY }
  for (const [method, path, status, type] of [
    ['GET', '/v1/messages', 405, 'invalid_request_error'], ['DELETE', '/v1/messages/count_tokens', 405, 'invalid_request_error'],
    ['POST', '/v1/messages/batches', 404, 'not_found_error'], ['GET', '/v1/messages/batches/x/results', 404, 'not_found_error'],
  ] as const) {
    const reply = await fetch(rig.url + path, { method, headers })
    const body = await reply.json() as { type: string; error: { type: string } }
    assert.deepEqual([reply.status, body.type, body.error.type], [status, 'error', type])
  }
})

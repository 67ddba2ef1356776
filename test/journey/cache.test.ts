// Answers given again: to whom, after what, and what the steps above make of them.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { chunks, completion, onto, openRig, openUpstream, textOf, type Rig, type Upstream, type Written } from './rig.ts'

const ask = (content: string, more: object = {}): object => ({ model: 'm', messages: [{ role: 'user', content }], ...more })

interface Told {
  readonly content: string
  readonly cache: string | null
}

async function told(reply: Response): Promise<Told> {
  assert.equal(reply.status, 200)
  const body = await reply.text()
  const streamed = body.startsWith('data:')
  const content = streamed ? textOf(body) : (JSON.parse(body) as { choices: { message: { content: string } }[] }).choices[0]!.message.content
  return { content, cache: reply.headers.get('x-gatehouse-cache') }
}

/** A gateway with a cache in front of an upstream that numbers its answers. */
async function house(t: TestContext, more: { chain?: readonly unknown[]; answer?: (count: number, body: string) => object } & Written = {}): Promise<{ rig: Rig; upstream: Upstream }> {
  const { chain = ['cache'], answer = count => completion(`answer ${count}`), ...rest } = more
  const upstream = await openUpstream(t, (reply, body) => {
    const count = upstream.requests.length
    if (String(body).includes('"stream":true')) {
      reply.setHeader('content-type', 'text/event-stream').end(chunks(['ans', `wer ${count}`]).join(''))
    } else {
      reply.setHeader('content-type', 'application/json').end(JSON.stringify(answer(count, body.toString())))
    }
  })
  return { rig: await openRig(t, onto(upstream.url, { chain, ...rest })), upstream }
}

test('the same question is answered again, whole or streamed, however it is written', async t => {
  const { rig, upstream } = await house(t)
  assert.deepEqual(await told(await rig.post(ask('Hi'))), { content: 'answer 1', cache: 'miss' })
  assert.deepEqual(await told(await rig.post(ask('Hi'))), { content: 'answer 1', cache: 'hit' })
  assert.deepEqual(await told(await rig.post(ask('Hi', { stream: true }))), { content: 'answer 1', cache: 'hit' })
  const reordered = '{ "messages": [{"content": "H\\u0069", "role": "user"}],\n "model": "m" }'
  assert.deepEqual(await told(await rig.post(reordered)), { content: 'answer 1', cache: 'hit' })
  assert.equal(upstream.requests.length, 1)
  const { steps, attempts } = rig.records.at(-1)!
  assert.equal(attempts.length, 0)
  assert.match(steps[0]!.reason, /^20\S+Z for /)
  assert.deepEqual(steps[0]!.findings, { hit: 1 })
})

test('what has no answer in words is left alone', async t => {
  const { rig } = await house(t, { answer: () => ({ object: 'list', data: [] }) })
  const reply = await rig.post({ model: 'm', input: 'Hi' }, { path: '/v1/embeddings' })
  assert.deepEqual([reply.status, reply.headers.get('x-gatehouse-cache')], [200, 'off'])
})

test('a streamed answer is given again whole', async t => {
  const { rig } = await house(t)
  assert.deepEqual(await told(await rig.post(ask('Hi', { stream: true }))), { content: 'answer 1', cache: 'miss' })
  assert.deepEqual(await told(await rig.post(ask('Hi'))), { content: 'answer 1', cache: 'hit' })
})

for (const [what, other] of [
  ['another text', ask('Ho')],
  ['another model', { ...ask('Hi'), model: 'n' }],
  ['a temperature', ask('Hi', { temperature: 0.1 })],
  ['a tool', ask('Hi', { tools: [{ type: 'function', function: { name: 'f' } }] })],
  ['a format', ask('Hi', { response_format: { type: 'json_object' } })],
  ['a field that nobody knows', ask('Hi', { zzz: 1 })],
  ['a system prompt', { model: 'm', messages: [{ role: 'system', content: 'Be brief' }, { role: 'user', content: 'Hi' }] }],
  ['another role', { model: 'm', messages: [{ role: 'system', content: 'Hi' }] }],
] as const) {
  test(`${what} makes it another question`, async t => {
    const { rig } = await house(t)
    await told(await rig.post(ask('Hi')))
    assert.deepEqual(await told(await rig.post(other)), { content: 'answer 2', cache: 'miss' })
  })
}

const choice = { index: 0, message: { role: 'assistant', content: 'answer' }, finish_reason: 'stop' }
for (const [what, choices] of [
  ['that was cut short', [{ ...choice, finish_reason: 'length' }]],
  ['that calls a tool', [{ ...choice, message: { role: 'assistant', content: 'a', tool_calls: [{ id: '1', type: 'function', function: { name: 'f', arguments: '{}' } }] }, finish_reason: 'tool_calls' }]],
  ['that refuses', [{ ...choice, message: { role: 'assistant', content: 'a', refusal: 'no' } }]],
  ['with thoughts', [{ ...choice, message: { role: 'assistant', content: 'a', reasoning_content: 'hm' } }]],
  ['with logprobs', [{ ...choice, logprobs: { content: [{ token: 'answer', logprob: -1, bytes: null, top_logprobs: [] }] } }]],
  ['with citations', [{ ...choice, message: { role: 'assistant', content: 'a', annotations: [{ type: 'url_citation', url_citation: { url: 'http://x', title: 'x', start_index: 0, end_index: 1 } }] } }]],
  ['of two choices', [choice, { ...choice, index: 1 }]],
] as const) {
  test(`an answer ${what} is not given again`, async t => {
    const { rig, upstream } = await house(t, { answer: () => ({ ...completion(''), choices }) })
    for (let i = 0; i < 2; i++) await (await rig.post(ask('Hi'))).text()
    assert.equal(upstream.requests.length, 2)
  })
}

test('an answer that a step edited is not given again; one that it passes is', async t => {
  const pii = { use: 'pii', options: { action: 'mask' } }
  for (const chain of [[pii, 'cache'], ['cache', pii]]) {
    const { rig, upstream } = await house(t, { chain, answer: (_count, body) => completion(body.includes('write') ? 'jane.roe@example.com' : 'fine') })
    for (let i = 0; i < 2; i++) assert.equal((await told(await rig.post(ask('write')))).content, '****.***@*******.***')
    for (let i = 0; i < 2; i++) assert.equal((await told(await rig.post(ask('Hi')))).content, 'fine')
    assert.equal(upstream.requests.length, 3)
  }
})

test('a copy holds placeholders, and each request has its own values', async t => {
  const { rig, upstream } = await house(t, {
    chain: [{ use: 'pii', options: { action: 'tokenize' } }, 'cache'],
    answer: (_count, body) => completion(`Sent to ${/EMAIL_1_\w+/.exec(body)![0]}.`),
  })
  const first = await told(await rig.post(ask('To a@example.com')))
  assert.deepEqual(first, { content: 'Sent to a@example.com.', cache: 'miss' })
  assert.deepEqual(await told(await rig.post(ask('To a@example.com'))), { content: 'Sent to a@example.com.', cache: 'hit' })
  assert.deepEqual(await told(await rig.post(ask('To b@example.com'))), { content: 'Sent to b@example.com.', cache: 'miss' })
  assert.equal(upstream.requests.length, 2)
})

test('who asks for a new answer gets one', async t => {
  const { rig } = await house(t)
  const saying = (control: string) => rig.post(ask('Hi'), { headers: { 'cache-control': control } })
  assert.deepEqual(await told(await saying('no-store')), { content: 'answer 1', cache: 'off' })
  assert.deepEqual(await told(await rig.post(ask('Hi'))), { content: 'answer 2', cache: 'miss' }, 'it was not kept')
  assert.deepEqual(await told(await saying('max-age=0, No-Cache')), { content: 'answer 3', cache: 'off' })
  assert.deepEqual(await told(await rig.post(ask('Hi'))), { content: 'answer 3', cache: 'hit' }, 'the new one took its place')
})

const key = (name: string, tags: Record<string, string> = {}): object =>
  ({ name, keys: [{ sha256: createHash('sha256').update(name).digest('hex') }], tags })

for (const [scope, expected] of [['consumer', 'miss'], ['tags.team', 'hit'], ['everyone', 'hit']] as const) {
  test(`scope ${scope}: another of the same team gets a ${expected}`, async t => {
    const { rig } = await house(t, {
      chain: [{ use: 'cache', options: { scope } }], consumers: [key('ann', { team: 'lab' }), key('bob', { team: 'lab' }), key('eve')],
    })
    const as = (name: string) => rig.post(ask('Hi'), { headers: { authorization: `Bearer ${name}` } })
    await told(await as('ann'))
    assert.equal((await told(await as('bob'))).cache, expected)
    assert.equal((await told(await as('eve'))).cache, scope === 'everyone' ? 'hit' : 'miss')
  })
}

test('whoever asks what is being asked waits for the answer, and goes on where there is none', async t => {
  const asked: (() => void)[] = []
  let fails = true
  const upstream = await openUpstream(t, reply => {
    asked.push(() => {
      reply.statusCode = fails ? 400 : 200
      reply.setHeader('content-type', 'application/json').end(JSON.stringify(fails ? { error: { message: 'no' } } : completion('one')))
      fails = false
    })
    asked.shift()!()
  })
  const rig = await openRig(t, onto(upstream.url, { chain: ['cache'] }))
  const replies = await Promise.all([1, 2, 3].map(() => rig.post(ask('Hi'))))
  assert.deepEqual(replies.map(reply => reply.status).toSorted(), [200, 200, 400])
  for (const reply of replies) await reply.text()
})

test('a step in shadow gives no answer and counts what it would have given', async t => {
  const { rig } = await house(t, { chain: [{ use: 'cache', mode: 'shadow' }] })
  await told(await rig.post(ask('Hi')))
  assert.deepEqual(await told(await rig.post(ask('Hi'))), { content: 'answer 2', cache: null })
  const record = rig.records.at(-1)!
  assert.deepEqual([record.steps[0]!.outcome, record.steps[0]!.findings], ['respond', { hit: 1 }])
})

test('the official dialects are all answered again', async t => {
  const upstream = await openUpstream(t, reply => reply.setHeader('content-type', 'application/json').end(JSON.stringify(completion('once'))))
  const rig = await openRig(t, onto(upstream.url, { chain: ['cache'] }))
  const bodies: readonly (readonly [string, object])[] = [
    ['/v1/messages', { model: 'm', max_tokens: 5, messages: [{ role: 'user', content: 'Hi' }] }],
    ['/v1/responses', { model: 'm', input: 'Hi' }],
    ['/v1beta/models/m:generateContent', { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] }],
    ['/v1/chat/completions', ask('Hi')],
  ]
  for (const [path, body] of bodies) {
    for (const cache of ['miss', 'hit']) {
      const reply = await rig.post(body, { path })
      assert.match(await reply.text(), /once/)
      assert.equal(reply.headers.get('x-gatehouse-cache'), cache, path)
    }
  }
  assert.equal(upstream.requests.length, 4)
})

test('law: a copy comes out as a fresh answer of the same words would, through the guards above', async t => {
  const words = ['fine', 'ask jane.roe@example.com', '4111 1111 1111 1111', 'two  spaces', 'ünï "quoted" \\']
  const chain = ['cache', { use: 'moderation', options: { words: { place: ['spaces'] } }, actions: { '*': 'mask' }, mode: 'enforce', rights: ['edit', 'annotate'] }]
  const guard = { use: 'pii', options: { action: 'mask' }, when: "'x-care' in headers" }
  // The last word of the question says which answer is meant.
  const upstream = await openUpstream(t, (reply, body) => {
    const answer = words[Number(/answer (\d)/.exec(String(body))![1])]!
    if (String(body).includes('"stream":true')) reply.setHeader('content-type', 'text/event-stream').end(chunks([...answer]).join(''))
    else reply.setHeader('content-type', 'application/json').end(JSON.stringify(completion(answer)))
  })
  const [cached, fresh] = [await openRig(t, onto(upstream.url, { chain: [guard, ...chain] })), await openRig(t, onto(upstream.url, { chain: [guard, ...chain.slice(1)] }))]
  for (const number of words.keys()) {
    for (const [first, second] of [[false, true], [true, false], [true, true]]) {
      const question = (stream: boolean): object => ask(`answer ${number}`, { stream, seed: Number(first) * 2 + Number(second) })
      await told(await cached.post(question(first!)))
      const headers = { 'x-care': 'yes' }
      const again = await told(await cached.post(question(second!), { headers }))
      const expected = await told(await fresh.post(question(second!), { headers }))
      assert.equal(again.content, expected.content)
      // What the step below edits is never kept.
      assert.equal(again.cache, words[number] === 'two  spaces' ? 'miss' : 'hit')
    }
  }
})

test('near: with the encoder of the house', async t => {
  const { rig, upstream } = await house(t, { chain: [{ use: 'cache', options: { near: { mode: 'serve', threshold: 0.85, wait: 20_000 } }, timeout: '30s' }], route: { timeouts: { chain: '30s' } } })
  await told(await rig.post(ask('How do I reset my password?')))
  assert.deepEqual(await told(await rig.post(ask('How can I reset the password?'))), { content: 'answer 1', cache: 'near' })
  assert.match(rig.records.at(-1)!.steps[0]!.reason, /^0\.\d{3} 20\S+Z for /)
  assert.deepEqual(await told(await rig.post(ask('How do I not reset my password?'))), { content: 'answer 2', cache: 'miss' })
  assert.equal(upstream.requests.length, 2)
})

test('the admin port has answers forgotten', async t => {
  const { rig } = await house(t, { plugins: ['cache'] })
  await told(await rig.post(ask('Hi')))
  assert.equal(await rig.server.ask('cache forget', ['model:other']), 0)
  assert.equal(await rig.server.ask('cache forget', ['model:m']), 1)
  assert.equal((await told(await rig.post(ask('Hi')))).cache, 'miss')
})

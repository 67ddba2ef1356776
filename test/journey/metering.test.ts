// What the meter counts where the provider says nothing, and what it leaves alone, over real sockets.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chunks, onto, openRig, openUpstream } from './rig.ts'

const events = { 'content-type': 'text/event-stream' }
const json = { 'content-type': 'application/json' }
const ask = { model: 'm', messages: [{ role: 'user', content: 'Hello, world!' }] }
const prices = { m: { input: 1, output: 2 } }

test('texts are counted once, however many observers read them, and priced by the one price that there is', async t => {
  const up = await openUpstream(t, (reply, body) => {
    if (body.includes('"stream":true')) return void reply.writeHead(200, events).end(chunks(['Hel', 'lo t', 'o yo', 'u', '.']).join(''))
    const message = { role: 'assistant', content: 'Hello to you.' }
    reply.writeHead(200, json).end(JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message, finish_reason: 'stop' }] }))
  })
  const rig = await openRig(t, onto(up.url, { chain: ['meter', 'meter'], prices }))
  for (const stream of [false, true]) {
    const settled = rig.settled()
    await (await rig.post({ ...ask, stream })).text()
    const { usage, cost } = await settled
    assert.deepEqual([usage?.input, usage?.output, usage?.source, cost], [4, 4, 'estimated', { dollars: 0.000012, price: 'exact', version: 'config' }])
  }
})

test('a tier of service that is not that of the list is told beside the usage, in a stream too, and the cost is called unpriced', async t => {
  const told = { id: 'c', created: 1, model: 'gpt-4o', service_tier: 'flex', usage: { prompt_tokens: 1000, completion_tokens: 0, total_tokens: 1000 } }
  const up = await openUpstream(t, (reply, body) => {
    if (body.includes('"stream":true')) return void reply.writeHead(200, events).end(`data: ${JSON.stringify({ ...told, choices: [] })}

data: [DONE]

`)
    const choice = { index: 0, message: { role: 'assistant', content: '' }, finish_reason: 'stop' }
    reply.writeHead(200, json).end(JSON.stringify({ ...told, object: 'chat.completion', choices: [choice] }))
  })
  const rig = await openRig(t, onto(up.url, { chain: ['meter'], provider: { use: 'openai', url: up.url, key: 'k' } }))
  for (const stream of [false, true]) {
    const settled = rig.settled()
    await (await rig.post({ ...ask, model: 'gpt-4o', stream })).text()
    const { cost } = await settled
    assert.deepEqual([cost?.dollars, cost?.price], [0.0025, 'unpriced'])
  }
})

test('what a failed attempt said of its usage is not the usage of the next', async t => {
  const counted = { usageMetadata: { promptTokenCount: 900, totalTokenCount: 900 }, modelVersion: 'm', responseId: 'r' }
  const failing = await openUpstream(t, reply => {
    reply.writeHead(200, events).end([counted, { error: { code: 503, message: 'no', status: 'UNAVAILABLE' } }].map(one => `data: ${JSON.stringify(one)}\n\n`).join(''))
  })
  const good = await openUpstream(t, reply => void reply.writeHead(200, events).end(chunks(['Hello']).join('')))
  const rig = await openRig(t, {
    providers: { first: { use: 'gemini', url: failing.url, key: 'k' }, second: { use: 'openai-compatible', url: good.url, key: 'k' } }, prices,
    routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'first' }], fallback: [{ provider: 'second' }] }],
  })
  const settled = rig.settled()
  await (await rig.post({ ...ask, stream: true })).text()
  const { usage, cost, attempts } = await settled
  assert.deepEqual([attempts.map(({ error }) => error !== ''), usage, cost], [[true, false], undefined, undefined])
})

test('a call that counts tokens is billed by nobody', async t => {
  const up = await openUpstream(t, reply => void reply.writeHead(200, json).end('{"input_tokens":4}'))
  const rig = await openRig(t, onto(up.url.replace(/\/v1$/, ''), { chain: ['meter'], provider: { use: 'anthropic' }, prices }))
  const settled = rig.settled()
  const reply = await rig.post(ask, { path: '/v1/messages/count_tokens', headers: { 'anthropic-version': '2023-06-01' } })
  assert.deepEqual([reply.status, await reply.json()], [200, { input_tokens: 4 }])
  const { usage, cost } = await settled
  assert.deepEqual([usage, cost], [undefined, undefined])
})

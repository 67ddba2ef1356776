import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chunks, completion, onto, openRig, openUpstream, textOf } from './rig.ts'

const BODY = '{ "model":"m", "messages":[{"role":"user","content":"caf\\u00e9 \\ud83d\\ude00"}],\r\n "logit_bias":{"10":5,"2":1}, "seed":12345678901234567890, "x":1.0 }'

test('a whole answer comes back byte for byte, and the request arrives so', async t => {
  const answer = JSON.stringify(completion('caf\u00e9 \u2028')).replace('"usage"', '"x_big": 12345678901234567890, "usage"')
  const upstream = await openUpstream(t, reply => reply.writeHead(200, { 'content-type': 'application/json', 'x-request-id': 'up-1' }).end(answer))
  const rig = await openRig(t, onto(upstream.url))
  const settled = rig.settled()
  const reply = await rig.post(BODY)
  assert.equal(reply.status, 200)
  assert.equal(await reply.text(), answer)
  assert.equal(reply.headers.get('x-request-id'), 'up-1')
  assert.match(reply.headers.get('x-gatehouse-id') ?? '', /^gh-/)
  assert.equal(upstream.requests[0]!.body.toString(), BODY)
  assert.equal(upstream.requests[0]!.request.headers.authorization, 'Bearer upstream-key')
  const record = await settled
  assert.deepEqual([record.status, record.route, record.provider, record.model, record.ending, record.usage?.output], [200, 'all', 'up', 'm', 'complete', 7])
})

test('a stream comes back byte for byte', async t => {
  const frames = [': hello\n\n', ...chunks(['Hel', 'lo \u{1f600}']).slice(0, -1), 'data:{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}\r\n\r\n', 'data: [DONE]\n\n']
  const upstream = await openUpstream(t, async reply => {
    reply.writeHead(200, { 'content-type': 'text/event-stream' })
    const bytes = Buffer.from(frames.join(''))
    for (let at = 0; at < bytes.length; at += 37) {
      reply.write(bytes.subarray(at, at + 37))
      await new Promise(setImmediate)
    }
    reply.end()
  })
  const rig = await openRig(t, onto(upstream.url))
  const settled = rig.settled()
  const reply = await rig.post({ model: 'm', stream: true, messages: [{ role: 'user', content: 'x' }] })
  assert.equal(await reply.text(), frames.join(''))
  const record = await settled
  assert.deepEqual([record.streamed, record.ending, record.usage?.input, record.usage?.output], [true, 'complete', 3, 2])
})

test('a target may ask for another model: one splice', async t => {
  const upstream = await openUpstream(t, reply => reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion('ok'))))
  const rig = await openRig(t, onto(upstream.url, { route: { targets: [{ provider: 'up', model: 'llama-3' }] } }))
  await rig.post(BODY)
  assert.equal(upstream.requests[0]!.body.toString(), BODY.replace('"model":"m"', '"model":"llama-3"'))
})

for (const [what, body, status, code, sentence] of [
  ['no JSON', '{"model":"m","messages":[}', 400, 'invalid_json', /25|line 1/],
  ['an empty body', '', 400, 'invalid_json', /./],
  ['a key that stands twice', '{"model":"m","model":"n","messages":[{"role":"user","content":"x"}]}', 400, 'invalid_json', /twice|duplicate|again/i],
  ['half a surrogate pair', '{"model":"m","messages":[{"role":"user","content":"\\ud800"}]}', 400, 'invalid_json', /surrogate/],
  ['too deep a nest', `{"model":"m","messages":[{"role":"user","content":"x"}],"a":${'['.repeat(200)}${']'.repeat(200)}}`, 400, 'invalid_json', /128|deep|level/],
  ['no messages', '{"model":"m"}', 400, 'invalid_body', /messages/],
  ['a model that nobody serves', '{"model":"other","messages":[{"role":"user","content":"x"}]}', 404, 'model_not_found', /"other"/],
  ['too many bytes', JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x'.repeat(5000) }] }), 413, 'body_too_large', /larger/],
] as const) {
  test(`${what} is refused in the client's own dialect, and never goes upstream`, async t => {
    const upstream = await openUpstream(t, reply => reply.end())
    const rig = await openRig(t, { ...onto(upstream.url, { route: { match: { model: 'm' } } }), limits: { body: 4000 } })
    const reply = await rig.post(body)
    assert.equal(reply.status, status)
    const { error } = await reply.json() as { error: { code: string; message: string; type: string } }
    assert.equal(error.code, code)
    assert.match(error.message, sentence)
    assert.equal(upstream.requests.length, 0)
  })
}

test('placeholders go up, values come back, whole and streamed, however the stream is cut', async t => {
  const said = 'Mail jane.roe+x@example.co.uk, card 4539 1488 0343 6467; again jane.roe+x@example.co.uk.'
  let size = 1
  const upstream = await openUpstream(t, (reply, body) => {
    const asked = JSON.parse(body.toString()) as { stream?: boolean; messages: { content: string }[] }
    const text = `You said: ${asked.messages.at(-1)!.content} Bye.`
    if (!asked.stream) return void reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion(text)))
    reply.writeHead(200, { 'content-type': 'text/event-stream' })
    reply.end(chunks(text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []).join(''))
  })
  const rig = await openRig(t, onto(upstream.url, { chain: [{ use: 'pii', options: { entities: ['email', 'card'] } }] }))
  const whole = await (await rig.post({ model: 'm', messages: [{ role: 'user', content: said }] })).json() as { choices: { message: { content: string } }[] }
  assert.equal(whole.choices[0]!.message.content, `You said: ${said} Bye.`)
  for (size of [1, 2, 3, 5, 7, 11, 1000]) {
    const stream = await (await rig.post({ model: 'm', stream: true, messages: [{ role: 'user', content: said }] })).text()
    assert.equal(textOf(stream), `You said: ${said} Bye.`, `cut at ${size}`)
    assert.ok(stream.endsWith('data: [DONE]\n\n'))
  }
  for (const { body } of upstream.requests) {
    assert.ok(!body.includes('jane.roe') && !body.includes('4539'), 'a value went upstream')
    assert.match(body.toString(), /EMAIL_1_[a-z0-9]{8}, card CARD_1_[a-z0-9]{8}; again EMAIL_1_/)
  }
})

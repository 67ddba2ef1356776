import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import net from 'node:net'
import { test } from 'node:test'
import { chunks, completion, onto, openRig, openUpstream, textOf } from './rig.ts'

const ASK = { model: 'm', messages: [{ role: 'user', content: 'x' }] }
const STREAM = { ...ASK, stream: true }
const PII = [{ use: 'pii', options: { entities: ['email'] } }]
const sse = { 'content-type': 'text/event-stream' }

const errorOf = async (reply: Response): Promise<{ code: string; message: string }> => ((await reply.json()) as { error: { code: string; message: string } }).error

test('an upstream that refuses the connection is a 502, and its place is nobody\'s business', async t => {
  const rig = await openRig(t, onto('http://127.0.0.1:1/v1'))
  const reply = await rig.post(ASK)
  assert.equal(reply.status, 502)
  const error = await errorOf(reply)
  assert.equal(error.code, 'upstream_refused')
  assert.ok(!error.message.includes('127.0.0.1') && !error.message.includes('upstream-key'))
})

test('an upstream that never answers is a 504', async t => {
  const upstream = await openUpstream(t, () => {})
  const rig = await openRig(t, onto(upstream.url, { timeouts: { headers: 100 } }))
  const reply = await rig.post(ASK)
  assert.equal(reply.status, 504)
  assert.equal((await errorOf(reply)).code, 'upstream_timeout')
})

test('the whole request has a deadline of its own', async t => {
  const upstream = await openUpstream(t, () => {})
  const rig = await openRig(t, onto(upstream.url, { timeouts: { total: 100 } }))
  const settled = rig.settled()
  assert.equal((await errorOf(await rig.post(ASK))).code, 'deadline')
  assert.equal((await settled).ending, 'deadline')
})

test('a stream that never begins is a 504, not an empty 200', async t => {
  const upstream = await openUpstream(t, reply => { reply.writeHead(200, sse).flushHeaders() })
  const rig = await openRig(t, onto(upstream.url, { timeouts: { firstEvent: 100 } }))
  const reply = await rig.post(STREAM)
  assert.equal(reply.status, 504)
})

for (const chain of [undefined, PII]) {
  const how = chain === undefined ? 'on its way through' : 'under guard'

  test(`a stream that stalls ends as the dialect's error event, ${how}`, async t => {
    const upstream = await openUpstream(t, reply => { reply.writeHead(200, sse).write(chunks(['Hello ', 'wor']).slice(0, 3).join('')) })
    const rig = await openRig(t, onto(upstream.url, { ...(chain && { chain }), timeouts: { idle: 150 } }))
    const settled = rig.settled()
    const stream = await (await rig.post(STREAM)).text()
    // Under guard, a tail that may be the begin of what must not leave does not leave.
    assert.equal(textOf(stream), chain === undefined ? 'Hello wor' : 'Hello ')
    const last = JSON.parse(stream.trimEnd().split('\n\n').at(-1)!.slice(6)) as { error: { code: string } }
    assert.equal(last.error.code, 'upstream_timeout')
    assert.ok(!stream.includes('[DONE]'))
    const record = await settled
    assert.deepEqual([record.status, record.ending, record.error], [200, 'upstream_failed', 'upstream_timeout'])
  })

  test(`a stream that is cut ends as exactly one error event, ${how}`, async t => {
    const upstream = await openUpstream(t, reply => {
      reply.writeHead(200, sse)
      reply.write(chunks(['Hel', 'lo']).slice(0, 3).join('') + 'data: {"choi')
      setImmediate(() => reply.destroy())
    })
    const rig = await openRig(t, onto(upstream.url, chain && { chain }))
    const stream = await (await rig.post(STREAM)).text()
    assert.equal(textOf(stream), chain === undefined ? 'Hello' : '')
    assert.equal(stream.match(/"error"/g)?.length, 1)
    assert.ok(!stream.includes('[DONE]') && !stream.includes('"choi\n'))
  })

  test(`a stream that ends before it was complete does not pass for complete, ${how}`, async t => {
    const upstream = await openUpstream(t, reply => { reply.writeHead(200, sse).end(chunks(['Hel', 'lo']).slice(0, 3).join('')) })
    const rig = await openRig(t, onto(upstream.url, chain && { chain }))
    const stream = await (await rig.post(STREAM)).text()
    assert.match(stream, /upstream_closed/)
  })

  test(`an error event after a 200 reaches the client, ${how}`, async t => {
    const event = 'data: {"error":{"message":"The server is overloaded","type":"server_error","code":"overloaded"}}\n\n'
    const upstream = await openUpstream(t, reply => { reply.writeHead(200, sse).end(chunks(['Hi']).slice(0, 2).join('') + event) })
    const rig = await openRig(t, onto(upstream.url, chain && { chain }))
    const settled = rig.settled()
    const stream = await (await rig.post(STREAM)).text()
    assert.match(stream, /overloaded/)
    assert.equal(stream.match(/"error":/g)?.length, 1, 'and just once')
    assert.equal((await settled).ending, 'upstream_failed')
  })

  for (const [end, rest] of [['and ends', ''], ['and says that it is done', 'data: [DONE]\n\n']] as const) {
    test(`what nobody has judged when an upstream reports an error ${end} stays here, ${how}`, async t => {
      const event = 'data: {"error":{"message":"The server is overloaded","type":"server_error","code":"overloaded"}}\n\n'
      const said = chunks(['Write to ', 'jane.roe@exam']).slice(0, 3).join('')
      const upstream = await openUpstream(t, reply => { reply.writeHead(200, sse).end(said + event + rest) })
      const rig = await openRig(t, onto(upstream.url, chain && { chain }))
      const stream = await (await rig.post(STREAM)).text()
      assert.equal(textOf(stream), chain === undefined ? 'Write to jane.roe@exam' : 'Write to ')
      assert.ok(stream.endsWith(event + rest))
    })
  }

  test(`P49: a client that leaves in mid-stream ends the call upstream, ${how}`, async t => {
    const gone = Promise.withResolvers<void>()
    const upstream = await openUpstream(t, reply => {
      reply.writeHead(200, sse).write(chunks(['Hello ', 'there ']).slice(0, 3).join(''))
      reply.on('close', gone.resolve)
    })
    const rig = await openRig(t, onto(upstream.url, chain && { chain }))
    const settled = rig.settled()
    const leaving = new AbortController()
    const reply = await rig.post(STREAM, { signal: leaving.signal })
    await reply.body!.getReader().read()
    leaving.abort()
    await gone.promise
    const record = await settled
    assert.deepEqual([record.ending, record.error], ['client_closed', 'client_closed'])
  })
}

test('what a client that left had been told is counted', async t => {
  const upstream = await openUpstream(t, reply => { reply.writeHead(200, sse).write(chunks(['one two ', 'three four ']).slice(0, 3).join('')) })
  const rig = await openRig(t, onto(upstream.url, { chain: [{ use: 'meter' }] }))
  const settled = rig.settled()
  const leaving = new AbortController()
  const reply = await rig.post(STREAM, { signal: leaving.signal })
  await reply.body!.getReader().read()
  leaving.abort()
  const record = await settled
  assert.equal(record.usage?.source, 'estimated')
  assert.ok(record.usage.output >= 4 && record.usage.output < 10, `${record.usage.output} tokens for four words`)
})

test('P49: a client that leaves before the answer ends the call upstream', async t => {
  const gone = Promise.withResolvers<void>()
  const arrived = Promise.withResolvers<void>()
  const upstream = await openUpstream(t, reply => {
    reply.on('close', gone.resolve)
    arrived.resolve()
  })
  const rig = await openRig(t, onto(upstream.url))
  const leaving = new AbortController()
  const asking = rig.post(ASK, { signal: leaving.signal })
  asking.catch(() => {})
  await arrived.promise
  leaving.abort()
  await gone.promise
})

test('while text is held, a client hears a comment from time to time, whatever else was sent before', async t => {
  const upstream = await openUpstream(t, reply => {
    reply.writeHead(200, sse).write(chunks(['Write to ', 'jane.roe@exam']).slice(0, 3).join(''))
    setTimeout(() => reply.end(chunks(['', '', 'ple.com.']).slice(3).join('')), 400)
  })
  const rig = await openRig(t, onto(upstream.url, { chain: PII, timeouts: { heartbeat: 60 } }))
  const stream = await (await rig.post(STREAM)).text()
  const [before = '', ...comments] = stream.split(': held\n\n')
  assert.ok(comments.length >= 3, `${comments.length} comments`)
  assert.equal(textOf(before), 'Write to ')
  assert.equal(textOf(stream), 'Write to [EMAIL].')
})

test('garbage passes where nobody reads it, and is an error where a step would have to', async t => {
  const upstream = await openUpstream(t, reply => reply.writeHead(200, { 'content-type': 'application/json' }).end('{"choices": oops'))
  const open = await openRig(t, onto(upstream.url))
  assert.equal(await (await open.post(ASK)).text(), '{"choices": oops')
  const guarded = await openRig(t, onto(upstream.url, { chain: PII }))
  const reply = await guarded.post(ASK)
  assert.equal(reply.status, 502)
  assert.equal((await errorOf(reply)).code, 'upstream_invalid')
})

test('garbage in a guarded stream ends it: what cannot be read cannot be vouched for', async t => {
  const upstream = await openUpstream(t, reply => { reply.writeHead(200, sse).end(`${chunks(['Hi ']).slice(0, 2).join('')}data: oops\n\n`) })
  const rig = await openRig(t, onto(upstream.url, { chain: PII }))
  const stream = await (await rig.post(STREAM)).text()
  assert.ok(!stream.includes('oops'))
  assert.match(stream, /upstream_invalid/)
})

test('an error status of the upstream comes back as it is', async t => {
  const body = '{"error":{"message":"slow down","type":"requests","param":null,"code":"rate_limit_exceeded"}}'
  const upstream = await openUpstream(t, reply => reply.writeHead(429, { 'content-type': 'application/json', 'retry-after': '7' }).end(body))
  const rig = await openRig(t, onto(upstream.url, { chain: PII }))
  const reply = await rig.post(ASK)
  assert.deepEqual([reply.status, reply.headers.get('retry-after'), await reply.text()], [429, '7', body])
})

test('the next target serves where the first does not', async t => {
  const broken = await openUpstream(t, reply => reply.writeHead(503).end('{}'))
  const sound = await openUpstream(t, reply => reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion('ok'))))
  const rig = await openRig(t, {
    providers: { broken: { use: 'openai-compatible', url: broken.url }, sound: { use: 'openai-compatible', url: sound.url } },
    routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'broken' }], fallback: [{ provider: 'sound', model: 'other' }] }],
  })
  const settled = rig.settled()
  assert.equal((await rig.post(ASK)).status, 200)
  const record = await settled
  assert.deepEqual(record.attempts.map(({ provider, status }) => [provider, status]), [['broken', 503], ['sound', 200]])
  assert.deepEqual([record.provider, record.model], ['sound', 'other'])
})

test('a key is asked for before the body is read', async t => {
  const upstream = await openUpstream(t, reply => reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion('ok'))))
  const sha256 = createHash('sha256').update('right-key').digest('hex')
  const rig = await openRig(t, { ...onto(upstream.url), consumers: [{ name: 'ann', keys: [{ sha256 }], tags: { team: 'a' } }] })
  for (const [headers, status] of [
    [{}, 401], [{ authorization: 'Bearer wrong-key' }, 401], [{ authorization: 'Bearer right-key' }, 200],
    [{ 'x-api-key': 'right-key' }, 200], [{ 'api-key': 'right-key' }, 200], [{ authorization: 'right-key' }, 401],
  ] as const) {
    const reply = await rig.post(ASK, { headers })
    assert.equal(reply.status, status, JSON.stringify(headers))
    if (status === 401) assert.equal((await errorOf(reply)).code, 'invalid_api_key')
    else await reply.text()
  }
  assert.equal(upstream.requests.length, 3)
  assert.ok(!rig.log.join('').includes('right-key') && !rig.log.join('').includes('wrong-key'), 'no key is ever logged')
  assert.ok(rig.log.join('').includes('"consumer":"ann"'))
})

/** Sends bytes and resolves with everything that comes back until the connection ends. */
function raw(url: string, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes))
    let got = ''
    socket.on('data', data => { got += data })
    socket.on('end', () => resolve(got)).on('error', reject)
  })
}

test('headers over the limit are a 431', async t => {
  const rig = await openRig(t, { ...onto('http://127.0.0.1:1'), limits: { headers: 8192 } })
  assert.match(await raw(rig.url, `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-long: ${'a'.repeat(9000)}\r\n\r\n`), /^HTTP\/1.1 431 [^]*headers_too_large/)
})

test('a client that sends its request drop by drop is let go', async t => {
  const rig = await openRig(t, { ...onto('http://127.0.0.1:1'), limits: { headTime: 300, bodyTime: 600 } })
  assert.match(await raw(rig.url, 'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-slow'), /^HTTP\/1.1 408 [^]*request_timeout/)
  assert.match(await raw(rig.url, 'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{'), /^HTTP\/1.1 408 /)
})

test('what is no HTTP at all is a 400', async t => {
  const rig = await openRig(t, onto('http://127.0.0.1:1'))
  assert.match(await raw(rig.url, 'hello\r\n\r\n'), /^HTTP\/1.1 400 /)
})

test('a path that no route names is a 404; one that a route names passes by bytes, both ways', async t => {
  const image = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 256))
  const upstream = await openUpstream(t, reply => reply.writeHead(200, { 'content-type': 'image/png' }).end(image))
  const closed = await openRig(t, onto(upstream.url))
  const refused = await closed.post(image, { path: '/v1/images/edits', headers: { 'content-type': 'multipart/form-data; boundary=x' } })
  assert.deepEqual([refused.status, (await errorOf(refused)).code], [404, 'unknown_path'])
  const open = await openRig(t, onto(upstream.url, { route: { match: { path: '/v1/images/*' } } }))
  const passed = await open.post(image, { path: '/v1/images/edits?x=1', headers: { 'content-type': 'multipart/form-data; boundary=x' } })
  assert.deepEqual(Buffer.from(await passed.arrayBuffer()), image)
  const { request, body } = upstream.requests.at(-1)!
  assert.deepEqual([request.url, request.headers['content-type'], body.equals(image)], ['/v1/images/edits?x=1', 'multipart/form-data; boundary=x', true])
})

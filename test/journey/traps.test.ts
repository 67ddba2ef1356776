// Traps of the field that only a whole gateway can fall into.
import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { ServerResponse } from 'node:http'
import { encodeFrame } from '../../core/codec/sse.ts'
import { loadTranslation, translationNames } from '../../core/registry.ts'
import { SETTINGS } from '../core/translation/law.ts'
import { chunks, compile, completion, onto, openRig, openUpstream, textOf, type Rig, type Upstream } from './rig.ts'
import { openVendor } from './vendor.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const sse = { 'content-type': 'text/event-stream' }
const user = { role: 'user', content: 'Hi' }
const ASK = { model: 'm', messages: [user] }
const PII = [{ use: 'pii' }]

/** How a client of each dialect asks, whole and streamed. */
const CLIENTS = [
  { client: 'openai-chat', paths: ['/v1/chat/completions', '/v1/chat/completions'], body: ASK },
  { client: 'openai-responses', paths: ['/v1/responses', '/v1/responses'], body: { model: 'm', input: 'Hi' } },
  { client: 'anthropic-messages', paths: ['/v1/messages', '/v1/messages'], body: { ...ASK, max_tokens: 9 } },
  {
    client: 'gemini', paths: ['/v1beta/models/m:generateContent', '/v1beta/models/m:streamGenerateContent?alt=sse'],
    body: { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
  },
] as const

function ask(rig: Rig, { client, paths, body }: typeof CLIENTS[number], stream: boolean, signal?: AbortSignal): Promise<Response> {
  const told = client === 'gemini' ? body : { ...body, stream }
  return rig.post(told, { path: paths[stream ? 1 : 0], ...(signal !== undefined && { signal }) })
}

test('P10: the usage that the gateway asks for is its own, and only a client that asked for it hears of it', async t => {
  const usage = { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 }
  const counted = `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage })}\n\n`
  const [hello = '', ...rest] = chunks(['Hello'])
  const upstream = await openUpstream(t, (reply, body) => {
    reply.writeHead(200, sse).end(body.includes('"include_usage":true') ? [hello, ...rest.slice(0, -1), counted, rest.at(-1)].join('') : [hello, ...rest].join(''))
  })
  const rig = await openRig(t, onto(upstream.url, { chain: [{ use: 'meter' }] }))
  for (const [more, told] of [[{}, rest], [{ stream_options: { include_usage: true } }, [...rest.slice(0, -1), counted, rest.at(-1)]]] as const) {
    const settled = rig.settled()
    assert.equal(await (await rig.post({ ...ASK, ...more, stream: true })).text(), [hello, ...told].join(''))
    const { usage: heard } = await settled
    assert.deepEqual([heard?.input, heard?.output, heard?.source], [5, 7, 'provider'])
  }
})

describe('P14: while the arguments of a call are written, a client that gets calls whole hears that somebody is there', () => {
  const frame = (delta: object, finish_reason: string | null = null): string =>
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason }] })}\n\n`
  const args = (piece: string, more: object = {}): string => frame({ tool_calls: [{ index: 0, function: { arguments: piece }, ...more }] })
  for (const [alt, pauses] of [['?alt=sse', /^(?:: held\n\n){3}/], ['', /^\n{3}/]] as const) {
    test(alt === '' ? 'in an array' : 'in events', async t => {
      const upstream = await openUpstream(t, reply => {
        reply.writeHead(200, sse).write(args('', { id: 'call_1', type: 'function', function: { name: 'f', arguments: '' } }))
        reply.write(args('{"text":"one'))
        setTimeout(() => reply.end(args(' two"}') + frame({}, 'tool_calls') + 'data: [DONE]\n\n'), 400)
      })
      const rig = await openRig(t, onto(upstream.url, { timeouts: { heartbeat: 60 } }))
      const stream = await (await rig.post(CLIENTS[3].body, { path: `/v1beta/models/m:streamGenerateContent${alt}` })).text()
      assert.match(stream, pauses)
      if (alt === '') assert.equal((JSON.parse(stream) as unknown[]).length, 2)
      assert.match(stream, /"functionCall":\{[^}]*"name":"f","args":\{"text":"one two"\}/)
    })
  }
})

describe('P32: how an answer is packed and how long it is', () => {
  const packed = (reply: ServerResponse, type: object, body: string): unknown => reply.writeHead(200, { ...type, 'content-encoding': 'gzip' }).end(gzipSync(body))
  const streaming = { ...ASK, stream: true }
  const FRAMES = chunks(['Write to ', 'jane.roe@example.com']).join('')
  const WHOLE = JSON.stringify(completion('Write to jane.roe@example.com'))
  const answers = (t: TestContext): Promise<Upstream> => openUpstream(t, (reply, body) => {
    if (body.includes('"stream":true')) packed(reply, sse, FRAMES)
    else packed(reply, JSON_TYPE, WHOLE)
  })

  test('an answer that comes packed, unasked, passes as it is where nobody reads it', async t => {
    const upstream = await answers(t)
    const rig = await openRig(t, onto(upstream.url))
    assert.equal(await (await rig.post(ASK)).text(), WHOLE)
    assert.equal(await (await rig.post(streaming)).text(), FRAMES)
    assert.deepEqual(upstream.requests.map(({ request }) => request.headers['accept-encoding']), ['identity', 'identity'])
  })

  for (const [how, chain] of [['a step', PII], ['the count of its tokens', [{ use: 'meter' }]]] as const) {
    test(`one that ${how} would have to read is an error, and no byte of it leaves`, async t => {
      const rig = await openRig(t, onto((await answers(t)).url, { chain }))
      for (const body of [ASK, streaming]) {
        const reply = await rig.post(body)
        const { error } = await reply.json() as { error: { code: string } }
        assert.deepEqual([reply.status, error.code, reply.headers.get('content-encoding')], [502, 'upstream_encoding', null])
      }
    })
  }

  test('an error passes as it is, whoever reads answers', async t => {
    const upstream = await openUpstream(t, reply => reply.writeHead(429, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(gzipSync('{"error":{}}')))
    const reply = await (await openRig(t, onto(upstream.url, { chain: PII }))).post(ASK)
    assert.deepEqual([reply.status, await reply.text()], [429, '{"error":{}}'])
  })

  test('one that would have to be translated is an error', async t => {
    const rig = await openRig(t, onto((await answers(t)).url))
    for (const stream of [false, true]) {
      const reply = await ask(rig, CLIENTS[2], stream)
      assert.deepEqual([reply.status, reply.headers.get('content-encoding')], [502, null])
      await reply.text()
    }
  })

  test('an answer that a step made shorter is told as long as it is', async t => {
    const upstream = await openUpstream(t, reply => reply.writeHead(200, { ...JSON_TYPE, 'content-length': WHOLE.length }).end(WHOLE))
    const rig = await openRig(t, onto(upstream.url, { chain: PII }))
    const reply = await rig.post(ASK)
    const said = WHOLE.replace('jane.roe@example.com', '[EMAIL]')
    assert.deepEqual([reply.headers.get('content-length'), await reply.text()], [String(said.length), said])
  })

  test('a stream has no length, whatever its upstream says', async t => {
    const upstream = await openUpstream(t, reply => reply.writeHead(200, { ...sse, 'content-length': FRAMES.length }).end(FRAMES))
    const rig = await openRig(t, onto(upstream.url, { chain: PII }))
    const reply = await rig.post(streaming)
    assert.deepEqual([reply.headers.get('content-length'), textOf(await reply.text())], [null, 'Write to [EMAIL]'])
  })
})

describe('P43: what a client tells Anthropic of betas goes to nobody else', () => {
  // OpenAI is asked in its other format.
  for (const dialect of translationNames().filter(name => !['anthropic-messages', 'openai-responses'].includes(name))) {
    test(dialect, async t => {
      const vendor = await openVendor(t, dialect, () => ({ failure: 'bad_request', message: 'No.' }))
      const rig = await openRig(t, { providers: { vendor: vendor.provider }, routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'vendor' }] }] })
      const headers = { 'anthropic-beta': 'context-1m-2025-08-07', 'anthropic-version': '2023-06-01', 'x-api-key': 'the-clients-own', cookie: 'c=1' }
      const reply = await rig.post(CLIENTS[2].body, { path: '/v1/messages', headers })
      assert.match(await reply.text(), /No\./)
      const told = Object.entries(vendor.requests[0]!.request.headers)
      assert.deepEqual(told.filter(([name, value]) => name.startsWith('anthropic') || name === 'cookie' || String(value).includes('clients')), [])
    })
  }
})

describe('P49: a client that leaves ends the call upstream, and nobody else is asked', async () => {
  const cohere = await loadTranslation('cohere-chat')
  const writer = cohere.streamWriter(SETTINGS)
  const begun = ([
    { event: 'start', id: 'a', model: 'm' }, { event: 'block', choice: 0, block: 0, kind: 'text' }, { event: 'delta', choice: 0, block: 0, text: 'Hello' },
  ] as const).flatMap(event => [...writer.write(event)]).map(({ payload, event }) => encodeFrame(payload, event)).join('')
  const PHASES: readonly (readonly [when: string, stream: boolean, answer: (reply: ServerResponse) => unknown])[] = [
    ['before a whole answer', false, () => {}],
    ['before a stream begins', true, () => {}],
    ['before its first event', true, reply => reply.writeHead(200, sse).flushHeaders()],
    ['in its middle', true, reply => reply.writeHead(200, sse).write(begun)],
  ]
  for (const asked of CLIENTS) {
    for (const [when, stream, answer] of PHASES) {
      test(`${asked.client}: ${when}`, { timeout: 5000 }, async t => {
        const gone = Promise.withResolvers<void>()
        const arrived = Promise.withResolvers<void>()
        const first = await openUpstream(t, reply => {
          reply.on('close', gone.resolve)
          answer(reply)
          arrived.resolve()
        })
        const second = await openUpstream(t, reply => reply.writeHead(500).end())
        const provider = ({ url }: Upstream): object => ({ use: 'cohere', key: 'k', url: url.replace(/v1$/, 'v2') })
        const rig = await openRig(t, {
          providers: { first: provider(first), second: provider(second) },
          routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'first' }], fallback: [{ provider: 'second' }], retry: { attempts: 3, backoff: 1 } }],
        })
        const settled = rig.settled()
        const leaving = new AbortController()
        const reply = ask(rig, asked, stream, leaving.signal)
        reply.catch(() => {})
        await arrived.promise
        if (when === 'in its middle') await (await reply).body!.getReader().read()
        leaving.abort()
        await gone.promise
        const { ending, attempts } = await settled
        assert.deepEqual([ending, attempts.length, first.requests.length, second.requests.length], ['client_closed', 1, 1, 0])
      })
    }
  }
})

test("P56: every try of a request bears the client's key of it, and what has begun is not tried again", async t => {
  const upstream = await openUpstream(t, (reply, body) => {
    if (upstream.requests.length < 3) return void reply.writeHead(503).end('{}')
    reply.writeHead(200, sse).write(chunks(['Hello'])[1]!, () => reply.destroy())
    assert.ok(body.includes('"stream":true'))
  })
  const rig = await openRig(t, onto(upstream.url, { route: { retry: { attempts: 9, backoff: 1 } } }))
  const stream = await (await rig.post({ ...ASK, stream: true }, { headers: { 'idempotency-key': 'once' } })).text()
  assert.match(stream, /Hello[^]*upstream_closed/)
  assert.deepEqual(upstream.requests.map(({ request }) => request.headers['idempotency-key']), ['once', 'once', 'once'])
})

describe('P59: a dialect in which no target of a route can be asked is a mistake of the config', () => {
  const providers = { chat: { use: 'openai-compatible', url: 'http://127.0.0.1:1' }, claude: { use: 'anthropic', key: 'k' }, command: { use: 'cohere', key: 'k' } }
  const config = (dialect: string, targets: readonly string[]): object => ({
    providers, routes: [{ name: 'one', match: { dialect }, targets: targets.map(provider => ({ provider })) }],
  })
  for (const [dialect, ...targets] of [
    ['openai-moderations', 'claude', 'command'], ['anthropic-count-tokens', 'chat'], ['openai-embeddings', 'claude'], ['openai-completions', 'command'],
  ] as const) {
    test(`${dialect} to ${targets.join(' and ')}`, async () => {
      await assert.rejects(compile({ ...config(dialect, targets) }), new RegExp(`/routes/0/match/dialect/0[^]*${dialect}`))
    })
  }

  test('one of them is enough', async () => {
    for (const [dialect, ...targets] of [['anthropic-count-tokens', 'chat', 'claude'], ['gemini', 'command']] as const) await compile({ ...config(dialect, targets) })
  })
})

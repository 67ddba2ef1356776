import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { describe, test, type TestContext } from 'node:test'
import type { Gateway } from '../../core/gateway.ts'
import type { CanonicalAnswer, CanonicalRequest } from '../../sdk/index.ts'
import { chunks, completion, openRig, openUpstream, textOf, type Rig, type Upstream, type Written } from './rig.ts'
import { openVendor, type Vendor } from './vendor.ts'

const ask = (more: object = {}): object => ({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }], ...more })
const answers = (reply: ServerResponse): void => void reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion('Hello')))
const compatible = ({ url }: Upstream): Written => ({ use: 'openai-compatible', url, key: 'k' })
const ANSWER: CanonicalAnswer = {
  id: 'a', model: 'm', created: 1, choices: [{ index: 0, blocks: [{ kind: 'text', text: 'Hello' }], finish: { stop: 'end', raw: '' } }],
}

describe('a match by what is no name', () => {
  const routes = [
    { name: 'gold', match: { header: { 'x-tier': ['gold', 'plat*'] } } },
    { name: 'lab', match: { tags: { team: 'lab' } } },
    { name: 'large', match: { size: { above: '1kb' } } },
    { name: 'rest', match: { model: '*' } },
  ]
  const consumers = ['lab', 'sales'].map(team => ({ name: team, keys: [{ sha256: hash('sha256', team) }], tags: { team } }))
  for (const [name, key, headers, body, expected] of [
    ['a header', 'sales', { 'x-tier': 'platinum' }, ask(), 'gold'],
    ['another value of it', 'sales', { 'x-tier': 'silver' }, ask(), 'rest'],
    ['a tag of the consumer', 'lab', {}, ask(), 'lab'],
    ['a large body', 'sales', {}, ask({ user: 'x'.repeat(1024) }), 'large'],
    ['nothing of it', 'sales', {}, ask(), 'rest'],
  ] as const) {
    test(name, async t => {
      const up = await openUpstream(t, answers)
      const rig = await openRig(t, { providers: { up: compatible(up) }, consumers, routes: routes.map(route => ({ ...route, targets: [{ provider: 'up' }] })) })
      const settled = rig.settled()
      const reply = await rig.post(body, { headers: { authorization: `Bearer ${key}`, ...headers } })
      assert.equal(reply.status, 200, await reply.text())
      assert.equal((await settled).route, expected)
    })
  }
})

describe('balance: cheapest', () => {
  const through = async (t: TestContext, targets: readonly object[], prices: object): Promise<string> => {
    const up = await openUpstream(t, answers)
    const rig = await openRig(t, { providers: { openai: { ...compatible(up), use: 'openai' }, local: compatible(up) }, routes: [{ name: 'all', match: { model: '*' }, balance: 'cheapest', targets }], prices })
    const settled = rig.settled()
    await (await rig.post(ask())).text()
    const { provider, model } = await settled
    return `${provider} ${model}`
  }
  for (const [name, targets, expected, prices = {}] of [
    ['by the catalogue', [{ provider: 'openai' }, { provider: 'openai', model: 'gpt-4o-mini' }], 'openai gpt-4o-mini'],
    ['what nobody knows the price of comes last', [{ provider: 'local', model: 'mine' }, { provider: 'openai' }], 'openai gpt-4o'],
    ["the operator's word is stronger", [{ provider: 'openai', model: 'gpt-4o-mini' }, { provider: 'local' }], 'local gpt-4o', { 'local/gpt-4o': { input: 0, output: 0 } }],
  ] as const) {
    test(name, async t => assert.equal(await through(t, targets, prices), expected))
  }
})

/** What a vendor was asked when a client of OpenAI's asked for a model there. */
async function asked(t: TestContext, dialect: string, body: object, more: Written = {}): Promise<{ request: CanonicalRequest; warning: string }> {
  const { vendor, rig } = await openVendorRig(t, dialect, {}, more)
  const reply = await rig.post(body)
  assert.equal(reply.status, 200, await reply.text())
  return { request: vendor.asked[0]!, warning: reply.headers.get('x-gatehouse-warning') ?? '' }
}

async function openVendorRig(t: TestContext, dialect: string, route: Written, more: Written = {}): Promise<{ vendor: Vendor; rig: Rig }> {
  const vendor = await openVendor(t, dialect, () => ANSWER)
  const rig = await openRig(t, { providers: { vendor: vendor.provider }, routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'vendor' }], ...route }], ...more })
  return { vendor, rig }
}

describe('a translation goes by what is known of the model', () => {
  for (const [dialect, model] of [
    ['anthropic-messages', 'claude-3-5-haiku-20241022'], ['bedrock-converse', 'us.anthropic.claude-3-5-haiku-20241022-v1:0'],
  ] as const) {
    test(`${dialect}: more than it can write is as much as it can, and told`, async t => {
      const { request, warning } = await asked(t, dialect, ask({ model, max_tokens: 100_000 }))
      assert.equal(request.maxOutput, 8192)
      assert.match(warning, /^maxOutput approximated: /)
    })
    test(`${dialect}: what it can write is not touched`, async t => {
      const { request, warning } = await asked(t, dialect, ask({ model, max_tokens: 8000 }))
      assert.deepEqual([request.maxOutput, warning], [8000, ''])
    })
  }

  for (const [dialect, model, thinking, told] of [
    ['anthropic-messages', 'claude-sonnet-4-5', { budget: 7999 }, 'thinking.budget approximated: it has to fit into maxOutput'],
    ['anthropic-messages', 'claude-opus-4-8', { adaptive: true, effort: 'high' }, ''],
    ['anthropic-messages', 'claude-3-5-haiku-20241022', undefined, 'thinking dropped: this model does not think aloud'],
    ['gemini', 'gemini-2.5-flash', { budget: 24_576 }, 'thinking.effort approximated: this model thinks by tokens: 24576'],
    ['gemini', 'gemini-3.8-flash', { effort: 'high' }, ''],
  ] as const) {
    test(`${model} is told to think in its own way`, async t => {
      const { request, warning } = await asked(t, dialect, ask({ model, max_tokens: 8000, reasoning_effort: 'high' }))
      assert.deepEqual(request.thinking && { ...request.thinking, shown: undefined }, thinking && { ...thinking, shown: undefined })
      assert.equal(warning, told)
    })
  }

  test('a model of OpenAI that thinks, asked by a client of Anthropic, too', async t => {
    const up = await openUpstream(t, answers)
    const rig = await openRig(t, { providers: { up: compatible(up) }, routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'up' }] }] })
    const of = async (model: string): Promise<Record<string, unknown>> => {
      const reply = await rig.post({
        model, max_tokens: 20_000, temperature: 1, thinking: { type: 'enabled', budget_tokens: 9000 }, messages: [{ role: 'user', content: 'Hi' }],
      }, { path: '/v1/messages' })
      assert.equal(reply.status, 200, await reply.text())
      return JSON.parse(up.requests.at(-1)!.body.toString()) as Record<string, unknown>
    }
    const thinks = await of('gpt-5-mini')
    assert.deepEqual([thinks['max_completion_tokens'], thinks['max_tokens'], thinks['reasoning_effort'], thinks['temperature']], [20_000, undefined, 'medium', undefined])
    const plain = await of('gpt-4o')
    assert.deepEqual([plain['max_tokens'], plain['max_completion_tokens'], plain['reasoning_effort'], plain['temperature']], [16_384, undefined, undefined, 1])
  })

  test('Claude on Bedrock, too', async t => {
    const { request } = await asked(t, 'bedrock-converse', ask({ model: 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0', reasoning_effort: 'low' }))
    assert.deepEqual(request.rest.fields['additionalModelRequestFields'], { thinking: { type: 'enabled', budget_tokens: 2048 } })
  })

  test("the operator's word is stronger", async t => {
    const { request } = await asked(t, 'anthropic-messages', ask({ model: 'claude-sonnet-4-5', max_tokens: 9000, reasoning_effort: 'low' }),
      { models: { 'claude-*': { maxOutput: 5000, thinking: 'adaptive' } } })
    assert.deepEqual([request.maxOutput, request.thinking?.adaptive, request.thinking?.effort], [5000, true, 'low'])
  })
})

describe('onLoss: reject', () => {
  const lossy = ask({ model: 'claude-sonnet-4-5', seed: 7, logit_bias: { 1: 1 } })
  for (const [name, route, headers] of [
    ['the route asks for it', { onLoss: 'reject' }, {}], ['the caller does', {}, { 'x-gatehouse-loss': 'reject' }],
  ] as const) {
    test(`${name}: what would be lost is named, and nobody asked`, async t => {
      const { vendor, rig } = await openVendorRig(t, 'anthropic-messages', route)
      const reply = await rig.post(lossy, { headers })
      const { error } = await reply.json() as { error: { code: string; message: string; param: string } }
      assert.deepEqual([reply.status, error.code, vendor.asked.length], [400, 'untranslatable', 0])
      assert.match(error.message, /logit_bias dropped, seed dropped|seed dropped, logit_bias dropped/)
      assert.match(error.param, /^(?:seed|logit_bias)$/)
    })
  }

  test('a target that loses nothing is asked instead', async t => {
    const up = await openUpstream(t, answers)
    const vendor = await openVendor(t, 'anthropic-messages', () => ANSWER)
    const rig = await openRig(t, {
      providers: { vendor: vendor.provider, up: compatible(up) },
      routes: [{ name: 'all', match: { model: '*' }, onLoss: 'reject', targets: [{ provider: 'vendor' }], fallback: [{ provider: 'up' }] }],
    })
    const settled = rig.settled()
    assert.equal((await rig.post(lossy)).status, 200)
    assert.deepEqual((await settled).attempts.map(({ provider, error }) => [provider, error]), [['vendor', 'untranslatable'], ['up', '']])
    assert.equal(vendor.asked.length, 0)
  })

  test('what means nearly the same is no loss', async t => {
    const { rig } = await openVendorRig(t, 'anthropic-messages', { onLoss: 'reject' })
    const reply = await rig.post(ask({ model: 'claude-sonnet-4-5', response_format: { type: 'json_object' } }))
    assert.equal(reply.status, 200)
    assert.match(reply.headers.get('x-gatehouse-warning') ?? '', /^format emulated/)
  })
})

describe('a mirror', () => {
  /** A rig whose gateway can be looked into. */
  const openSeen = async (t: TestContext, config: Written): Promise<{ rig: Rig; gateway: Gateway }> => {
    const rig = await openRig(t, config)
    const gateway = await rig.compile(config)
    rig.server.swap(gateway)
    return { rig, gateway }
  }
  const twoOf = async (
    t: TestContext, mirrored: (reply: ServerResponse) => void, more: Written = {},
  ): Promise<{ rig: Rig; gateway: Gateway; up: Upstream; second: Upstream }> => {
    const up = await openUpstream(t, (reply, body) => {
      if (!(JSON.parse(body.toString()) as { stream?: boolean }).stream) return answers(reply)
      reply.writeHead(200, { 'content-type': 'text/event-stream' }).end(chunks(['Hel', 'lo']).join(''))
    })
    const second = await openUpstream(t, mirrored)
    const seen = await openSeen(t, {
      providers: { up: compatible(up), second: compatible(second) }, chains: { guarded: [{ use: 'pii', options: { action: 'mask' } }] },
      routes: [{ name: 'all', match: { model: '*' }, chain: 'guarded', targets: [{ provider: 'up' }], mirror: { provider: 'second', model: 'new' }, ...more }],
    })
    return { ...seen, up, second }
  }
  /** Waits for what a gateway counts. */
  const counted = async (gateway: Gateway): Promise<readonly unknown[]> => {
    while (gateway.mirrors.length === 0) await new Promise(resolve => { setTimeout(resolve, 1) })
    return gateway.mirrors
  }

  test('gets what the target gets, as its own model; its answer goes nowhere', async t => {
    const { rig, gateway, up, second } = await twoOf(t, reply => void reply.writeHead(200).end('anything'))
    const settled = rig.settled()
    const reply = await rig.post(ask({ messages: [{ role: 'user', content: 'Write to jane.roe@example.com' }] }))
    assert.match(await reply.text(), /Hello/)
    assert.deepEqual(await counted(gateway), [{ route: 'all', provider: 'second', status: 200, error: '', count: 1 }])
    const [seen, copy] = [up, second].map(({ requests }) => requests.map(({ body }) => body.toString()))
    assert.deepEqual(copy, [seen![0]!.replace('"gpt-4o"', '"new"')])
    assert.doesNotMatch(copy![0]!, /jane/)
    const { attempts, provider } = await settled
    assert.deepEqual([attempts.length, provider], [1, 'up'])
  })

  test('of a stream, too, and translated where its dialect is another', async t => {
    const up = await openUpstream(t, reply => void reply.writeHead(200, { 'content-type': 'text/event-stream' }).end(chunks(['Hel', 'lo']).join('')))
    const vendor = await openVendor(t, 'anthropic-messages', () => ANSWER)
    const { rig, gateway } = await openSeen(t, {
      providers: { up: compatible(up), vendor: vendor.provider },
      routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'up' }], mirror: { provider: 'vendor', model: 'claude-haiku-5-5' } }],
    })
    const reply = await rig.post(ask({ stream: true, seed: 7 }))
    assert.equal(textOf(await reply.text()), 'Hello')
    assert.equal(reply.headers.get('x-gatehouse-warning'), null, 'what the mirror is not told is nothing to the client')
    assert.deepEqual(await counted(gateway), [{ route: 'all', provider: 'vendor', status: 200, error: '', count: 1 }])
    assert.deepEqual(vendor.asked.map(({ model, stream }) => [model, stream]), [['claude-haiku-5-5', true]])
  })

  for (const [name, mirrored, status, error] of [
    ['fails', (reply: ServerResponse) => void reply.writeHead(500).end('no'), 500, ''],
    ['breaks off', (reply: ServerResponse) => void reply.socket!.destroy(), 0, 'upstream_closed'],
    ['never ends', (reply: ServerResponse) => void reply.writeHead(200).write('a'), 200, 'deadline'],
  ] as const) {
    test(`one that ${name} is counted, and asked once`, async t => {
      const { rig, gateway, second } = await twoOf(t, mirrored, { timeouts: { total: 200 }, retry: { attempts: 5 } })
      assert.equal((await rig.post(ask())).status, 200)
      assert.deepEqual(await counted(gateway), [{ route: 'all', provider: 'second', status, error, count: 1 }])
      assert.equal(second.requests.length, 1)
    })
  }

  test('one that cannot be asked in the dialect of the client is counted as that', async t => {
    const up = await openUpstream(t, answers)
    const { rig, gateway } = await openSeen(t, {
      providers: { up: compatible(up), claude: { use: 'anthropic', key: 'k' } },
      routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'up' }], mirror: { provider: 'claude' } }],
    })
    assert.equal((await rig.post({ model: 'm', input: 'Hi' }, { path: '/v1/embeddings' })).status, 200)
    assert.deepEqual(await counted(gateway), [{ route: 'all', provider: 'claude', status: 0, error: 'untranslatable', count: 1 }])
  })

  test('a share of none is none', async t => {
    const { rig, gateway, second } = await twoOf(t, answers, { mirror: { provider: 'second', share: 0 } })
    for (let i = 0; i < 20; i++) await (await rig.post(ask())).text()
    assert.deepEqual([gateway.mirrors, second.requests.length], [[], 0])
  })

  test('it ends with its gateway, which waits for no copy', async t => {
    const arrived = Promise.withResolvers<ServerResponse>()
    const { rig, gateway } = await twoOf(t, reply => arrived.resolve(reply))
    assert.equal((await rig.post(ask())).status, 200)
    const copy = await arrived.promise
    const left = once(copy, 'close')
    rig.server.swap(await rig.compile({ providers: { echo: { use: 'echo' } }, routes: [{ name: 'all', targets: [{ provider: 'echo' }] }] }))
    await left
    assert.deepEqual(await counted(gateway), [{ route: 'all', provider: 'second', status: 0, error: 'draining', count: 1 }])
  })
})

test('a canary gets its few in a hundred', async t => {
  const up = await openUpstream(t, answers)
  const rig = await openRig(t, {
    providers: { up: compatible(up) },
    routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'up', model: 'stable', weight: 95 }, { provider: 'up', model: 'canary', weight: 5 }] }],
  })
  for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 20 }, async () => (await rig.post(ask())).text()))
  const canaries = up.requests.filter(({ body }) => body.includes('"canary"')).length
  // Of 400, 20 are expected; fewer than 3 or more than 45 happen once in some hundred thousand runs.
  assert.ok(canaries >= 3 && canaries <= 45, String(canaries))
})

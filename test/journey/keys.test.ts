import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { test, type TestContext } from 'node:test'
import { completion, openRig, openUpstream, type Rig, type Upstream, type Written } from './rig.ts'

const ASK = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] }

/** What a vendor says to a key; one that is not named is welcome. */
type Word = readonly [status: number, headers?: Record<string, string>]

interface Keyed {
  readonly rig: Rig
  readonly upstream: Upstream
  /** The keys that came, in order. */
  readonly came: string[]
  /** Asks once; gives the status and what became of each try. */
  ask(): Promise<readonly [number, string]>
}

async function openKeyed(t: TestContext, words: Record<string, Word>, provider: Written = { keys: ['a', 'b', 'c'] }, route: Written = {}): Promise<Keyed> {
  const came: string[] = []
  const upstream = await openUpstream(t, (reply: ServerResponse, _body: Buffer, request: IncomingMessage) => {
    const key = String(request.headers.authorization).replace('Bearer ', '')
    came.push(key)
    const [status, headers] = words[key] ?? [200]
    reply.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(status === 200 ? completion(key) : { error: { message: 'no' } }))
  })
  const other = await openUpstream(t, reply => { reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion('other'))) })
  const rig = await openRig(t, {
    providers: { p: { use: 'openai-compatible', url: upstream.url, ...provider }, other: { use: 'openai-compatible', url: other.url } },
    routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'p' }], ...route }],
  })
  return {
    rig, upstream, came,
    async ask() {
      const settled = rig.settled()
      const reply = await rig.post(ASK)
      await reply.text()
      return [reply.status, (await settled).attempts.map(one => `${one.provider}:${one.status}:${one.error}`).join(' ')]
    },
  }
}

/** The lines of the log that tell of providers. */
const told = ({ log }: Rig): string[] => log.map(line => JSON.parse(line) as { about?: string; why?: string; level: string })
  .filter(({ about }) => about !== undefined).map(({ level, about, why }) => `${level} ${about} ${why}`)

test('requests take the keys in turn', async t => {
  const { came, ask } = await openKeyed(t, {}, { key: 'a', keys: ['b', 'c'] })
  for (let i = 0; i < 6; i++) assert.deepEqual(await ask(), [200, 'p:200:'])
  assert.deepEqual(came, ['a', 'b', 'c', 'a', 'b', 'c'])
})

test('a key that is throttled rests for as long as it is asked to, and the same target is asked with the next, before any other', async t => {
  const { came, ask, rig } = await openKeyed(t, { a: [429, { 'retry-after': '30' }] }, undefined, { fallback: [{ provider: 'other' }] })
  assert.deepEqual(await ask(), [200, 'p:429:key p:200:'])
  for (let i = 0; i < 4; i++) assert.deepEqual(await ask(), [200, 'p:200:'])
  assert.deepEqual(came, ['a', 'b', 'c', 'b', 'c', 'b'])
  assert.deepEqual(told(rig), [], 'that is no trouble')
})

for (const status of [401, 402, 403]) {
  test(`a key that is refused with ${status} is left out, and operators hear of it once`, async t => {
    const { came, ask, rig } = await openKeyed(t, { a: [status] })
    assert.deepEqual(await ask(), [200, `p:${status}:key p:200:`])
    for (let i = 0; i < 3; i++) assert.deepEqual(await ask(), [200, 'p:200:'])
    assert.deepEqual(came, ['a', 'b', 'c', 'b', 'c'])
    assert.deepEqual(told(rig), [`warn key 1 refused with ${status}, and left out for as long as there is another`])
    assert.ok(!rig.log.join('').includes('Bearer'))
  })
}

test('where every key is throttled the target rests, and the next target is asked', async t => {
  const throttled: Word = [429, { 'retry-after': '30' }]
  const { ask } = await openKeyed(t, { a: throttled, b: throttled, c: throttled }, undefined, { fallback: [{ provider: 'other' }] })
  assert.deepEqual(await ask(), [200, 'p:429:key p:429:key p:429:upstream_error other:200:'])
  assert.deepEqual(await ask(), [200, 'other:200:'])
})

test('where every key is refused it may be the request, so its answer is told and the keys are still tried', async t => {
  const { ask, came } = await openKeyed(t, { a: [403], b: [403] }, { keys: ['a', 'b'] })
  assert.deepEqual(await ask(), [403, 'p:403:key p:403:'])
  assert.equal((await ask())[0], 403)
  assert.deepEqual(came.slice(0, 3), ['a', 'b', 'a'], 'the one that was refused longest ago')
})

test('an only key is the answer, like ever', async t => {
  for (const status of [401, 403]) assert.deepEqual(await (await openKeyed(t, { a: [status] }, { key: 'a' })).ask(), [status, `p:${status}:`])
})

test('a route that is out of tries does not turn to the next key', async t => {
  const { ask } = await openKeyed(t, { a: [401] }, undefined, { retry: { attempts: 1 } })
  assert.deepEqual(await ask(), [401, 'p:401:'])
})

/** A provider whose calls carry tokens; `good` is the one that it takes. */
async function openTokens(t: TestContext, issue: (reply: ServerResponse, nth: number) => void): Promise<{ rig: Rig; forms: () => number; good: { token: string }; came: string[]; ask(): Promise<number> }> {
  t.mock.timers.enable({ apis: ['Date'], now: 1_800_000_000_000 })
  const good = { token: 'token-1' }
  const came: string[] = []
  let forms = 0
  const issuer = await openUpstream(t, reply => { issue(reply, ++forms) })
  const upstream = await openUpstream(t, (reply, _body, { headers }) => {
    const token = String(headers.authorization).replace('Bearer ', '')
    came.push(token)
    const isGood = token === good.token
    reply.writeHead(isGood ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify(isGood ? completion('hello') : { error: { message: 'no' } }))
  })
  const rig = await openRig(t, {
    providers: { p: { use: 'azure', url: upstream.url.replace('/v1', ''), key: 'client-secret', options: { entra: { tenant: 't', client: 'c', authority: issuer.url } } } },
    routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'p' }] }],
  })
  return {
    rig, good, came, forms: () => forms,
    async ask() {
      const reply = await rig.post(ASK)
      await reply.text()
      return reply.status
    },
  }
}

const issueToken = (reply: ServerResponse, nth: number): void => { reply.end(JSON.stringify({ access_token: `token-${nth}`, expires_in: 3600 })) }

test('a token that is refused is asked for anew, once, and nobody hears of it', async t => {
  const { came, good, ask, rig, forms } = await openTokens(t, issueToken)
  assert.equal(await ask(), 200)
  t.mock.timers.tick(60_000)
  good.token = 'token-2'
  assert.deepEqual(await Promise.all([ask(), ask(), ask()]), [200, 200, 200])
  assert.deepEqual([forms(), came.slice(0, 2), came.slice(-3)], [2, ['token-1', 'token-1'], ['token-2', 'token-2', 'token-2']])
  assert.deepEqual(told(rig), [])
})

test('a token that is refused while it is young is the answer: the next would be refused as well', async t => {
  const { came, good, ask, forms } = await openTokens(t, issueToken)
  good.token = 'none'
  assert.equal(await ask(), 401)
  t.mock.timers.tick(60_000)
  for (let i = 0; i < 3; i++) {
    assert.equal(await ask(), 401)
    t.mock.timers.tick(1_000)
  }
  assert.deepEqual([forms(), came.slice(-4)], [2, ['token-1', 'token-2', 'token-2', 'token-2']])
})

test('an endpoint that gives no tokens is told to operators once, and once more when it does', async t => {
  let isDown = true
  const { ask, rig } = await openTokens(t, (reply, nth) => {
    if (isDown) reply.writeHead(400).end('{"error":"invalid_client: client-secret"}')
    else reply.end(JSON.stringify({ access_token: 'token-1', expires_in: 3600, nth }))
  })
  for (let i = 0; i < 3; i++) {
    assert.equal(await ask(), 502)
    t.mock.timers.tick(2_000)
  }
  assert.deepEqual(told(rig), ['warn token of key 1 the token endpoint answers with status 400'])
  isDown = false
  assert.equal(await ask(), 200)
  assert.deepEqual(told(rig).map(line => line.split(' ')[0]), ['warn', 'info'])
  assert.ok(!rig.log.join('').includes('client-secret'))
})

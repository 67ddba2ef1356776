// What a provider is told of the attempts that it gets: their ids, as the ledger has them, where its config names a header.
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test, type TestContext } from 'node:test'
import { ConfigError } from '../../config/problem.ts'
import { compile, completion, onto, openRig, openUpstream, type Rig, type Upstream, type Written } from './rig.ts'

const NAME = 'x-client-request-id'
const ASK = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] }
const OWN = { headers: { [NAME]: 'of-the-client' } }

/** Fails the first so many times. */
async function failing(t: TestContext, times: number): Promise<Upstream> {
  let left = times
  return openUpstream(t, (reply: ServerResponse) => {
    const fails = left-- > 0
    reply.writeHead(fails ? 500 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(fails ? { error: {} } : completion('Hi.')))
  })
}

const toldTo = ({ requests }: Upstream): unknown[] => requests.map(({ request }) => request.headersDistinct[NAME]?.join())

async function ask(rig: Rig): Promise<string> {
  const settled = rig.settled()
  const reply = await rig.post(ASK, OWN)
  assert.equal(reply.status, 200)
  await reply.text()
  return (await settled).id
}

const retried: Written = { retry: { attempts: 3, backoff: '1ms' } }

test('each attempt has its id in the header, in place of what the client sent there', async t => {
  const upstream = await failing(t, 2)
  const rig = await openRig(t, onto(upstream.url, { provider: { idHeader: NAME }, route: retried }))
  const id = await ask(rig)
  assert.deepEqual(toldTo(upstream), [`${id}.0`, `${id}.1`, `${id}.2`])
})

test('without the field, what the client sent goes on, where its dialect has it', async t => {
  const upstream = await failing(t, 1)
  const rig = await openRig(t, onto(upstream.url, { route: retried }))
  await ask(rig)
  assert.deepEqual(toldTo(upstream), ['of-the-client', 'of-the-client'])
})

test('a request in other words has it too; only those who want it; and a mirror hears of no attempt', async t => {
  const first = await failing(t, 1)
  const second = await openUpstream(t, reply => {
    reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({
      id: 'm', type: 'message', role: 'assistant', model: 'm', content: [{ type: 'text', text: 'Hi.' }], stop_reason: 'end_turn',
      usage: { input_tokens: 1, output_tokens: 1 },
    }))
  })
  const mirror = await failing(t, 0)
  const rig = await openRig(t, {
    providers: {
      first: { use: 'openai-compatible', url: first.url },
      second: { use: 'anthropic', url: second.url.replace('/v1', ''), key: 'k', idHeader: 'x-request-id' },
      mirror: { use: 'openai-compatible', url: mirror.url, idHeader: NAME },
    },
    routes: [{
      name: 'all', match: { model: '*' },
      targets: [{ provider: 'first' }], fallback: [{ provider: 'second' }], mirror: { provider: 'mirror' },
    }],
  })
  const id = await ask(rig)
  assert.deepEqual(toldTo(first), ['of-the-client'])
  const [{ request: { headers } }] = second.requests as [Upstream['requests'][number]]
  assert.deepEqual([headers['x-request-id'], headers[NAME]], [`${id}.1`, undefined])
  assert.deepEqual(toldTo(mirror), [`${id}.mirror`])
})

test('a header that the provider sets by itself is refused', async () => {
  const config = onto('http://127.0.0.1:1', { provider: { use: 'anthropic', idHeader: 'x-api-key' } })
  await assert.rejects(compile(config), (error: unknown) => {
    assert.ok(error instanceof ConfigError)
    assert.deepEqual(error.problems.map(({ path, expected, got }) => [path, expected, got]), [
      ['/providers/up/idHeader', 'a header that anthropic does not set by itself', 'x-api-key'],
    ])
    return true
  })
})

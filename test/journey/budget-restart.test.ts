// Budgets over a restart, counted in memory: every process of the house is killed, and the next one goes on counting where
// the ledger says that this one was.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { allGone, HouseProcess } from './house-process.ts'
import { chunks, completion, openUpstream } from './rig.ts'

/** Tokens of an answer and its prompt, by the upstream's own word. */
const USED = 12

function answer(reply: ServerResponse, body: Buffer): void {
  const { stream } = JSON.parse(body.toString()) as { stream?: boolean }
  if (stream === true) return void reply.writeHead(200, { 'content-type': 'text/event-stream' }).write(chunks(['Hel'])[0]!)
  reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion('fine')))
}

const bodyOf = (model: string, more: object = {}): string =>
  JSON.stringify({ model, max_tokens: 7, messages: [{ role: 'user', content: 'hello' }], ...more })
/** What is set aside for a request in a strict budget of tokens: its bytes, and what its answer may have. */
const worstOf = (body: string): number => body.length + 7
const TOKENS = bodyOf('by-tokens')
const HANGING = bodyOf('hanging', { stream: true, stream_options: { include_usage: true } })

async function openHouse(t: TestContext): Promise<{ status(body: string): Promise<number>; restart(): Promise<void>; hang(): Promise<void> }> {
  const state = mkdtempSync(join(tmpdir(), 'gatehouse-state-'))
  t.after(() => rmSync(state, { recursive: true, force: true }))
  const { url } = await openUpstream(t, answer)
  const config = {
    listen: { host: '127.0.0.1', port: 0 }, admin: { host: '127.0.0.1', port: 0 }, workers: 1, plugins: ['admin'],
    state, ledger: { use: 'sqlite' },
    providers: { up: { use: 'openai-compatible', url, key: 'k' } },
    chains: { guarded: [{ use: 'moderation', mode: 'enforce', options: { lists: [], words: { secret: ['magpie'] } } }] },
    routes: [{ name: 'all', match: { model: '*' }, chain: 'guarded', targets: [{ provider: 'up', model: 'm' }] }],
    budgets: [
      { name: 'requests', of: 'requests', limit: 10, window: 'day', match: { model: 'by-request*' }, each: ['consumer', 'model'] },
      // When six are settled, a seventh fits to the token.
      { name: 'tokens', of: 'tokens', limit: 6 * USED + worstOf(TOKENS), window: 'month', match: { model: 'by-tokens' } },
      { name: 'hanging', of: 'tokens', limit: 2 * worstOf(HANGING) - 1, window: 'total', match: { model: 'hanging' } },
    ],
  }
  let house = await HouseProcess.start(t, config)
  const post = (body: string): Promise<Response> => fetch(`${house.url}/v1/chat/completions`, { method: 'POST', body })
  return {
    async status(body) {
      const reply = await post(body)
      await reply.text()
      return reply.status
    },
    async restart() {
      const pids = await house.pids()
      for (const pid of pids) process.kill(pid, 'SIGKILL')
      await allGone(pids)
      house = await HouseProcess.start(t, config)
    },
    async hang() {
      const reply = await post(HANGING)
      assert.equal(reply.status, 200)
      reply.text().catch(() => 'cut')
    },
  }
}

test('what was used before a kill -9 is used after it: 4 of 10 requests are left, and a month of tokens to the token', async t => {
  const { status, restart, hang } = await openHouse(t)
  for (let n = 0; n < 5; n++) assert.equal(await status(bodyOf('by-request')), 200)
  assert.equal(await status(bodyOf('by-request', { messages: [{ role: 'user', content: 'magpie' }] })), 400, 'blocked')
  assert.equal(await status(bodyOf('by-request-2')), 200)
  for (let n = 0; n < 6; n++) assert.equal(await status(TOKENS), 200)
  await hang()
  await restart()
  const left = await Promise.all(Array.from({ length: 8 }, () => status(bodyOf('by-request'))))
  assert.deepEqual(left.toSorted(), [200, 200, 200, 200, 429, 429, 429, 429])
  assert.deepEqual([await status(TOKENS), await status(TOKENS)], [200, 429])
  // What the killed one had set aside stays so: nobody knows what the upstream did.
  assert.equal(await status(HANGING), 402)
  await restart()
  assert.deepEqual([await status(bodyOf('by-request')), await status(TOKENS), await status(HANGING)], [429, 429, 402])
  for (let n = 1; n < 10; n++) assert.equal(await status(bodyOf('by-request-2')), 200)
  assert.equal(await status(bodyOf('by-request-2')), 429)
})

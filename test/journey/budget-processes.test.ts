// Budgets over real processes: workers share one limit by asking the supervisor ahead of need.
import assert from 'node:assert/strict'
import { Agent, request } from 'node:http'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { HouseProcess } from './house-process.ts'

const CLIENTS = 64

const config = (budget: object): object => ({
  listen: { host: '127.0.0.1', port: 0 }, admin: { host: '127.0.0.1', port: 0 }, workers: 2, plugins: ['admin', 'metrics'],
  providers: { echo: { use: 'echo' } },
  routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'echo' }] }],
  budgets: [budget],
})

interface Answer { readonly status: number; readonly body: string }

async function ask(house: HouseProcess, agent: Agent, more: object = {}): Promise<Answer> {
  const call = request(`${house.url}/v1/chat/completions`, { method: 'POST', agent, headers: { 'content-type': 'application/json' } })
  call.end(JSON.stringify({ model: 'echo', messages: [{ role: 'user', content: 'hello' }], ...more }))
  const [reply] = await once(call, 'response') as [IncomingMessage]
  return { status: reply.statusCode!, body: await text(reply) }
}

/** Many clients at once, each on its own connection, until `done` says so; their statuses are counted. */
async function load(house: HouseProcess, rounds: number, more: object = {}): Promise<Map<number, number>> {
  const counts = new Map<number, number>()
  await Promise.all(Array.from({ length: CLIENTS }, async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let n = 0; n < rounds; n++) {
      const { status } = await ask(house, agent, more)
      counts.set(status, (counts.get(status) ?? 0) + 1)
    }
    agent.destroy()
  }))
  return counts
}

test('two workers and 64 clients hit a limit of requests exactly', async t => {
  const house = await HouseProcess.start(t, config({ name: 'all', of: 'requests', limit: 300, window: 'total' }))
  const counts = await load(house, 8)
  const last = new Agent()
  let passed = counts.get(200) ?? 0
  assert.ok(passed <= 300 && passed > 250, `${passed} of ${CLIENTS * 8}`)
  // What one worker holds and does not need comes back, and is had by whoever asks.
  for (let tries = 0; passed < 300 && tries < 300; tries++) if ((await ask(house, last)).status === 200) passed++
  assert.equal(passed, 300)
  for (let n = 0; n < 20; n++) assert.equal((await ask(house, last)).status, 402)
  assert.equal(await house.metric('gatehouse_budget_used_total{budget="all",of="requests"}'), 300)
  assert.ok(await house.metric('gatehouse_budget_refusals_total{budget="all"}') >= 20)
  assert.equal(await house.metric('gatehouse_budget_left{budget="all",of="requests"}'), 0)
  assert.equal(await house.metric('gatehouse_budget_store_up'), 1)
})

/** The status of a stream that goes on for longer than the test. */
async function begin(house: HouseProcess, agent: Agent): Promise<number> {
  const call = request(`${house.url}/v1/chat/completions`, { method: 'POST', agent, headers: { 'content-type': 'application/json' } })
  call.on('error', () => {})
  call.end(JSON.stringify({ model: 'echo', messages: [{ role: 'user', content: 'hello' }], stream: true }))
  const [reply] = await once(call, 'response') as [IncomingMessage]
  reply.on('error', () => {})
  return reply.statusCode!
}

test('a worker that dies takes nothing of what runs at once with it', async t => {
  const slow = { ...config({ name: 'at-once', of: 'concurrency', limit: 6 }), providers: { echo: { use: 'echo', options: { pace: 60_000 } } } }
  const house = await HouseProcess.start(t, slow)
  const agents: Agent[] = []
  t.after(() => { for (const agent of agents) agent.destroy() })
  const next = (): Promise<number> => {
    const agent = new Agent()
    agents.push(agent)
    return begin(house, agent)
  }
  const passed = async (): Promise<number> => {
    let count = 0
    for (let refused = 0; refused < 20;) if (await next() === 200) count++
    else refused++
    return count
  }
  assert.equal(await passed(), 6)
  const back = house.line(({ msg }) => msg === 'a worker is back')
  const [victim, other] = await house.workers()
  process.kill(victim!.pid, 'SIGKILL')
  process.kill(other!.pid, 'SIGKILL')
  await back
  assert.equal(await passed(), 6)
})

// One budget over three gateways that share Redis, under load: it is never passed, it costs next to nothing, and nobody waits
// for Redis, which is paused in the midst of it. Run by hand: `node test/chaos/budget.ts [--seconds N]`. Exits with 1 where one
// of these does not hold.
import { once } from 'node:events'
import { Agent, createServer, request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { buffer } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { HouseProcess } from '../journey/house-process.ts'
import { RedisServer } from '../journey/redis.ts'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '5' } } })
const SECONDS = Number(values.seconds)
const GATEWAYS = 3
const CLIENTS = 64
const LIMIT = 1_000_000
/** Seconds that Redis does not answer. */
const PAUSE = 10
/** The least share of the throughput without a budget that there has to be with one. */
const LEAST = 0.9
/** The most milliseconds that a request may take longer while Redis is away than before. */
const PATIENCE = 1000

const cleanups: (() => unknown)[] = []
// A house asks nothing of its test but to be told when that is over.
const test = { after: (work: () => unknown) => cleanups.unshift(work) } as unknown as TestContext
const problems: string[] = []
const wait = (ms: number): Promise<void> => new Promise(resolve => { setTimeout(resolve, ms) })

/** Tokens that the upstream has told of, since it was last asked. */
let told = 0
const upstream = createServer((asked, reply) => {
  asked.resume().on('end', () => {
    const tokens = 20 + Math.floor(Math.random() * 80)
    told += tokens
    reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({
      id: 'c', object: 'chat.completion', created: 1, model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: 'fine' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 10, completion_tokens: tokens - 10, total_tokens: tokens },
    }))
  })
}).listen(0, '127.0.0.1')
await once(upstream, 'listening')
cleanups.push(() => {
  upstream.closeAllConnections()
  upstream.close()
})
const redis = await RedisServer.start(test)

function configOf(limit: number | undefined, name: string): object {
  return {
    listen: { host: '127.0.0.1', port: 0 }, admin: { host: '127.0.0.1', port: 0 }, workers: 1, log: { access: false }, plugins: ['admin'],
    providers: { up: { use: 'openai-compatible', url: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1` } },
    routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'up' }] }],
    counter: { use: 'redis', options: { url: redis.url } },
    budgets: limit === undefined ? [] : [{ name, of: 'tokens', limit, window: 'total' }],
  }
}

/** What the clients saw. Milliseconds. */
interface Seen { readonly statuses: Map<number, number>; slowest: number; seconds: number }

const BODY = JSON.stringify({ model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'Tell me something that I do not know.' }] })

async function openHouses(limit: number | undefined, name: string): Promise<HouseProcess[]> {
  told = 0
  return Promise.all(Array.from({ length: GATEWAYS }, () => HouseProcess.start(test, configOf(limit, name))))
}

async function close(houses: readonly HouseProcess[]): Promise<void> {
  for (const house of houses) house.child.kill('SIGTERM')
  await Promise.all(houses.map(house => house.exited))
}

/** Asks with all clients, until the time is over or a client has had enough. */
async function load(houses: readonly HouseProcess[], seconds: number, isOver: (status: number) => boolean = () => false): Promise<Seen> {
  const seen: Seen = { statuses: new Map(), slowest: 0, seconds: 0 }
  const began = performance.now()
  await Promise.all(Array.from({ length: CLIENTS }, async (_, client) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const { url } = houses[client % houses.length]!
    for (let status = 0; performance.now() - began < seconds * 1000 && !isOver(status);) {
      const from = performance.now()
      status = await ask(url, agent)
      seen.slowest = Math.max(seen.slowest, performance.now() - from)
      seen.statuses.set(status, (seen.statuses.get(status) ?? 0) + 1)
    }
    agent.destroy()
  }))
  seen.seconds = (performance.now() - began) / 1000
  return seen
}

async function ask(url: string, agent: Agent): Promise<number> {
  const call = request(`${url}/v1/chat/completions`, { method: 'POST', agent, headers: { 'content-type': 'application/json' } })
  call.end(BODY)
  const [reply] = await once(call, 'response') as [IncomingMessage]
  await buffer(reply)
  return reply.statusCode!
}

const line = ({ statuses, slowest, seconds }: Seen): string =>
  `${JSON.stringify(Object.fromEntries(statuses))} in ${seconds.toFixed(1)} s, slowest ${Math.round(slowest)} ms`

/** Requests a second with and without a budget that is never used up, in turns. */
async function compare(): Promise<void> {
  const free = await openHouses(undefined, 'none')
  const counted = await openHouses(1e12, 'endless')
  let [without, within] = [0, 0]
  for (const warm of [true, false, false, false]) {
    const seen = [await load(free, warm ? 1 : SECONDS), await load(counted, warm ? 1 : SECONDS)]
    const [one, other] = seen.map(({ statuses, seconds }) => (statuses.get(200) ?? 0) / seconds)
    if (warm) continue
    without += one! / 3
    within += other! / 3
  }
  await Promise.all([close(free), close(counted)])
  const share = within / without
  console.log(`throughput: ${Math.round(without)}/s without a budget, ${Math.round(within)}/s with one: ${share.toFixed(3)}`)
  if (share < LEAST) problems.push(`with a budget, throughput is ${share.toFixed(3)} of that without`)
}

function checkTotal(what: string): void {
  console.log(`${what}: ${told} of ${LIMIT} tokens`)
  if (told > LIMIT) problems.push(`${what}: the limit was passed by ${told - LIMIT}`)
}

/** Until every client is refused for good. */
async function exhaust(): Promise<void> {
  const houses = await openHouses(LIMIT, 'exhausted')
  console.log(`to the end: ${line(await load(houses, 120, status => status === 402))}`)
  await load(houses, 1)
  checkTotal('to the end')
  if (told < LIMIT * 0.99) problems.push(`refused at ${told}, far from the limit`)
  await close(houses)
}

/** Redis stops answering while there is much left, and comes back. */
async function interrupt(): Promise<void> {
  const houses = await openHouses(LIMIT, 'interrupted')
  const before = await load(houses, SECONDS)
  console.log(`before Redis is paused: ${line(before)}, ${told} tokens`)
  redis.pause()
  const meanwhile = await load(houses, PAUSE)
  console.log(`while it is paused: ${line(meanwhile)}, ${told} tokens`)
  redis.resume()
  if (meanwhile.slowest > before.slowest + PATIENCE) problems.push(`a request took ${Math.round(meanwhile.slowest)} ms while Redis was paused`)
  await wait(2000)
  console.log(`and after: ${line(await load(houses, 120, status => status === 402))}`)
  checkTotal('with Redis paused')
  if (told < LIMIT * 0.97) problems.push(`after the pause, refused at ${told}, far from the limit`)
  await close(houses)
}

try {
  await compare()
  await exhaust()
  await interrupt()
} finally {
  for (const cleanup of cleanups) await cleanup()
}
for (const problem of problems) console.log(problem)
console.log(problems.length === 0 ? 'the budget holds' : `${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1

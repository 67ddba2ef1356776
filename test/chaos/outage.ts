// Targets that fail, stall, throttle and recover at random under many clients: what they read of it with three targets on
// their route, and with one alone. Run by hand: `node test/chaos/outage.ts --help`. Exits with 1 where the law is broken.
import { fork } from 'node:child_process'
import { on, once } from 'node:events'
import { loadavg } from 'node:os'
import type { TestContext } from 'node:test'
import { parseArgs } from 'node:util'
import { HouseProcess } from '../journey/house-process.ts'
import { Asker } from './asker.ts'
import { chanceOf } from './chance.ts'
import { Tally } from './tally.ts'
import type { Order, Report } from './vendors.ts'

const { values } = parseArgs({ options: {
  seconds: { type: 'string', default: '60' }, seed: { type: 'string' }, clients: { type: 'string', default: '200' }, help: { type: 'boolean' },
} })
if (values.help === true) {
  console.log(`Usage: node test/chaos/outage.ts [--seconds 60] [--clients 200] [--seed N]
Two runs of so many seconds, in the same weather: a route with three targets, then one with a single target. README.md beside it says what is counted.`)
  process.exit()
}
const seconds = Number(values.seconds)
const clients = Number(values.clients)
const seed = Number(values.seed ?? Date.now() % 1e6)

/** Milliseconds that a request may take, and what its client allows beyond: the gateway's last word has to travel. */
const DEADLINE = 20_000
const GRACE = 1000
/** Milliseconds between two questions of a client, from and to. */
const PAUSE = [50, 250] as const
/** The share of requests that must succeed, in percent. */
const LAW = 99.9

/** What an operator of such targets would write: a whole answer takes them 2.2 s on a bad day, an event of a stream 1.5 s. */
function configOf([chat, messages, gemini]: readonly string[]): object {
  const breaker = { failures: 5, pause: '1s' }
  const targets = [{ provider: 'chat', model: 'one' }, { provider: 'messages', model: 'two' }, { provider: 'gemini', model: 'three' }]
  const timeouts = { connect: '1s', headers: '4s', firstEvent: '3s', idle: '2s', total: DEADLINE }
  return {
    listen: { host: '127.0.0.1', port: 0 }, admin: { host: '127.0.0.1', port: 0 }, workers: 2, log: { access: false },
    providers: {
      chat: { use: 'openai-compatible', url: chat, key: 'key', breaker },
      messages: { use: 'anthropic', url: messages, key: 'key', breaker },
      gemini: { use: 'gemini', url: gemini, key: 'key', breaker },
    },
    routes: [
      { name: 'three', match: { model: 'three targets' }, balance: 'round-robin', retry: { attempts: 12, backoff: '100ms' }, timeouts, targets },
      { name: 'one', match: { model: 'one target' }, timeouts, targets: targets.slice(0, 1) },
    ],
  }
}

const vendors = fork(new URL('vendors.ts', import.meta.url), [String(seed)])
const reports = on(vendors, 'message') as AsyncIterable<[Report]> & AsyncIterator<[Report]>
const states: string[] = []
const tell = (order: Order): void => { vendors.send(order) }

/** Notes how the targets are, until something else is told. */
async function told<K extends string>(what: K): Promise<Extract<Report, Record<K, unknown>>> {
  for (;;) {
    const [report] = (await reports.next()).value as [Report]
    if ('state' in report) states[report.target] = report.state
    if (what in report) return report as Extract<Report, Record<K, unknown>>
  }
}

const { urls } = await told('urls')
const cleanups: (() => unknown)[] = []
// A house asks nothing of its test but to be told when that is over.
const house = await HouseProcess.start({ after: (work: () => unknown) => cleanups.push(work) } as unknown as TestContext, configOf(urls))
let number = 0

async function run(route: string): Promise<Tally> {
  const tally = new Tally(DEADLINE)
  const until = performance.now() + seconds * 1000
  const chance = chanceOf(seed)
  tell({ seed, seconds })
  const broken = told('broken')
  const progress = setInterval(() => {
    const at = seconds - (until - performance.now()) / 1000
    console.log(`${at.toFixed(0).padStart(4)} s  ${tally.progress}  [${states.join(', ')}]`)
  }, 5000)
  await Promise.all(Array.from({ length: clients }, async (_, index) => {
    const asker = new Asker(house.url, DEADLINE + GRACE)
    while (performance.now() < until) {
      await new Promise(resolve => { setTimeout(resolve, PAUSE[0] + chance() * (PAUSE[1] - PAUSE[0])) })
      const question = number++
      tally.add(question, await asker.ask(route, question, index % 2 === 0))
    }
    asker.close()
  }))
  clearInterval(progress)
  tell('end')
  tally.excuse(new Map((await broken).broken))
  return tally
}

console.log(`seed ${seed}, ${clients} clients, twice ${seconds} s, load ${loadavg()[0]!.toFixed(1)}`)
console.log(JSON.stringify(configOf(urls)))
const tallies = new Map<string, Tally>()
for (const route of ['three targets', 'one target']) {
  console.log(route)
  tallies.set(route, await run(route))
}
console.log(`load ${loadavg()[0]!.toFixed(1)}`)
console.table(Object.fromEntries([...tallies].map(([route, tally]) => [route, tally.row])))
for (const [route, { reasons }] of tallies) for (const [reason, count] of reasons) console.log(`${route}: ${count} x ${reason}`)
const breaches = [...tallies].flatMap(([route, tally]) => tally.breaches(route === 'three targets' ? LAW : 0).map(breach => `${route}: ${breach}`))
for (const breach of breaches) console.log(breach)
console.log(breaches.length === 0 ? 'the law holds' : `the law is broken; seed ${seed}`)
vendors.disconnect()
await once(vendors, 'exit')
for (const cleanup of cleanups) await cleanup()
process.exitCode = breaches.length === 0 ? 0 : 1

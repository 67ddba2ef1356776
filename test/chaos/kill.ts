// Kills parts of a running gateway at random, under load, and holds it to its law: no request of another step is lost and
// none hangs. Run by hand: `node test/chaos/kill.ts --seconds 60 [--seed N]`. Exits with 1 where the law is broken.
//
// What is in flight in a worker when it is killed is cut by the system, and no gateway can help that. So a client here asks
// again where its connection was cut before a byte had come, and that must succeed; both kinds of cut are counted apart, and
// are the law's breach where no worker was killed just before.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { parseArgs } from 'node:util'
import { HouseProcess } from '../journey/house-process.ts'
import { hostsOf } from '../journey/hostile/process-table.ts'
import { chanceOf } from './chance.ts'
import { Client, type Count } from './client.ts'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } } })
const seconds = Number(values.seconds)
const seed = Number(values.seed ?? Date.now() % 1e6)

const CLIENTS = 12
/** Milliseconds between two kills, from and to, and between two questions of a client. */
const BETWEEN = [300, 1000] as const
const PAUSE = 15
/** Milliseconds after the end of a worker in which connections to it are found cut. */
const AFTERMATH = 1000

/** What looks for names, and hangs where it is told to. */
const source = (name: string): string => `import { defineProcessor } from 'gatehouse/sdk'
export default defineProcessor({ name: '${name}', kind: 'detector', rights: ['edit', 'annotate'], on: ['request'], reads: { origins: ['user'] },
  setup: () => ({ inspect: segments => segments.flatMap(({ id, text }) => {
    if (text.includes('hang')) for (;;);
    const start = text.indexOf('Bluebird')
    return start === -1 ? [] : [{ segment: id, start, end: start + 8, type: 'name', action: 'replace' }]
  }) }) })`

/** The routes: what each is guarded by, and what becomes of the name on its way. */
const ROUTES = {
  plain: { step: undefined, name: 'Bluebird' },
  sandboxed: { step: (file: string) => ({ use: `${file}/sandboxed.ts` }), name: '[NAME]' },
  pooled: { step: (file: string) => ({ use: `${file}/pooled.ts`, run: 'pool' }), name: '[NAME]' },
  hanging: { step: (file: string) => ({ use: `${file}/hanging.ts`, run: 'pool', timeout: '400ms' }), name: '[NAME]' },
} as const

function configOf(folder: string): object {
  const routes = Object.entries(ROUTES)
  return {
    listen: { host: '127.0.0.1', port: 0 }, admin: { host: '127.0.0.1', port: 0 }, workers: 2, threads: 2, plugins: ['admin'],
    trusted: ['pooled', 'hanging'].map(name => join(folder, `${name}.ts`)),
    providers: { echo: { use: 'echo' } },
    chains: Object.fromEntries(routes.map(([name, { step }]) => [name, step === undefined ? [] : [step(folder)]])),
    routes: routes.map(([name]) => ({ name, match: { model: name }, chain: name, targets: [{ provider: 'echo' }] })),
  }
}

const cleanups: (() => unknown)[] = []
const house = await openHouse()
const random = chanceOf(seed)
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
const pause = (ms: number): Promise<void> => new Promise(resolve => { setTimeout(resolve, ms) })

const counts = new Map<string, Count>()
const kills: Record<string, number> = { host: 0, worker: 0, thread: 0 }
const problems: string[] = []
let workerKilledAt = -Infinity

async function openHouse(): Promise<HouseProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-chaos-'))
  cleanups.push(() => rm(folder, { recursive: true }))
  for (const name of ['sandboxed', 'pooled', 'hanging']) await writeFile(join(folder, `${name}.ts`), source(name))
  // A house asks nothing of its test but to be told when that is over.
  const test = { after: (work: () => unknown) => cleanups.unshift(work) } as unknown as TestContext
  return HouseProcess.start(test, configOf(folder))
}

const until = performance.now() + seconds * 1000

async function load(index: number): Promise<void> {
  const client = new Client(house.url, counts, problem => problems.push(`${stamp()} ${problem}`), () => performance.now() - workerKilledAt < AFTERMATH)
  const names = Object.keys(ROUTES) as (keyof typeof ROUTES)[]
  for (let number = index; performance.now() < until; number += CLIENTS) {
    const route = names[Math.floor(number / CLIENTS + index) % names.length]!
    const stream = number % 3 === 0
    await client.ask({ route, stream, text: `Tell of Bluebird ${number}.`, expected: `Tell of ${ROUTES[route].name} ${number}.` })
    await pause(PAUSE)
  }
  client.close()
}

/** One kill. A worker is killed only while the others serve: with all of them dead there is nobody to hold to a law. */
async function kill(): Promise<void> {
  const workers = await house.workers().catch(() => [])
  const listening = workers.filter(({ state }) => state === 'listening')
  const draw = random()
  if (draw < 0.45 && listening.length > 0) {
    const hosts = hostsOf(pick(listening).pid)
    if (hosts.length === 0) return
    process.kill(pick(hosts), 'SIGKILL')
    kills['host']!++
  } else if (draw < 0.7 && listening.length === workers.length && workers.length > 0) {
    workerKilledAt = performance.now()
    process.kill(pick(listening).pid, 'SIGKILL')
    kills['worker']!++
  } else {
    const client = new Client(house.url, new Map(), () => {}, () => true)
    void client.ask({ route: 'hanging', stream: false, text: 'hang', expected: '' }).finally(() => client.close())
    kills['thread']!++
  }
}

async function rage(): Promise<void> {
  while (performance.now() < until) {
    await pause(BETWEEN[0] + random() * (BETWEEN[1] - BETWEEN[0]))
    // It may have ended by itself in this very moment.
    await kill().catch((error: NodeJS.ErrnoException) => { if (error.code !== 'ESRCH') throw error })
  }
}

const stamp = (): string => `${(seconds - (until - performance.now()) / 1000).toFixed(1)} s:`
const progress = setInterval(() => {
  const served = [...counts.values()].reduce((sum, count) => sum + count.served, 0)
  console.log(`${stamp()} ${served} served, killed ${JSON.stringify(kills)}, ${problems.length} problems`)
}, 5000)

console.log(`seed ${seed}, ${seconds} s, ${CLIENTS} clients`)
await Promise.all([rage(), ...Array.from({ length: CLIENTS }, (_, index) => load(index))])
clearInterval(progress)
// Only the step that hangs may refuse what is its own.
for (const [route, { refused }] of counts) if (refused > 0 && route !== 'hanging') problems.push(`${route} refused ${refused}`)
console.log('killed', kills)
console.table(Object.fromEntries([...counts].map(([route, { slowest, ...count }]) => [route, { ...count, 'slowest (ms)': Math.round(slowest) }])))
for (const problem of problems.slice(0, 20)) console.log(problem)
console.log(problems.length === 0 ? 'the law holds' : `the law is broken ${problems.length} times; seed ${seed}`)
for (const cleanup of cleanups) await cleanup()
process.exitCode = problems.length === 0 ? 0 : 1

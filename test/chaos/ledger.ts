// Kills processes of a running gateway at random, under load, starts it anew, and holds its ledger to the upstream's own
// count. Run by hand: `node test/chaos/ledger.ts [--requests 10000] [--seed N]`. Exits with 1 where the law is broken.
//
// The law: what the upstream counted is in the ledger, to the token, once. An answer that a process had not read when it was
// killed is known to nobody but the upstream: such an attempt has to stand in the ledger as lost until it is settled by the
// upstream's own records, as an operator would do it. Both figures are told. What is still lost then is what nobody counted.
import { execFile } from 'node:child_process'
import { createServer, type ServerResponse } from 'node:http'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import { parseArgs, promisify } from 'node:util'
import { HouseProcess, isAlive } from '../journey/house-process.ts'
import { chunks, completion } from '../journey/rig.ts'
import { chanceOf } from './chance.ts'
import { Client, type Count } from './client.ts'

const { values } = parseArgs({ options: { requests: { type: 'string', default: '10000' }, seed: { type: 'string' } } })
const requests = Number(values.requests)
const seed = Number(values.seed ?? Date.now() % 1e6)

const MAIN = new URL('../../core/main.ts', import.meta.url).pathname
const CLIENTS = 16
const WORKERS = 4
/** Milliseconds between two kills. */
const BETWEEN = 1000
const ID_HEADER = 'x-client-request-id'

const random = chanceOf(seed)
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
const pause = (ms: number): Promise<void> => new Promise(resolve => { setTimeout(resolve, ms) })

/** What an answer came to. Each has another prompt. */
interface Usage { readonly prompt_tokens: number; readonly completion_tokens: number; readonly total_tokens: number }

/** What the upstream counted, by the id that it was told. */
const counted = new Map<string, Usage>()
const told = new Set<string>()
let calls = 0

const upstream = createServer((request, reply) => {
  let body = ''
  request.on('data', piece => { body += piece })
  request.on('end', () => void serve(String(request.headers[ID_HEADER]), JSON.parse(body) as { stream: boolean }, reply))
})
upstream.listen(0, '127.0.0.1')

async function serve(id: string, { stream }: { stream: boolean }, reply: ServerResponse): Promise<void> {
  const call = ++calls
  if (told.has(id)) problems.push(`${id} is told twice`)
  told.add(id)
  const usage = { prompt_tokens: call, completion_tokens: call % 97 + 1, total_tokens: call + call % 97 + 1 }
  await pause(5 + random() * 25)
  // Whoever has hung up by now pays nothing, as at providers who stop then.
  if (reply.destroyed) return
  // One in twenty fails, and is tried again by the gateway; of that, nobody counts anything.
  if (random() < 0.05) return void reply.writeHead(500, { 'content-type': 'application/json' }).end('{"error":{"message":"no"}}')
  if (!stream) {
    counted.set(id, usage)
    return void reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ...completion('Said and done.'), usage }))
  }
  reply.writeHead(200, { 'content-type': 'text/event-stream' })
  const frames = chunks(['Said', ' and', ' done.'])
  for (const frame of frames.slice(0, -1)) {
    reply.write(frame)
    await pause(random() * 6)
  }
  if (reply.destroyed) return
  counted.set(id, usage)
  reply.end(`data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage })}\n\n${frames.at(-1)!}`)
}

const cleanups: (() => unknown)[] = []
const test = { after: (work: () => unknown) => cleanups.unshift(work) } as unknown as TestContext
const state = await mkdtemp(join(tmpdir(), 'gatehouse-ledger-'))
const config = {
  listen: { host: '127.0.0.1', port: 0 }, admin: { host: '127.0.0.1', port: 0 }, workers: WORKERS, plugins: ['admin'], log: { level: 'warn' },
  state, ledger: { use: 'sqlite' },
  providers: { up: {
    use: 'openai-compatible', url: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1`, key: 'k', idHeader: ID_HEADER,
  } },
  chains: { metered: [{ use: 'meter' }] },
  routes: [{ name: 'all', match: { model: '*' }, chain: 'metered', retry: { attempts: 10, backoff: '20ms' }, targets: [{ provider: 'up' }] }],
}
let house = await start()

async function start(): Promise<HouseProcess> {
  return HouseProcess.start(test, { ...config, log: { level: 'info', access: false } })
}

const counts = new Map<string, Count>()
const problems: string[] = []
let asked = 0
let kills = 0

async function load(): Promise<void> {
  const client = new Client(house.url, counts, problem => problems.push(problem), () => true)
  while (asked < requests) {
    const stream = ++asked % 2 === 0
    await client.ask({ route: stream ? 'streamed' : 'whole', stream, text: 'Say it.', expected: 'Said and done.' })
  }
  client.close()
}

async function rage(): Promise<void> {
  for (;;) {
    await pause(BETWEEN)
    if (asked >= requests) return
    const listening = (await house.workers().catch(() => [])).filter(worker => worker.state === 'listening')
    // With the last one, nobody is left to be asked.
    if (listening.length < 2) continue
    process.kill(pick(listening).pid, 'SIGKILL')
    kills++
  }
}

console.log(`seed ${seed}, ${requests} requests, ${WORKERS} workers, ${CLIENTS} clients`)
const progress = setInterval(() => console.log(`${asked} asked, ${counted.size} counted, ${kills} killed`), 5000)
await Promise.all([rage(), ...Array.from({ length: CLIENTS }, load)])
// And all of it at once, in the middle of requests.
const last = Array.from({ length: CLIENTS }, () => fetch(`${house.url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify({ model: 'm', stream: true, messages: [] }) }).then(reply => reply.text()).catch(() => ''))
await pause(20)
const pids = await house.pids()
for (const pid of pids) process.kill(pid, 'SIGKILL')
while (pids.some(isAlive)) await pause(20)
await Promise.all(last)
clearInterval(progress)

house = await start()
const spool = (): Promise<number> => house.ask('/admin/config').then(() => new DatabaseSync(join(state, 'ledger.db'), { readOnly: true }))
  .then(database => Number(database.prepare('SELECT count(*) AS rows FROM usage').get()!['rows']))
for (let rows = -1, now = await spool(); rows !== now; now = await spool()) {
  rows = now
  await pause(1500)
}

interface Row { readonly id: string; readonly ending: string; readonly input: number | null; readonly output: number | null }

function entries(): Row[] {
  const database = new DatabaseSync(join(state, 'ledger.db'), { readOnly: true })
  const rows = database.prepare('SELECT id, ending, input, output FROM usage').all() as unknown as Row[]
  database.close()
  return rows
}

/** Calls and tokens of what the ledger has a usage of; what contradicts the upstream is a problem. */
function compared(rows: readonly Row[]): { calls: number; tokens: number } {
  let tokens = 0
  const known = rows.filter(({ input }) => input !== null)
  for (const { id, input, output } of known) {
    const usage = counted.get(id)
    tokens += input! + output!
    if (usage?.prompt_tokens === input && usage?.completion_tokens === output) continue
    problems.push(`${id} is entered with ${input} + ${output} tokens, the upstream counted ${JSON.stringify(usage) ?? 'none'}`)
  }
  return { calls: known.length, tokens }
}

const isUnknown = ({ ending, input }: Row): boolean => ending === 'lost' && input === null
const sum = (usages: Iterable<Usage>): number => [...usages].reduce((all, { total_tokens }) => all + total_tokens, 0)

const before = entries()
const unread = before.filter(row => isUnknown(row) && counted.has(row.id)).map(({ id }) => counted.get(id)!)
const found = compared(before)

// As providers keep them: of what they counted, and of nothing else.
const records = join(state, 'records.jsonl')
await writeFile(records, [...counted].map(([id, usage]) => `${JSON.stringify({ id, model: 'm', usage })}\n`).join(''))
const settled = await promisify(execFile)(process.execPath, [MAIN, 'settle', records, '--config', house.file])
  .catch((error: { readonly stdout: string; readonly stderr: string }) => {
    problems.push('the records could not be settled')
    return error
  })

const rows = entries()
const held = compared(rows)
const ids = new Set(rows.map(({ id }) => id))
for (const id of counted.keys()) if (!ids.has(id)) problems.push(`${id} was counted, and is not in the ledger`)
for (const { id, input } of rows) if (input === null && counted.has(id)) problems.push(`${id} was counted, and its usage is not known`)
const all = { calls: counted.size, tokens: sum(counted.values()) }
if (held.calls !== all.calls || held.tokens !== all.tokens) problems.push('the sums are not equal')

console.table(Object.fromEntries([...counts].map(([route, { slowest, ...count }]) => [route, { ...count, 'slowest (ms)': Math.round(slowest) }])))
console.table({
  'the upstream counted': all,
  'the ledger had by itself': found,
  'entered as lost, usage unknown': { calls: before.filter(isUnknown).length },
  'of them, counted upstream': { calls: unread.length, tokens: sum(unread) },
  'the ledger has when settled': held,
  'still lost: nobody counted them': { calls: rows.filter(isUnknown).length },
  'all entries': { calls: rows.length },
})
console.log(settled.stdout + settled.stderr)
for (const problem of problems.slice(0, 20)) console.log(problem)
console.log(problems.length === 0 ? `the law holds; ${kills + pids.length} processes killed` : `the law is broken ${problems.length} times; seed ${seed}`)
for (const cleanup of cleanups) await cleanup()
await rm(state, { recursive: true })
upstream.closeAllConnections()
upstream.close()
process.exitCode = problems.length === 0 ? 0 : 1

// Another tenant, in a process of its own: its model provider, which says what it was asked, and its applications, which
// ask a plain route and a guarded one, all the time and at a modest pace. Forked by hostile.test.ts.
import { once } from 'node:events'
import { Agent, createServer, request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { text } from 'node:stream/consumers'

/** What it is told: to begin, and to report what went on since it was asked last. */
export type Word = { readonly begin: { readonly url: string; readonly key: string } } | 'report'

/** What went on since the last report. Times in milliseconds; `late` is the p99 of its own loop, which shows what the machine is like. */
export interface Report {
  readonly requests: number
  readonly failures: readonly string[]
  readonly p50: number
  readonly p99: number
  readonly most: number
  readonly late: number
}

/** What it tells: where its provider listens, and then reports. */
export type Tale = { readonly provider: string } | Report

const LANES = 8
/** Milliseconds between an answer and the next question of a lane. */
const PAUSE = 20
const PATIENCE = 10_000
/** Milliseconds between two looks of a loop's monitor, which its figures include. */
const MONITOR = 10

const tell = (tale: Tale): void => void process.send!(tale)

const provider = createServer(async (question, reply) => {
  const { messages } = JSON.parse(await text(question)) as { messages: { content: string }[] }
  reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({
    id: 'c', object: 'chat.completion', created: 1, model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: `You said: ${messages.at(-1)!.content}` }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  }))
}).listen(0, '127.0.0.1')
await once(provider, 'listening')

const agent = new Agent({ keepAlive: true, maxSockets: LANES })
const monitor = monitorEventLoopDelay({ resolution: MONITOR })
monitor.enable()
let times: number[] = []
let failures: string[] = []

/** Asks once. Throws what is wrong with the answer. */
async function ask(url: string, key: string, model: string, number: number): Promise<void> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` }
  const call = request(`${url}/v1/chat/completions`, { method: 'POST', agent, headers, signal: AbortSignal.timeout(PATIENCE) })
  call.end(JSON.stringify({ model, messages: [{ role: 'user', content: `Tell of Bluebird ${number}.` }] }))
  const [reply] = await once(call, 'response') as [IncomingMessage]
  const said = await text(reply)
  const expected = `You said: Tell of ${model === 'guarded' ? '[NAME]' : 'Bluebird'} ${number}.`
  if (reply.statusCode !== 200 || !said.includes(JSON.stringify(expected))) throw new Error(`${model} ${reply.statusCode} ${said}`)
}

async function lane(url: string, key: string, number: number): Promise<never> {
  // An odd step, so that each lane asks both routes by turns.
  for (; ; number += LANES + 1) {
    const began = performance.now()
    await ask(url, key, number % 2 === 0 ? 'plain' : 'guarded', number).catch((error: Error) => { failures.push(error.message) })
    times.push(performance.now() - began)
    await new Promise(resolve => setTimeout(resolve, PAUSE))
  }
}

process.on('message', (word: Word) => {
  if (word !== 'report') {
    for (let number = 0; number < LANES; number++) void lane(word.begin.url, word.begin.key, number)
    return
  }
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  const late = monitor.percentile(99) / 1e6 - MONITOR
  tell({ requests: sorted.length, failures: failures.slice(0, 5), p50: at(0.5), p99: at(0.99), most: at(1), late })
  monitor.reset()
  times = []
  failures = []
})
process.on('disconnect', () => process.exit())
tell({ provider: `http://127.0.0.1:${(provider.address() as AddressInfo).port}/v1` })

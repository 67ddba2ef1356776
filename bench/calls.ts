#!/usr/bin/env node
// `npm run bench:calls`: what one call of a processor costs the worker, on its loop, across to a thread and across to a
// sandbox. The executors run in this very process, as in a worker. bench/README.md says how to read the figures.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { StepConfig } from '../config/config.ts'
import { STEP } from '../config/defaults.ts'
import type { Executor } from '../core/executor.ts'
import { Executors } from '../core/executors.ts'
import type { Scope, Segment } from '../sdk/index.ts'
import { callTable, type Calls } from './calls/call-table.ts'
import { chosen, positive } from './option.ts'

const PLACES = ['inline', 'pool', 'sandbox'] as const
const IN_FLIGHT = [1, 64] as const

const HELP = `npm run bench:calls -- [options]
  --seconds N   length of one measurement, and of the warm-up before it (3)
  --only NAME   only this place; may be given several times
Places: ${PLACES.join(', ')}`

const options = {
  seconds: { type: 'string', default: '3' },
  only: { type: 'string', multiple: true, default: [] as string[] },
  help: { type: 'boolean', default: false },
} as const

const PROCESSOR = join(import.meta.dirname, 'processors/measure-length.ts')
const TIMEOUT = 5000

/** 4 KB of what people write: quotes and line ends are in it, since a crossing may have to escape them. */
const TEXT = 'He said "the gate opens at dawn", and went home.\nNobody asked him what he had seen on the road that day.\n'
  .repeat(40).slice(0, 4096)
const SEGMENTS: readonly Segment[] = [
  { id: 1, origin: 'user', trust: 'untrusted', channel: 'text', choice: 0, path: '/messages/1/content', text: TEXT },
]
const SCOPE: Scope = {
  direction: 'request', dialect: 'openai-chat', route: 'chat', model: 'gpt-4o-mini', consumer: 'bench', tags: { team: 'bench' },
  remaining: TIMEOUT,
}

/** Keeps so many calls in flight for so long; resolves with the number of those that were answered. */
async function call(executor: Executor, inFlight: number, seconds: number): Promise<number> {
  const until = performance.now() + seconds * 1000
  let calls = 0
  const line = async (): Promise<void> => {
    while (performance.now() < until) {
      const findings = await executor.call('inspect', [SEGMENTS, SCOPE], TIMEOUT) as readonly unknown[]
      if (findings.length !== 0) throw new Error('expected no finding')
      calls++
    }
  }
  await Promise.all(Array.from({ length: inFlight }, line))
  return calls
}

async function measure(place: Calls['place'], executor: Executor, inFlight: number, seconds: number): Promise<Calls> {
  await call(executor, inFlight, seconds)
  const [began, loop, worker] = [performance.now(), process.threadCpuUsage(), process.cpuUsage()]
  const calls = await call(executor, inFlight, seconds)
  const [own, all] = [process.threadCpuUsage(loop), process.cpuUsage(worker)]
  return { place, inFlight, calls, ms: performance.now() - began, loop: own.user + own.system, worker: all.user + all.system }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options })
  if (values.help) return console.log(HELP)
  const places = chosen(PLACES, values.only)
  const seconds = positive('seconds', values.seconds)

  const executors = new Executors()
  const openings = executors.openings({ threads: 'auto', state: tmpdir() })
  const rows: Calls[] = []
  for (const place of places) {
    console.log(place)
    const step: StepConfig = { ...STEP, use: PROCESSOR, run: place }
    const { executor } = await (await openings.find(step)).open({})
    for (const inFlight of IN_FLIGHT) rows.push(await measure(place, executor, inFlight, seconds))
  }
  await openings.close()
  await executors.close()
  console.log(`\n${callTable(rows)}`)
  console.log(`${TEXT.length} characters a call, Node ${process.version}, ${seconds} s each`)
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

#!/usr/bin/env node
// `npm run bench:places`: what a processor of 20 ms does to its neighbours, on the loop, in threads and in a sandbox.
// bench/README.md says how to read the figures.
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { gatehouse } from './candidate.ts'
import { freePort } from './machine.ts'
import { chosen, positive } from './option.ts'
import { wholeUpstream } from './peer.ts'
import { loopDelay } from './places/loop-delay.ts'
import { roundsFor } from './places/effort.ts'
import { pace } from './places/pace.ts'
import { BOUNDS, losses, PLACES, placeTable, type Phase } from './places/place-table.ts'
import { burn, MARKER } from './processors/burn.ts'
import { chat, CONSUMERS, QUESTION } from './scenario.ts'
import { start, type Program } from './server.ts'

const HELP = `npm run bench:places -- [options]
  --rate N      burning requests a second; may be given several times (25 and 100)
  --seconds N   length of each phase (4)
  --only NAME   only this place; may be given several times
Places: ${PLACES.join(', ')}`

const options = {
  rate: { type: 'string', multiple: true, default: ['25', '100'] as string[] },
  seconds: { type: 'string', default: '4' },
  only: { type: 'string', multiple: true, default: [] as string[] },
  help: { type: 'boolean', default: false },
} as const

/** Milliseconds of CPU that one call burns, and milliseconds that its step may take. */
const BURN = 20
const TIMEOUT = 500
/** Plain requests a second: some three hundredths of a core, and enough of them for a 99th percentile. */
const PLAIN_RATE = 100
/** Burning requests a second, and seconds, until compilers are done and the pool knows how long a call takes. */
const WARM_UP = { rate: 10, seconds: 2 } as const

/** Milliseconds between two looks at the own loop; they are part of what is recorded. */
const OWN_INTERVAL = 1

const PLAIN = { ...QUESTION, body: QUESTION.body.replace('gpt-4o-mini', 'plain') }
const BURNING = chat(`Please describe how a ${MARKER} was kept burning through the night.`, { model: 'burning' })
const PROCESSOR = join(import.meta.dirname, 'processors/burn.ts')

const house = (upstream: string, place: string, rounds: number) => ({
  workers: 1,
  trusted: [PROCESSOR],
  plugins: ['metrics'],
  providers: { upstream: { use: 'openai-compatible', url: `${upstream}/v1`, key: 'bench' } },
  consumers: CONSUMERS,
  chains: { burning: [{ use: PROCESSOR, run: place, timeout: `${TIMEOUT}ms`, options: { rounds } }] },
  routes: [
    { name: 'plain', match: { model: 'plain' }, targets: [{ provider: 'upstream' }] },
    { name: 'burning', match: { model: 'burning' }, chain: 'burning', targets: [{ provider: 'upstream' }] },
  ],
})

/** What all places share. */
interface Around extends Pick<Program, 'folder' | 'signal'> {
  readonly rates: readonly number[]
  readonly seconds: number
  readonly rounds: number
}

/** One place: warm, then idle, then at each rate, a fresh gateway for all of it. */
async function measure(place: Phase['place'], upstream: string, around: Around): Promise<Phase[]> {
  const { folder, signal, rates, seconds, rounds } = around
  const [port, admin] = [await freePort(), await freePort()]
  const scenario = { name: place, about: '', load: PLAIN, config: (origin: string) => house(origin, place, rounds) }
  const command = gatehouse(scenario, admin).command(upstream, port, folder)
  await using server = await start({ name: place, command, port, core: undefined, folder, signal }, PLAIN)
  const page = `http://127.0.0.1:${admin}`
  const drive = (rate: number, length: number) => Promise.all([
    pace(BURNING, server.origin, rate, length, signal),
    pace(PLAIN, server.origin, PLAIN_RATE, length, signal),
  ])

  await drive(WARM_UP.rate, WARM_UP.seconds)
  const phases: Phase[] = []
  for (const rate of [0, ...rates]) {
    await loopDelay(page, signal)
    const own = monitorEventLoopDelay({ resolution: OWN_INTERVAL })
    own.enable()
    const [burns, plain] = await drive(rate, seconds)
    own.disable()
    const client = Math.max(0, own.percentile(99) / 1e6 - OWN_INTERVAL)
    phases.push({ place, rate, burns, plain, loop: await loopDelay(page, signal), client })
    console.log(`  ${rate === 0 ? 'idle' : `${rate} burns a second`}: done`)
  }
  return phases
}

async function bench(places: readonly Phase['place'][], around: Around): Promise<Phase[]> {
  const { folder, signal } = around
  const port = await freePort()
  const upstream = { name: 'upstream', command: wholeUpstream(port, folder), port, core: undefined, folder, signal }
  await using below = await start(upstream, QUESTION)
  const phases: Phase[] = []
  for (const place of places) {
    console.log(place)
    phases.push(...await measure(place, below.origin, around))
  }
  return phases
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options })
  if (values.help) return console.log(HELP)
  const places = chosen(PLACES, values.only)
  const seconds = positive('seconds', values.seconds)
  const rates = values.rate.map(rate => positive('rate', rate))

  const abort = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort())
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  try {
    const rounds = roundsFor(BURN, burn)
    console.log(`Nothing is pinned: one worker, what it calls, upstream and load share ${availableParallelism()} cores.`)
    console.log(`A burn is ${BURN} ms of CPU and may take ${TIMEOUT} ms; beside it go ${PLAIN_RATE} plain requests a second.`)
    const phases = await bench(places, { folder, signal: abort.signal, rates, seconds, rounds })
    console.log(`\n${placeTable(phases)}`)
    console.log(`Bounds for pool and sandbox: loop p99 < ${BOUNDS.loop} ms, plain p99 < ${BOUNDS.ratio}x idle.`)
    for (const loss of losses(phases)) console.log(loss)
    console.log(`Node ${process.version}, ${seconds} s a phase`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

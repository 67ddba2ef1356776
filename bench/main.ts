#!/usr/bin/env node
// `npm run bench`: the bare proxy, nginx, Gatehouse and a peer in one run, on one core each. bench/README.md says how to
// read the figures.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gatehouse, type Candidate } from './candidate.ts'
import { freePort, installed, pinning } from './machine.ts'
import { measure, type Plan } from './measure.ts'
import { chosen, positive } from './option.ts'
import { answer, bare, fastify, nginx, portkey, streamUpstream, wholeUpstream } from './peer.ts'
import { ratios, table, type Row } from './report.ts'
import { QUESTION, SCENARIOS } from './scenario.ts'
import { start } from './server.ts'

const HELP = `npm run bench -- [options]
  --seconds N   length of one measurement (4)
  --rounds N    measurements of each server (3)
  --only NAME   only this row; may be given several times
  --save FILE   every figure as JSON
Rows: nginx, answer, fastify, ${SCENARIOS.map(scenario => scenario.name).join(', ')}, portkey`

const options = {
  seconds: { type: 'string', default: '4' },
  rounds: { type: 'string', default: '3' },
  only: { type: 'string', multiple: true, default: [] as string[] },
  save: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

async function bench(plan: Plan, only: readonly string[], folder: string, signal: AbortSignal): Promise<Row[]> {
  const cores = pinning()
  console.log(cores
    ? `Every server on core ${cores.server}; load and upstream on core ${cores.load}.`
    : 'Nothing is pinned: taskset or a second core is missing, so server and load disturb each other. Trust no figure.')
  const launch = async (candidate: Candidate, upstream: string) => {
    const port = await freePort()
    const command = candidate.command(upstream, port, folder)
    return start({ name: candidate.name, command, port, core: cores?.server, folder, signal }, candidate.load)
  }
  const pretend = async (name: string, commandFor: (port: number, folder: string) => readonly string[]) => {
    const port = await freePort()
    return start({ name, command: commandFor(port, folder), port, core: cores?.load, folder, signal }, QUESTION)
  }

  await using whole = await pretend('whole-upstream', wholeUpstream)
  await using streaming = await pretend('stream-upstream', streamUpstream)
  const scenarios = await Promise.all(SCENARIOS.map(async scenario => gatehouse(scenario, await freePort())))
  const candidates = [nginx(), answer, fastify, ...scenarios, portkey(whole.origin)]
  const names = chosen(candidates.map(({ name }) => name), only)

  const rows: Row[] = []
  for (const candidate of candidates.filter(({ name }) => names.includes(name))) {
    console.log(`${candidate.name}: ${candidate.missing ? `left out; ${candidate.missing}` : candidate.about}`)
    if (candidate.missing) continue
    const upstream = candidate.load.frames > 1 ? streaming : whole
    await using floor = await launch(bare, upstream.origin)
    await using server = await launch(candidate, upstream.origin)
    const contest = { upstream, bare: floor, candidate: server }
    const rounds = await measure(candidate.load, contest, plan, { core: cores?.load, folder, signal })
    console.log(`  ${ratios(rounds).map(ratio => `${ratio.toFixed(2)}x`).join(', ')} the CPU of bare`)
    rows.push({ name: candidate.name, about: candidate.about, rounds })
  }
  return rows
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options })
  if (values.help) return console.log(HELP)
  if (process.platform !== 'linux') throw new Error('the bench reads CPU time from /proc, which only Linux has')
  if (!installed('wrk')) throw new Error('the load generator is missing: apt-get install wrk')
  const plan = { seconds: positive('seconds', values.seconds), rounds: positive('rounds', values.rounds) }

  const abort = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort())
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  try {
    const rows = await bench(plan, values.only, folder, abort.signal)
    const machine = { cores: availableParallelism(), node: process.version, ...plan }
    console.log(`\n${table(rows)}\n${machine.cores} cores, Node ${machine.node}, ${plan.rounds} rounds of ${plan.seconds} s`)
    if (values.save !== undefined) await writeFile(values.save, JSON.stringify({ ...machine, rows }, null, 2) + '\n')
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

// One candidate against the bare proxy, round by round. Called by bench/main.ts.
import { cpuTime } from './cpu.ts'
import { firstText } from './first-text.ts'
import { run, type Drive } from './load.ts'
import type { Load, Server } from './server.ts'

/** One server in one round. Units are requests, or frames where the load streams. */
export interface Sample {
  readonly unitsPerSecond: number
  /** Microseconds on a core per unit, of all processes of the server. */
  readonly cpu: number
  /** Milliseconds for a whole answer at 64 connections. */
  readonly p50: number
  readonly p99: number
  /** Median milliseconds at one connection, of a stream to its first text, less those straight to the upstream. */
  readonly added: number
}

/** Measured one after the other within seconds, so that whatever else the machine does hits all alike. */
export interface Round {
  readonly bare: Sample
  readonly candidate: Sample
}

/** How long and how often. */
export interface Plan {
  readonly seconds: number
  readonly rounds: number
}

const CONNECTIONS = 64
/**
 * Lengths of a measurement to warm up for. The compiler works on threads of its own, on the same core: in the first ten
 * thousands of requests it takes up to a third of the CPU.
 */
const WARM_UP = 3

/** The servers of one comparison. */
export interface Contest {
  readonly upstream: Server
  readonly bare: Server
  readonly candidate: Server
}

/** Warms both servers up, then measures them in turns. */
export async function measure(
  load: Load, { upstream, bare, candidate }: Contest, plan: Plan, drive: Pick<Drive, 'core' | 'folder' | 'signal'>,
): Promise<Round[]> {
  const at = (server: Server, connections: number, seconds: number) => run(load, { ...drive, server, connections, seconds })
  const alone = async (server: Server) => (await at(server, 1, Math.max(1, Math.round(plan.seconds / 2)))).p50
  const sample = async (server: Server): Promise<Sample> => {
    const before = cpuTime(server.pid)
    const { requests, seconds, p50, p99 } = await at(server, CONNECTIONS, plan.seconds)
    const units = requests * load.frames
    const cpu = (cpuTime(server.pid) - before) / units
    // A stream lasts as long as its pace makes it; what a guard adds shows at its first word.
    const wait = (of: Server): Promise<number> => load.frames > 1 ? firstText(load, of, drive.signal) : alone(of)
    const added = await wait(server) - await wait(upstream)
    return { unitsPerSecond: units / seconds, cpu, p50, p99, added }
  }

  for (const server of [bare, candidate]) await at(server, CONNECTIONS, WARM_UP * plan.seconds)
  const rounds: Round[] = []
  for (let round = 0; round < plan.rounds; round++) {
    rounds.push({ bare: await sample(bare), candidate: await sample(candidate) })
  }
  return rounds
}

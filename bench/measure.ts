// One candidate against the bare proxy, round by round. Called by bench/main.ts.
import { cpuTime } from './cpu.ts'
import { firstText } from './first-text.ts'
import { run, type Drive, type Seen } from './load.ts'
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
/** Seconds, however short a measurement was asked for: a stream that is not over when it ends is not counted by wrk. */
const LEAST_OF_STREAMS = 3

/**
 * Units of work in what was seen. The streams that the end of a measurement cuts off are no answers, but they have cost CPU,
 * and where a connection carries but a handful they are a good part of it. Since no connection ever pauses, the time over the
 * mean length of a stream says how many there were, with the fractions.
 */
export function unitsOf({ requests, seconds, mean }: Seen, frames: number): number {
  return frames === 1 ? requests : (CONNECTIONS * seconds * 1000 * frames) / mean
}

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
  const length = load.frames > 1 ? Math.max(plan.seconds, LEAST_OF_STREAMS) : plan.seconds
  const sample = async (server: Server): Promise<Sample> => {
    const before = cpuTime(server.pid)
    const seen = await at(server, CONNECTIONS, length)
    const { seconds, p50, p99 } = seen
    const units = unitsOf(seen, load.frames)
    const cpu = (cpuTime(server.pid) - before) / units
    // A stream lasts as long as its pace makes it; what a guard adds shows at its first word.
    const wait = (of: Server): Promise<number> => load.frames > 1 ? firstText(load, of, drive.signal) : alone(of)
    const added = await wait(server) - await wait(upstream)
    return { unitsPerSecond: units / seconds, cpu, p50, p99, added }
  }

  for (const server of [bare, candidate]) await at(server, CONNECTIONS, WARM_UP * length)
  const rounds: Round[] = []
  for (let round = 0; round < plan.rounds; round++) {
    rounds.push({ bare: await sample(bare), candidate: await sample(candidate) })
  }
  return rounds
}

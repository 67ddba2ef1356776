// The load generator: wrk (https://github.com/wg/wrk) with one request, over and over. Called by bench/measure.ts.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { pinned } from './machine.ts'
import type { Load, Server } from './server.ts'

/** What the client side saw. */
export interface Seen {
  readonly requests: number
  readonly seconds: number
  /** Milliseconds from request to the last byte of the answer. */
  readonly mean: number
  readonly p50: number
  readonly p99: number
}

/** Where and how hard. */
export interface Drive {
  readonly server: Server
  readonly connections: number
  readonly seconds: number
  readonly core: number | undefined
  /** For the body's file. */
  readonly folder: string
  readonly signal: AbortSignal
}

/** Drives a server for some seconds. Throws where any request failed: figures of failures say nothing. */
export async function run(load: Load, drive: Drive): Promise<Seen> {
  const body = join(drive.folder, 'body.json')
  await writeFile(body, load.body)
  const script = join(import.meta.dirname, 'post.lua')
  const command = ['wrk', '-t1', `-c${drive.connections}`, `-d${drive.seconds}s`, '--timeout', '10s', '-s', script,
    drive.server.origin + load.path, '--', body, ...Object.entries(load.headers).flat()]
  const [program = '', ...rest] = pinned(drive.core, command)
  const { stdout } = await promisify(execFile)(program, rest, { signal: drive.signal })
  const { failed, ...seen } = JSON.parse(stdout.slice(stdout.lastIndexOf('{'))) as Seen & { failed: number }
  if (failed > 0 || seen.requests === 0) {
    throw new Error(`${drive.server.name}: ${failed} failures beside ${seen.requests} good answers`)
  }
  return seen
}

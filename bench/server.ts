// A server under measurement: starts it on its core, waits until it answers, and stops it. Called by bench/main.ts.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { pinned } from './machine.ts'

/** What to start. */
export interface Program {
  readonly name: string
  readonly command: readonly string[]
  readonly port: number
  readonly core: number | undefined
  /** Where its output goes. */
  readonly folder: string
  readonly signal: AbortSignal
}

/** One request, and how its answer is counted. */
export interface Load {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Frames of a streamed answer, 1 for a whole one. Rate and CPU are counted per frame. */
  readonly frames: number
}

/** A server that answers. Leaving the scope that holds it stops it. */
export interface Server extends AsyncDisposable {
  readonly name: string
  readonly origin: string
  readonly pid: number
}

/** Starts a program; resolves once it answers `load` with a 200. Throws the last of its output where it does not. */
export async function start(program: Program, load: Load): Promise<Server> {
  const log = join(program.folder, `${program.name}.log`)
  const output = openSync(log, 'a')
  const [command = '', ...rest] = pinned(program.core, program.command)
  const child = spawn(command, rest, { stdio: ['ignore', output, output], signal: program.signal })
  closeSync(output)
  const ended = once(child, 'exit').catch(() => undefined)
  const stop = async () => {
    const killer = setTimeout(() => child.kill('SIGKILL'), 10_000)
    child.kill('SIGTERM')
    await ended
    clearTimeout(killer)
  }

  const origin = `http://127.0.0.1:${program.port}`
  let answered = 'no answer'
  for (let tries = 0; tries < 100 && child.exitCode === null && !program.signal.aborted; tries++) {
    answered = await ask(origin, load)
    if (answered === '200') return { name: program.name, origin, pid: child.pid ?? 0, [Symbol.asyncDispose]: stop }
    await wait(200)
  }
  await stop()
  throw new Error(`${program.name} does not serve (${answered}). Its last words: ${readFileSync(log, 'utf8').slice(-600)}`)
}

async function ask(origin: string, load: Load): Promise<string> {
  try {
    const { headers, body } = load
    const answer = await fetch(origin + load.path, { method: 'POST', headers, body, signal: AbortSignal.timeout(5000) })
    const text = await answer.text()
    return answer.status === 200 ? '200' : `${answer.status} ${text.slice(0, 300)}`
  } catch (error) {
    return String(error)
  }
}

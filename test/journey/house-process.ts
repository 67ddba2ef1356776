// A whole house in processes of its own, on free ports, as an operator would start it. Used by the journeys.
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'

/** A line of the log. */
export type Line = Readonly<Record<string, unknown>> & { readonly msg: string; readonly pid: number }

const MAIN = new URL('../../core/main.ts', import.meta.url).pathname
/** Milliseconds that anything may take before the test gives up on it. */
const PATIENCE = 20_000

/** A running house. Ends, with all of its workers, when its test does. */
export class HouseProcess {
  readonly child: ChildProcess
  readonly file: string
  /** Everything that was logged so far. */
  readonly lines: Line[] = []
  /** Plain text on stdout and stderr. */
  text = ''
  readonly exited: Promise<{ code: number | null; signal: string | null }>
  readonly #waiting = new Set<() => void>()

  private constructor(child: ChildProcess, file: string) {
    this.child = child
    this.file = file
    this.exited = once(child, 'exit').then(([code, signal]) => ({ code: code as number | null, signal: signal as string | null }))
    for (const stream of [child.stdout!, child.stderr!]) createInterface({ input: stream }).on('line', line => this.#read(line))
  }

  /** Starts `gatehouse start` on a config; resolves at once. */
  static async spawn(t: TestContext, config: object | string, env: object = {}): Promise<HouseProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-house-'))
    const file = join(folder, 'house.json')
    await writeFile(file, typeof config === 'string' ? config : JSON.stringify(config))
    const child = spawn(process.execPath, [MAIN, 'start', '--config', file], {
      env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'],
    })
    const house = new HouseProcess(child, file)
    t.after(async () => {
      child.kill('SIGKILL')
      for (const pid of new Set(house.lines.map(line => line.pid))) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
      await rm(folder, { recursive: true })
    })
    return house
  }

  /** Starts a house and waits until it is ready. */
  static async start(t: TestContext, config: object, env: object = {}): Promise<HouseProcess> {
    const house = await HouseProcess.spawn(t, config, env)
    const failed = house.exited.then(() => assert.fail(`the house does not start:\n${house.text}`))
    await Promise.race([house.line(({ msg }) => msg === 'ready'), failed])
    return house
  }

  /** Base URL of the data plane. */
  get url(): string { return this.lines.find(({ msg }) => msg === 'ready')!['listen'] as string }

  /** Base URL of the control plane. */
  get admin(): string { return this.lines.find(({ msg }) => msg === 'ready')!['admin'] as string }

  /** The first line from `from` on that fits, once it is there. */
  async line(fits: (line: Line) => boolean, from = 0): Promise<Line> {
    const find = (): Line | undefined => this.lines.slice(from).find(fits)
    await this.#until(() => find() !== undefined)
    return find()!
  }

  /** Resolves when the plain text on stdout and stderr fits: an exit may be known before its last words are read. */
  async prints(pattern: RegExp): Promise<void> {
    await this.#until(() => pattern.test(this.text))
  }

  /** What the control plane answers. */
  async ask(path: string, method = 'GET'): Promise<{ status: number; body: string }> {
    const reply = await fetch(this.admin + path, { method, signal: AbortSignal.timeout(PATIENCE) })
    return { status: reply.status, body: await reply.text() }
  }

  /** The workers as the supervisor sees them. */
  async workers(): Promise<{ worker: number; pid: number; state: string; restarts: number }[]> {
    return (JSON.parse((await this.ask('/admin/config')).body) as { workers: [] }).workers
  }

  /** The processes of the house: the supervisor, then those of its workers that run. */
  async pids(): Promise<number[]> {
    // Killing the process 0 would be killing this one, with all of its kin.
    return [this.child.pid!, ...(await this.workers()).map(({ pid }) => pid).filter(pid => pid > 0)]
  }

  /** The value of a line of /metrics; 0 where it is not there. */
  async metric(line: string): Promise<number> {
    const { body } = await this.ask('/metrics')
    return Number(body.split('\n').find(each => each.startsWith(`${line} `))?.slice(line.length) ?? 0)
  }

  /** Writes another config in place of the running one, as an editor does: whole, under its name. */
  async rewrite(config: object | string): Promise<void> {
    await writeFile(`${this.file}.new`, typeof config === 'string' ? config : JSON.stringify(config))
    await rename(`${this.file}.new`, this.file)
  }

  #read(line: string): void {
    if (line.startsWith('{')) this.lines.push(JSON.parse(line) as Line)
    else this.text += `${line}\n`
    for (const look of this.#waiting) look()
  }

  async #until(there: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const look = (): void => { if (there()) resolve() }
    const log = (): string => this.text + this.lines.map(line => JSON.stringify(line)).join('\n')
    const timer = setTimeout(() => reject(new assert.AssertionError({ message: `not in the log:\n${log()}` })), PATIENCE)
    this.#waiting.add(look)
    look()
    await promise.finally(() => {
      clearTimeout(timer)
      this.#waiting.delete(look)
    })
  }
}

/** True for a process that runs; one that ended and was not yet waited for by its parent does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const stat = `/proc/${pid}/stat`
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'))
}

/** Resolves when none of the processes runs any more. */
export async function allGone(pids: readonly number[]): Promise<void> {
  const deadline = performance.now() + PATIENCE
  // The system tells nobody but a parent of the end of a process, so there is nothing to wait for but time.
  while (pids.some(isAlive)) {
    assert.ok(performance.now() < deadline, `still alive: ${pids.filter(isAlive).join(', ')}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

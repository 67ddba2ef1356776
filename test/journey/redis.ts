// A real Redis of the test's own, on a free port. Used by the tests of what keeps its counts there.
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A server that can be paused, killed and started again with what it had written down. */
export class RedisServer {
  readonly url: string
  readonly #port: number
  readonly #folder: string
  #child: ChildProcess | undefined

  private constructor(port: number, folder: string) {
    this.#port = port
    this.#folder = folder
    this.url = `redis://127.0.0.1:${port}`
  }

  /** Starts one that ends with the test. */
  static async start(t: { after(work: () => unknown): void }): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-redis-'))
    const server = new RedisServer(await freePort(), folder)
    t.after(async () => {
      await server.kill()
      await rm(folder, { recursive: true, force: true })
    })
    await server.start()
    return server
  }

  /** Starts it again where it was killed. Every write is on disk before it is answered. */
  async start(): Promise<void> {
    const args = ['--port', String(this.#port), '--bind', '127.0.0.1', '--dir', this.#folder, '--appendonly', 'yes', '--appendfsync', 'always', '--save', '']
    const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#child = child
    const lines = createInterface({ input: child.stdout })
    const ready = new Promise<void>(resolve => { lines.on('line', line => { if (line.includes('Ready to accept connections')) resolve() }) })
    const failed = Promise.race([once(child, 'error'), once(child, 'exit')]).catch(() => {})
      .then(() => assert.fail('redis-server does not start; it comes with: apt-get install redis-server'))
    await Promise.race([ready, failed])
    failed.catch(() => {})
  }

  pause(): void { this.#child?.kill('SIGSTOP') }

  resume(): void { this.#child?.kill('SIGCONT') }

  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

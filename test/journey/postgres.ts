// A real PostgreSQL, from Debian's packages, in the hands of a test: on a free port, in a folder of its own, killed and started
// again as the test likes. Ends with the test.
import assert from 'node:assert/strict'
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'

const PACKAGES = '/usr/lib/postgresql'
const USER = 'gatehouse'
const PASSWORD = 'correct horse/battery%staple'

/** A running server. */
export class Postgres {
  readonly port: number
  /** What it listens at, with a user that may do anything and a password that has to be percent-encoded. */
  readonly url: string
  readonly #bin: string
  readonly #folder: string
  readonly #owner: Owner
  readonly #settings: readonly string[]
  #server: ChildProcess | undefined

  private constructor(port: number, bin: string, folder: string, owner: Owner, settings: readonly string[]) {
    this.port = port
    this.url = `postgres://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/postgres`
    this.#bin = bin
    this.#folder = folder
    this.#owner = owner
    this.#settings = settings
  }

  /** Makes a cluster of databases and starts it; `settings` are lines for postgresql.conf, `files` stand beside it. */
  static async start(t: TestContext, settings: readonly string[] = [], files: Readonly<Record<string, string>> = {}, bin = programs()): Promise<Postgres> {
    const owner = ownerOfServer()
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-postgres-'))
    const postgres = new Postgres(await freePort(), bin, folder, owner, settings)
    t.after(async () => {
      await postgres.kill()
      rmSync(folder, { recursive: true })
    })
    const own = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text, { mode: 0o600 })
      if (owner.uid !== undefined) chownSync(join(folder, name), owner.uid, owner.gid!)
      return join(folder, name)
    }
    if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid!)
    for (const [name, text] of Object.entries(files)) own(name, text)
    execFileSync(join(bin, 'initdb'), [
      '--pgdata', join(folder, 'data'), '--username', USER, '--pwfile', own('password', PASSWORD), '--auth', 'scram-sha-256',
      '--encoding', 'UTF8', '--locale', 'C', '--no-sync',
    ], { ...owner, stdio: 'pipe', cwd: folder })
    await postgres.restart()
    return postgres
  }

  /** Starts it, after `kill`; resolves when it takes connections. */
  async restart(): Promise<void> {
    const settings = [`port=${this.port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${this.#folder}`, 'shared_buffers=16MB', ...this.#settings]
    const server = spawn(join(this.#bin, 'postgres'), ['-D', join(this.#folder, 'data'), ...settings.flatMap(setting => ['-c', setting])], {
      ...this.#owner, stdio: ['ignore', 'ignore', 'pipe'], cwd: this.#folder, env: {},
    })
    this.#server = server
    const said: string[] = []
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: server.stderr }).on('line', line => {
        said.push(line)
        if (line.includes('database system is ready to accept connections')) resolve()
      })
      server.once('close', () => reject(new Error(`PostgreSQL does not start:\n${said.join('\n')}`)))
    })
  }

  /** kill -9; resolves when the last of its processes is gone. */
  async kill(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    // Its children hold the same stderr, and end by themselves.
    const gone = once(server, 'close')
    server.kill('SIGKILL')
    await gone
  }
}

interface Owner { readonly uid?: number; readonly gid?: number }

function programs(): string {
  const versions = existsSync(PACKAGES) ? readdirSync(PACKAGES).filter(version => existsSync(join(PACKAGES, version, 'bin/initdb'))) : []
  const newest = versions.toSorted((a, b) => Number(a) - Number(b)).at(-1)
  assert.ok(newest !== undefined, 'this test needs PostgreSQL: apt-get install postgresql')
  return join(PACKAGES, newest, 'bin')
}

/** The server refuses to run as root: then it runs as the user that its package has made. */
function ownerOfServer(): Owner {
  if (process.getuid!() !== 0) return {}
  const [, , uid, gid] = readFileSync('/etc/passwd', 'utf8').split('\n').find(line => line.startsWith('postgres:'))!.split(':')
  return { uid: Number(uid), gid: Number(gid) }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

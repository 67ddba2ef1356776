// One sandbox host as its worker sees it: a process, a channel, and the requests that it has not answered yet. Says how it
// ended, not what that means: that is host-pair.ts.
import { spawn, type ChildProcess } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { setPriority } from 'node:os'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LineReader, LineWriter, wordsOf } from './lines.ts'
import { LONGEST_LINE } from './limits.ts'

/** Milliseconds in which a host says something when asked, however busy its isolates are: their threads are not its loop. */
const PATIENCE = 1000
/** Milliseconds for its first word: where there are fewer cores than work, a start takes seconds, for it yields to others. */
const START = 10_000

/** Takes an answer; see `Reply` in program.ts for the outcomes. */
export type Answer = (outcome: string, body: string) => void

/** What a host's threads yield to others, from 0 to 19. */
const NICENESS = 10

/** A host process. */
export class HostProcess {
  readonly born = performance.now()
  readonly #asked = new Map<string, Answer>()
  readonly #child: ChildProcess
  readonly #writer: LineWriter
  readonly #ended: Promise<void>
  #challenge: NodeJS.Timeout | undefined
  #count = 0
  #hasSpoken = false
  #ending = false

  constructor() {
    this.#child = spawn(process.execPath, [...FLAGS, HOST], { env: {}, cwd: '/', stdio: ['pipe', 'pipe', 'ignore'] })
    // Where there are fewer cores than work, the I/O loop goes first. What cannot be spawned is reported by its end.
    if (this.#child.pid !== undefined) setPriority(this.#child.pid, NICENESS)
    const { stdin, stdout } = this.#child
    this.#writer = new LineWriter(text => stdin!.write(text))
    const reader = new LineReader(LONGEST_LINE, line => this.#take(line))
    stdin!.on('error', () => {})
    stdout!.on('error', () => {})
    stdout!.setEncoding('utf8')
    stdout!.on('data', (text: string) => {
      clearTimeout(this.#challenge)
      this.#challenge = undefined
      this.#hasSpoken = true
      try {
        reader.push(text)
      } catch {
        this.kill()
      }
    })
    this.#ended = new Promise(resolve => {
      this.#child.once('error', () => resolve())
      this.#child.once('close', () => resolve())
    })
    void this.#ended.then(() => clearTimeout(this.#challenge))
  }

  get pid(): number | undefined { return this.#child.pid }

  /** True where somebody outside the house killed it, as an operator may or the system when it runs out of memory. */
  get wasKilled(): boolean { return this.#child.signalCode === 'SIGKILL' && !this.#ending }

  /** Resolves when the process is gone and everything that it said has been taken. */
  get ended(): Promise<void> { return this.#ended }

  /** Asks. `rest` is the order without its verb and id; see host.ts. The answer comes at most once. */
  ask(verb: string, rest: string, answer: Answer): void {
    const id = `${this.#count++}`
    this.#asked.set(id, answer)
    this.#writer.send(`${verb} ${id} ${rest}`)
  }

  /** Tells; nothing is answered. */
  tell(verb: string, rest: string): void {
    this.#writer.send(`${verb} - ${rest}`)
  }

  /** Kills the host where it does not say anything soon: its loop hangs. */
  challenge(): void {
    if (this.#challenge !== undefined) return
    this.tell('ping', '-')
    this.#challenge = setTimeout(() => this.kill(), this.#hasSpoken ? PATIENCE : START)
  }

  /** Ends it at once, unheard: one whose isolate went wrong may trip over it on a plain exit. */
  kill(): void {
    this.#asked.clear()
    this.#ending = true
    this.#child.kill('SIGKILL')
  }

  #take(line: string): void {
    const [id = '', outcome = '', body = ''] = wordsOf(line, 2)
    const answer = this.#asked.get(id)
    if (answer === undefined) return
    this.#asked.delete(id)
    answer(outcome, body)
  }
}

/** The gateway's files are TypeScript in the repository and JavaScript in the published package. */
const EXTENSION = extname(import.meta.url)
const HOST = fileURLToPath(new URL(`host${EXTENSION}`, import.meta.url))
const FLAGS = ['--no-node-snapshot', '--permission', '--allow-addons', ...readable().map(path => `--allow-fs-read=${path}`)]

/** What a host loads: its own files, the addon, and the file by which the addon's loader tells the C library. */
function readable(): string[] {
  const own = dirname(HOST)
  const addon = createRequire(import.meta.url).resolve('isolated-vm')
  const loader = createRequire(addon).resolve('node-gyp-build')
  const folders = [dirname(addon), dirname(loader)].map(folder => join(realpathSync(folder), '*'))
  const files = ['host', 'program', 'isolate', 'realm', 'lines', 'limits'].map(name => join(own, `${name}${EXTENSION}`))
  return [...files, join(own, '../../package.json'), ...folders, '/etc/alpine-release']
}

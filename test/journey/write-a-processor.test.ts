// The page "Write a processor" of the README, done word by word in a folder below the repository: `sh` is run as it stands
// (but for the ports), `text` is what it prints, and the other blocks are files, called as their first line says. To spare
// time, the commands between one file and the next run at once.
import assert from 'node:assert/strict'
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '../..')
const [PAGE = ''] = /^## Write a processor\n[^]*?(?=^## )/m.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? []
const BLOCKS = [...PAGE.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, language = '', text = '']) => ({ language, text }))
const isFile = ({ language }: { language: string }): boolean => !['sh', 'text'].includes(language)

/** True where a command prints what the page shows: `...` stands for anything, a number for any number. */
function shows(page: string, printed: string): boolean {
  const plain = (text: string): string => text.trim().replace(/\s+/g, ' ').replace(/\d+/g, '0')
  const text = plain(printed)
  let at = 0
  return plain(page).split('...').every(piece => {
    const start = text.indexOf(piece.trim(), at)
    at = start + piece.trim().length
    return start !== -1
  })
}

test('what the page shows is compared as it reads', () => {
  const page = '  results      938 cases  ok\n  ...\nport 8080\n'
  assert.ok(shows(page, 'passed\n  results 7 cases ok\n  more\n  port 41222'))
  assert.ok(!shows(page, 'passed\n  results 7 cases FAILED\n  more\n  port 41222'))
  assert.ok(!shows(page, 'port 41222\n  results 7 cases ok'))
})

test('whoever does what the page says has a processor that guards a stream from its sandbox', { timeout: 120_000 }, async t => {
  const reader = await Reader.open(t)
  const files = BLOCKS.flatMap((block, index) => (isFile(block) ? [index] : []))
  for (const [stage, from] of [0, ...files].entries()) {
    const blocks = BLOCKS.slice(from, files[stage])
    if (isFile(blocks[0]!)) await reader.write(blocks.shift()!.text)
    await Promise.all(blocks.map(async ({ language, text: command }, index) => {
      if (language === 'text') return
      const { language: next, text: page = '' } = blocks[index + 1] ?? {}
      const printed = await reader.obey(command)
      assert.ok(next === 'text' && shows(page, printed), `after ${command}the page shows\n${page}where it prints\n${printed}`)
      if (command.startsWith('curl')) assert.doesNotMatch(printed, /blue|heron/i)
    }))
  }
  assert.equal(files.length, 2)
  assert.match(await reader.log(/"msg":"request"/), /"steps":"no-project-names:edit"/)
})

/** Someone with a terminal or two. */
class Reader {
  readonly #folder: string
  readonly #env: NodeJS.ProcessEnv
  readonly #listening = Promise.withResolvers<string>()
  #gateway: ChildProcess | undefined
  #log = ''
  #heard = Promise.withResolvers<void>()

  private constructor(folder: string) {
    this.#folder = folder
    // A runner of tests tells its children to report to it; and npx is to keep nothing, and to ask nobody.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    this.#env = { ...env, npm_config_cache: join(folder, '.npm'), npm_config_offline: 'true', npm_config_loglevel: 'error' }
  }

  static async open(t: TestContext): Promise<Reader> {
    const folder = await mkdtemp(join(ROOT, '.write-a-processor-'))
    const reader = new Reader(folder)
    t.after(async () => {
      await reader.#interrupt()
      await rm(folder, { recursive: true, maxRetries: 3 })
    })
    return reader
  }

  async write(text: string): Promise<void> {
    const [, name] = /^(?:\/\/|#) ([\w.-]+\.\w+)/.exec(text) ?? []
    assert.ok(name !== undefined, `no name of a file in the first line of\n${text}`)
    await writeFile(join(this.#folder, name), text.replace(/\bport: \d+/g, 'port: 0'))
  }

  /** Runs a command; resolves with what it printed at its end, or when it listens. */
  async obey(command: string): Promise<string> {
    if (command.startsWith('npx gatehouse start')) return this.#start(command)
    if (!command.startsWith('curl')) return this.#run(command)
    return this.#run(command.replace('http://127.0.0.1:8080', await this.#listening.promise))
  }

  async #run(command: string): Promise<string> {
    const { stdout } = await promisify(execFile)('sh', ['-c', command], { cwd: this.#folder, env: this.#env, timeout: 60_000 })
    return stdout
  }

  /** Starts what goes on running until the test is over. */
  async #start(command: string): Promise<string> {
    // A group of its own, so that an interrupt reaches all of it as from a terminal.
    const child = spawn('sh', ['-c', `exec ${command}`], {
      cwd: this.#folder, env: this.#env, detached: true, stdio: ['ignore', 'pipe', 'inherit'],
    })
    const closed = once(child, 'close').then(() => assert.fail(`the gateway is gone:\n${this.#log}`))
    this.#gateway = child
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text
      this.#heard.resolve()
      this.#heard = Promise.withResolvers()
    })
    const printed = await Promise.race([this.log(/"msg":"ready"/), closed])
    this.#listening.resolve(/listening on (http:\/\/[\d.:]+)/.exec(printed)![1]!)
    return printed
  }

  async #interrupt(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#gateway ?? {}
    if (pid === undefined || (exitCode ?? signalCode) !== null) return
    process.kill(-pid, 'SIGINT')
    // The last process of the group lets go of the pipe.
    await once(this.#gateway!, 'close')
  }

  /** What the gateway has printed, once that fits. */
  async log(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#log)) await this.#heard.promise
    return this.#log
  }
}

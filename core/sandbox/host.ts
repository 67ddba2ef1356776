// The program of a sandbox host: a process that holds isolates and no secrets, has no environment, no files but its own, and
// one channel, to the worker that started it. Started by host-process.ts.
import { LineReader, LineWriter, wordsOf } from './lines.ts'
import { LONGEST_LINE } from './limits.ts'
import { Program, type Source } from './program.ts'

/** Obeys the orders of a worker, one a line: verb, id, the key of a processor, and what the verb needs. */
class Host {
  readonly #programs = new Map<string, Program>()
  readonly #writer: LineWriter
  readonly #reply = (id: string, outcome: string, body = ''): void => {
    this.#writer.send(`${id} ${outcome} ${body}`)
    // Its next moment may be its last.
    if (outcome === 'fatal') this.#writer.flush()
  }

  constructor(writer: LineWriter) {
    this.#writer = writer
  }

  obey(line: string): void {
    const [verb = '', id = '', key = '', rest = ''] = wordsOf(line, 3)
    switch (verb) {
      case 'call': return this.#call(id, key, rest)
      case 'open': return this.#open(id, key, JSON.parse(rest) as Source)
      case 'describe': return void new Program(JSON.parse(rest) as Source, this.#reply).describe(id)
      case 'close': return this.#close(key)
      case 'ping': return this.#reply(id, 'done')
    }
  }

  #open(id: string, key: string, source: Source): void {
    const program = new Program(source, this.#reply)
    this.#programs.set(key, program)
    void program.open(id)
  }

  #call(id: string, key: string, rest: string): void {
    const [method = '', ms = '', args = ''] = wordsOf(rest, 2)
    const program = this.#programs.get(key)
    if (program === undefined) return this.#reply(id, 'failed', '"it is not open"')
    void program.call({ id, method, args, due: performance.now() + Number(ms) })
  }

  #close(key: string): void {
    this.#programs.get(key)?.close()
    this.#programs.delete(key)
  }
}

const host = new Host(new LineWriter(text => process.stdout.write(text)))
const reader = new LineReader(LONGEST_LINE, line => host.obey(line))
process.stdin.setEncoding('utf8')
process.stdin.on('data', (text: string) => reader.push(text))
// The worker has gone. A plain exit could trip over what an isolate left behind.
process.stdin.on('close', () => process.kill(process.pid, 'SIGKILL'))

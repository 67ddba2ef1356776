// The log: one JSON object a line on stdout, by pino. Opened once per process, by the supervisor and by each worker.
// There is no redaction here, since nothing secret is ever passed in; errors are the one thing that could smuggle it.
import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino'
import type { Config } from '../config/config.ts'
import { GatehouseError } from '../sdk/index.ts'

/** A log. */
export type Logger = PinoLogger & {
  /**
   * Writes a line of level `info` whose fields are JSON already, each behind a comma. For what is written once a request:
   * pino has to look at every field of an object, and that took a twentieth of a worker's CPU.
   */
  line(fields: string): void
}

/**
 * What gathers before it is written, in characters, and the most bytes that one write holds: Linux keeps a write to a pipe in one
 * piece up to 4096 bytes (pipe(7)), so the lines of several workers do not run into each other.
 */
const GATHER = 3500
const PIPE_BUF = 4096
/** Bytes that may wait for a reader who stalls; beyond them lines are lost, never memory. */
const BACKLOG = 4 * 1024 * 1024
/** Milliseconds that a line waits at most. */
const LINGER = 100

/**
 * The writer behind the log: asynchronous while the process lives, flushed when it ends. It gathers the lines by itself: pino's
 * own destination can do that too, but copies with each line what it has so far, to measure it.
 */
class Stdout implements DestinationStream {
  readonly #to = pino.destination({ dest: 1, sync: false, maxWrite: PIPE_BUF, maxLength: BACKLOG })
  #lines = ''
  #timer: NodeJS.Timeout | undefined

  constructor() {
    process.once('exit', () => this.flushSync())
  }

  write(line: string): void {
    if (this.#lines === '') this.#timer = setTimeout(() => this.#flush(), LINGER)
    else if (this.#lines.length + line.length > PIPE_BUF) this.#flush()
    this.#lines += line
    if (this.#lines.length >= GATHER) this.#flush()
  }

  /** For the end of the process, and for what may be its last words: pino calls it after a line of level `fatal`. */
  flushSync(): void {
    this.#flush()
    this.#to.flushSync()
  }

  #flush(): void {
    clearTimeout(this.#timer)
    const lines = this.#lines
    this.#lines = ''
    // Where characters are of several bytes, what gathered may be more than fits.
    if (Buffer.byteLength(lines) <= PIPE_BUF) this.#to.write(lines)
    else for (const line of lines.split(/(?<=\n)/)) this.#to.write(line)
  }
}

/** Opens the log of a process. `base` stands in every line, after the process id. */
export function openLogger(level: Config['log']['level'], base: object, to: DestinationStream = new Stdout()): Logger {
  const about = { pid: process.pid, ...base }
  const log = pino({
    level,
    base: about,
    formatters: { level: label => ({ level: label }) },
    serializers: { err: describeError },
    hooks: {
      // Where a line has an error and no sentence of ours, pino would put the error's own message in its place.
      logMethod(given, write) {
        if (given.length === 1 && carriesError(given[0])) write.call(this, given[0], 'error')
        else write.apply(this, given)
      },
    },
  }, to)
  const own = JSON.stringify(about).slice(1, -1)
  return Object.assign(log, {
    line(fields: string): void {
      if (log.isLevelEnabled('info')) to.write(`{"level":"info","time":${Date.now()},${own}${fields}}\n`)
    },
  })
}

const carriesError = (given: unknown): boolean =>
  given instanceof Error || (typeof given === 'object' && given !== null && 'err' in given)

/**
 * An error as it may stand in a log. The message of an error that the house did not write may quote the text that broke
 * it (`JSON.parse` does, and so do Node's argument errors), so it stays out unless it tells of a system call.
 */
export function describeError(error: unknown): object {
  const about = describeOne(error)
  return error instanceof Error && error.cause !== undefined ? { ...about, cause: describeOne(error.cause) } : about
}

function describeOne(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error }
  const told = error instanceof GatehouseError || 'syscall' in error
  return {
    type: error.name,
    ...('code' in error && { code: error.code }),
    ...(told && { message: error.message }),
    at: error.stack?.split('\n').filter(line => line.startsWith('    at ')).map(line => line.trim()),
  }
}

// The write-ahead queue to slow sinks: lines go to disk first, so that whatever has left this process survives its death,
// and are read from there at the sink's own pace. Any number of processes write into one folder, each into segments of
// its own; one process reads. Written by journal.ts, read by bookkeeper.ts.
import { closeSync, openSync, readdirSync, readFileSync, statSync, writeSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Bytes after which a segment is closed and the next one begun. */
const SEGMENT = 4 * 1024 * 1024
/** Bytes read at once. */
const READ = 1024 * 1024
/** Milliseconds between two looks whether a folder that was full has room again. */
const PATIENCE = 1_000

/** A segment's name: the writer's own, and its number. A writer is a process: its id, and when it began. */
const NAME = /^\d+-\d+\.\d{6}\.jsonl$/

/** Writes the segments of this process. */
export class SpoolWriter {
  readonly #folder: string
  readonly #limit: number
  readonly #name = `${process.pid}-${beganAt(process.pid)}`
  #number = 0
  #file = -1
  #size = 0
  #lines = ''
  /** Lines that were added since the last flush. */
  waiting = 0
  #fullUntil = 0
  /** Lines that found no room on the disk. */
  dropped = 0

  /** `limit` is what all segments of the folder may have, in bytes. The folder is there. */
  constructor(folder: string, limit: number) {
    this.#folder = folder
    this.#limit = limit
  }

  /** Adds a line, which is written with the next flush. */
  add(line: string): void {
    this.#lines += `${line}\n`
    this.waiting++
  }

  /**
   * Writes what was added. It is with the system when this returns, and so outlives the process; what a power cut takes is
   * up to the disk. Synchronous, because whoever calls goes on only when it is there. Never throws: where the disk is full
   * or the folder has had its share, traffic goes on and `dropped` counts.
   */
  flush(): void {
    if (this.waiting === 0) return
    const lines = Buffer.from(this.#lines)
    const count = this.waiting
    this.#lines = ''
    this.waiting = 0
    if (!this.#makeRoom(lines.length)) {
      this.dropped += count
      return
    }
    try {
      for (let written = 0; written < lines.length;) written += writeSync(this.#file, lines, written)
      this.#size += lines.length
    } catch {
      this.dropped += count
      // Half a line may stand there now; what follows goes elsewhere.
      this.close()
      this.#fullUntil = performance.now() + PATIENCE
    }
  }

  /** Closes the segment. What is added later goes to another one. */
  close(): void {
    this.flush()
    if (this.#file === -1) return
    closeSync(this.#file)
    this.#file = -1
  }

  /** True where there is a segment to write so many bytes to. */
  #makeRoom(bytes: number): boolean {
    if (this.#file !== -1 && this.#size + bytes <= SEGMENT) return true
    if (performance.now() < this.#fullUntil) return false
    try {
      if (sizeOf(this.#folder) + bytes > this.#limit) throw new Error('full')
      if (this.#file !== -1) closeSync(this.#file)
      this.#file = -1
      this.#file = openSync(join(this.#folder, `${this.#name}.${String(this.#number++).padStart(6, '0')}.jsonl`), 'ax', 0o600)
      this.#size = 0
      return true
    } catch {
      this.#fullUntil = performance.now() + PATIENCE
      return false
    }
  }
}

/** A segment as the reader knows it. */
interface Segment {
  readonly name: string
  /** Bytes of it that were read, up to the end of a line. */
  read: number
  /** True where nothing will be added to it and all of it was read. */
  over: boolean
}

/** Lines of one writer that were not read yet, in their order. */
export interface Portion {
  readonly writer: string
  readonly lines: readonly string[]
  /** True where the writer's process is gone and nothing of it follows. */
  readonly last: boolean
  /** To be called when the lines are wherever they had to go; without it they come again. */
  done(): void
}

/** Reads the segments of all writers. */
export class SpoolReader {
  readonly #folder: string
  readonly #segments = new Map<string, Segment[]>()
  /** Last lines that a dead writer left half written. */
  torn = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Names of the segments that are there, each writer's in their order. */
  get names(): string[] { return readdirSync(this.#folder).filter(name => NAME.test(name)).toSorted() }

  /** Bytes in the folder. */
  get size(): number { return sizeOf(this.#folder) }

  /** What is there now, a portion of each writer at most. */
  async *portions(): AsyncGenerator<Portion> {
    const gone = this.#look()
    for (const [writer, segments] of this.#segments) {
      for (const segment of segments) {
        if (segment.over) continue
        const isLast = segment === segments.at(-1)
        const isFinal = !isLast || gone.has(writer)
        const { lines, end, more } = await readLines(join(this.#folder, segment.name), segment.read)
        const isOver = isFinal && more !== 'yes'
        const done = (): void => {
          segment.read = end
          segment.over = isOver
          if (isOver && more === 'torn') this.torn++
        }
        if (lines.length > 0 || (isOver && isLast)) {
          yield { writer, lines, last: isOver && isLast, done }
          break
        }
        if (isOver) done()
      }
    }
  }

  /** Removes segments that were read; all of a writer's stay while `isOpen` says that its lines may be wanted again. */
  async sweep(isOpen: (writer: string) => boolean): Promise<void> {
    for (const [writer, segments] of this.#segments) {
      while (segments[0]?.over === true && !isOpen(writer)) await rm(join(this.#folder, segments.shift()!.name), { force: true })
      if (segments.length === 0) this.#segments.delete(writer)
    }
  }

  /** Takes up new segments. Returns the writers that were gone before: what they have written is all there. */
  #look(): ReadonlySet<string> {
    const gone = new Set(this.names.map(writerOf).filter(writer => !isRunning(writer)))
    for (const name of this.names) {
      const writer = writerOf(name)
      const segments = this.#segments.get(writer) ?? []
      this.#segments.set(writer, segments)
      if (!segments.some(segment => segment.name === name)) segments.push({ name, read: 0, over: false })
    }
    return gone
  }
}

const writerOf = (segment: string): string => segment.slice(0, segment.indexOf('.'))

const NEWLINE = '\n'.charCodeAt(0)

async function readLines(path: string, from: number): Promise<{ lines: string[]; end: number; more: 'no' | 'yes' | 'torn' }> {
  const file = await open(path)
  try {
    for (let room = READ; ; room *= 2) {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(room), 0, room, from)
      const bytes = buffer.subarray(0, bytesRead)
      const whole = bytes.lastIndexOf(NEWLINE) + 1
      // A line that is longer than what was read.
      if (whole === 0 && bytesRead === room) continue
      const lines = whole === 0 ? [] : bytes.toString('utf8', 0, whole - 1).split('\n')
      return { lines, end: from + whole, more: bytesRead === room ? 'yes' : whole < bytesRead ? 'torn' : 'no' }
    }
  } finally {
    await file.close()
  }
}

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + (NAME.test(name) ? statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0 : 0), 0)
}

/** True while the process that a writer is named after runs: not another one that was given its number since. */
function isRunning(writer: string): boolean {
  const [pid, began] = writer.split('-').map(Number)
  try {
    process.kill(pid!, 0)
  } catch (error) {
    // It runs as somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return beganAt(pid!) === began
}

/** When a process began, in ticks since the machine did (proc(5), field 22 of stat); 0 where the system does not tell, or for a dead one. */
function beganAt(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is a name in brackets, which may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? 0 : Number(fields[19])
  } catch {
    return 0
  }
}

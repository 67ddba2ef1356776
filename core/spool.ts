// The write-ahead queue to slow sinks: lines go to disk first, so that whatever has left this process survives its death,
// and are read from there at the sink's own pace. Any number of processes write into one folder, each into segments of
// its own; one process reads. Written by journal.ts, read by bookkeeper.ts.
import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readdirSync, readFileSync, statSync, writeSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Bytes after which a segment is closed and the next one begun. */
const SEGMENT = 4 * 1024 * 1024
/** Bytes read at once. */
const READ = 1024 * 1024
/** Milliseconds between two looks whether a folder that was full has room again. */
const PATIENCE = 1_000

/**
 * A segment's name: the writer's own, and its number. A writer is a process: its id, when it began, and something by chance, as
 * the others come again after the machine has started anew; journals of earlier releases lack it.
 */
const NAME = /^\d+-\d+(-[0-9a-f]+)?\.\d{6,}\.jsonl$/
/** What is to take a segment's place, until it is whole. */
const UNFINISHED = 'segment.tmp'

/** Writes the segments of this process. */
export class SpoolWriter {
  readonly #folder: string
  readonly #limit: number
  readonly #name = `${process.pid}-${beganAt(process.pid)}-${randomBytes(6).toString('hex')}`
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
   * or the folder has had its share, traffic goes on, `dropped` counts, and false is returned.
   */
  flush(): boolean {
    if (this.waiting === 0) return true
    const lines = Buffer.from(this.#lines)
    const count = this.waiting
    this.#lines = ''
    this.waiting = 0
    if (!this.#makeRoom(lines.length)) {
      this.dropped += count
      return false
    }
    try {
      for (let written = 0; written < lines.length;) written += writeSync(this.#file, lines, written)
      this.#size += lines.length
      return true
    } catch {
      this.dropped += count
      // Half a line may stand there now; what follows goes elsewhere.
      this.close()
      this.#fullUntil = performance.now() + PATIENCE
      return false
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
      this.#file = openSync(join(this.#folder, `${this.#name}.${String(this.#number++).padStart(9, '0')}.jsonl`), 'ax', 0o600)
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

  /**
   * Removes segments that were read. Where something of a writer is `wanted` again, its first segment stays and, as soon as
   * there is another to be removed, holds that alone, a line each. It is to be what the lines read so far come to: read after
   * it, any of the later ones have to come to the same, as a crash may leave them there.
   */
  async sweep(wanted: (writer: string) => readonly object[]): Promise<void> {
    for (const [writer, segments] of this.#segments) {
      const lines = wanted(writer)
      const first = lines.length > 0 ? 1 : 0
      if (first === 1 && segments[1]?.over === true) await this.#replace(segments[0]!.name, lines)
      while (segments[first]?.over === true) {
        await rm(join(this.#folder, segments[first].name), { force: true })
        segments.splice(first, 1)
      }
      if (segments.length === 0) this.#segments.delete(writer)
    }
  }

  /** The old segment or the new one is there at any time, and whole. */
  async #replace(name: string, lines: readonly object[]): Promise<void> {
    const path = join(this.#folder, UNFINISHED)
    const file = await open(path, 'w', 0o600)
    try {
      await file.writeFile(lines.map(line => `${JSON.stringify(line)}\n`).join(''))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(path, join(this.#folder, name))
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

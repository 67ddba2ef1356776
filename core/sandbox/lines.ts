// The channel between a worker and a host: lines of text, one message each. What is sent within one turn of the loop leaves
// in one write, since a write costs more than most messages. Used by host.ts below and by host-process.ts above.

/** Sends lines together at the end of a turn. */
export class LineWriter {
  #pending = ''
  readonly #write: (text: string) => void

  constructor(write: (text: string) => void) {
    this.#write = write
  }

  /** Takes a line without a line break in it; JSON text has none. */
  send(line: string): void {
    if (this.#pending === '') setImmediate(() => this.flush())
    this.#pending += line + '\n'
  }

  /** Writes what was sent in this turn, now. */
  flush(): void {
    if (this.#pending === '') return
    const text = this.#pending
    this.#pending = ''
    this.#write(text)
  }
}

/** Puts lines together again from text that was cut anywhere. */
export class LineReader {
  #parts: string[] = []
  #length = 0
  readonly #longest: number
  readonly #take: (line: string) => void

  constructor(longest: number, take: (line: string) => void) {
    this.#longest = longest
    this.#take = take
  }

  /** Reads on. Throws for a line of more than `longest` characters, which neither side ever sends. */
  push(text: string): void {
    let from = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      const line = text.slice(from, end)
      from = end + 1
      if (this.#parts.length === 0) {
        this.#take(line)
        continue
      }
      const whole = this.#parts.join('') + line
      this.#parts = []
      this.#length = 0
      this.#take(whole)
    }
    if (from === text.length) return
    this.#parts.push(text.slice(from))
    this.#length += text.length - from
    if (this.#length > this.#longest) throw new Error('A line on the channel of a sandbox host is too long.')
  }
}

/** The first `count` words of a line, and what follows them as one. */
export function wordsOf(line: string, count: number): string[] {
  const words: string[] = []
  let from = 0
  while (words.length < count) {
    const end = line.indexOf(' ', from)
    if (end === -1) break
    words.push(line.slice(from, end))
    from = end + 1
  }
  words.push(line.slice(from))
  return words
}

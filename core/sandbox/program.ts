// One processor inside a host: its isolate, and the calls that wait for it. Calls run one after the other, several in one
// crossing of the border where they are short; one that is cut short takes the isolate with it. Used by host.ts.
import { Fatal, Isolate, Late } from './isolate.ts'
import { ERROR_NAMES, SETUP } from './limits.ts'

/** Milliseconds that a batch should take, by what calls took before, and how much goes into one at most. */
const BATCH = { ms: 2, calls: 16, characters: 2 ** 18 } as const
/** Milliseconds after which a batch is given up: one of its calls is not like those before. */
const BATCH_LIMIT = 50

/** What a host is told about a processor. */
export interface Source {
  readonly code: string
  readonly options: unknown
  /** Megabytes. */
  readonly memory: number
  /** Milliseconds. */
  readonly cpu: number
}

/** One call as it stands in a host's hands. */
export interface Call {
  readonly id: string
  readonly method: string
  /** JSON array. */
  readonly args: string
  /** When nobody waits for it any more, by `performance.now()`. */
  readonly due: number
}

/** Sends one answer: `done` with JSON, `threw` with the kind of error, `failed` with a sentence, `late`, `large`, `fatal`. */
export type Reply = (id: string, outcome: string, body?: string) => void

/** A processor, set up, and its queue. */
export class Program {
  readonly #source: Source
  readonly #reply: Reply
  readonly #queue: Call[] = []
  #isolate: Isolate | undefined
  #busy = true
  #closing = false
  /** Milliseconds that a call takes, on average. */
  #mean: number = BATCH.ms

  constructor(source: Source, reply: Reply) {
    this.#source = source
    this.#reply = reply
  }

  /** Sets the processor up and answers with the names of its methods. Calls may come in before that. */
  async open(id: string): Promise<void> {
    await this.#try(id, async () => this.#reply(id, 'done', await this.#start()))
    await this.#drain()
  }

  /** Answers with the processor's definition; it is not set up. */
  async describe(id: string): Promise<void> {
    await this.#try(id, async () => {
      const isolate = new Isolate(this.#source.memory)
      try {
        this.#reply(id, 'done', jsonOf(await isolate.load(this.#source.code, SETUP)))
      } finally {
        isolate.dispose()
      }
    })
  }

  async call(call: Call): Promise<void> {
    this.#queue.push(call)
    if (!this.#busy) await this.#drain()
  }

  /** Gives the isolate back once the calls that were made before are answered. */
  close(): void {
    this.#closing = true
    if (!this.#busy) this.#isolate?.dispose()
  }

  async #drain(): Promise<void> {
    this.#busy = true
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, this.#batchSize())
      const began = performance.now()
      if (batch.length === 1 || !await this.#serveTogether(batch)) for (const call of batch) await this.#serve(call)
      this.#mean += ((performance.now() - began) / batch.length - this.#mean) / 16
    }
    this.#busy = false
    if (this.#closing) this.#isolate?.dispose()
  }

  /** How many of the waiting calls to make at once. */
  #batchSize(): number {
    const most = Math.min(this.#queue.length, BATCH.calls, BATCH.ms / this.#mean)
    let size = 1
    for (let characters = this.#queue[0]!.args.length; size < most; size++) {
      characters += this.#queue[size]!.args.length
      if (characters > BATCH.characters) break
    }
    return size
  }

  /** False where a batch did not work out as one. Nothing is answered then, and its calls can be made one by one. */
  async #serveTogether(batch: readonly Call[]): Promise<boolean> {
    const left = Math.min(...batch.map(call => call.due)) - performance.now()
    if (this.#isolate === undefined || left < 2 * BATCH.ms) return false
    let answers: string[] = []
    await this.#try(batch[0]!.id, async () => {
      const lines = batch.map(({ method, args }) => `${method} ${args}`).join('\n')
      const text = await this.#isolate!.calls(lines, Math.min(left, BATCH_LIMIT, this.#source.cpu))
      answers = text.split('\n')
    }, () => {})
    if (answers.length !== batch.length) return false
    for (const [index, { id }] of batch.entries()) this.#answer(id, answers[index]!)
    return true
  }

  async #serve({ id, method, args, due }: Call): Promise<void> {
    await this.#try(id, async () => {
      if (this.#isolate === undefined) await this.#start()
      const left = due - performance.now()
      if (left <= 0) return this.#reply(id, 'late')
      this.#answer(id, await this.#isolate!.call(method, args, Math.min(left, this.#source.cpu)))
    })
  }

  #answer(id: string, answer: string): void {
    if (answer === '#') return this.#reply(id, 'large')
    if (answer.startsWith('=') && !answer.includes('\n')) return this.#reply(id, 'done', answer.slice(1))
    const name = answer.slice(1)
    this.#reply(id, 'threw', ERROR_NAMES.has(name) ? name : 'Error')
  }

  async #start(): Promise<string> {
    const isolate = new Isolate(this.#source.memory)
    try {
      jsonOf(await isolate.load(this.#source.code, SETUP))
      const methods = jsonOf(await isolate.setup(JSON.stringify(this.#source.options), SETUP))
      this.#isolate = isolate
      return methods
    } catch (error) {
      isolate.dispose()
      throw error
    }
  }

  /** Does something with the isolate, and answers where that fails; what answers for lateness can be given. */
  async #try(id: string, work: () => Promise<void>, late = () => this.#reply(id, 'late')): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (error instanceof Fatal) {
        this.#reply(id, 'fatal', error.message)
        // The worker ends this host now; whatever waits here runs elsewhere.
        return new Promise(() => {})
      }
      if (!(error instanceof Late)) return this.#reply(id, 'failed', JSON.stringify((error as Error).message))
      this.#isolate?.dispose()
      this.#isolate = undefined
      late()
    }
  }
}

/** JSON as a realm gave it, on one line whatever the processor did to its realm. */
function jsonOf(answer: string): string {
  if (answer.startsWith('!')) throw new Error(answer.slice(1))
  return JSON.stringify(JSON.parse(answer))
}

// The line between the supervisor and one worker: an order goes down, exactly one reply comes up; a worker may ask for its
// share of what the house counts, and gets an answer. It is the IPC channel of node:cluster, so nothing on it (the config
// holds keys) shows in an argument list or an environment.
// Used by core/workers.ts above and core/worker.ts below.
import cluster from 'node:cluster'
import { extname, join } from 'node:path'
import type { Config } from '../config/config.ts'

/** What the supervisor tells a worker. A worker takes orders one after the other, except `ask` and `drain`. */
export type Order =
  | Start
  /** First phase of a reload: compile beside the gateway that serves. */
  | { readonly kind: 'prepare'; readonly epoch: number; readonly config: Config }
  /** Second phase: serve with what was prepared, or forget it. */
  | { readonly kind: 'commit' | 'discard'; readonly epoch: number }
  /** A question that plugins answer. */
  | { readonly kind: 'ask'; readonly topic: string; readonly question: unknown }
  /** Stop accepting, finish within so many milliseconds, end. */
  | { readonly kind: 'drain'; readonly ms: number }

/** Compile and listen. */
export interface Start {
  readonly kind: 'start'
  readonly epoch: number
  readonly config: Config
  /** The worker's number, from 1. */
  readonly worker: number
  /** The port, where the config leaves it open. */
  readonly port: number
  /** True for a socket of the worker's own; false for one that the cluster module shares out. */
  readonly reusePort: boolean
}

/** How a process ended. */
export interface End {
  readonly code: number | null
  readonly signal: string | null
}

/** A worker process in the supervisor's hands. */
export interface WorkerProcess {
  readonly pid: number
  readonly ended: Promise<End>
  /** Resolves with the worker's reply. Rejects with its problem, when the process ends, or after `timeout` milliseconds. */
  call(order: Order, timeout: number): Promise<unknown>
  /** Answers what the worker asks, from now on. */
  answers(answer: (question: unknown) => Promise<unknown>): void
  kill(signal: NodeJS.Signals): void
}

/** The part of `ChildProcess` that the line needs. */
export interface Child {
  readonly pid?: number | undefined
  readonly connected: boolean
  send(message: Letter, sent: (error: Error | null) => void): boolean
  kill(signal: NodeJS.Signals): boolean
  on(event: 'message', listener: (message: Note) => void): unknown
  on(event: 'exit', listener: (code: number | null, signal: string | null) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** The part of `process` that the worker's end needs. */
export interface Parent {
  readonly connected: boolean
  send?(message: Note, handle: undefined, options: undefined, sent: (error: Error | null) => void): boolean
  on(event: 'message', listener: (message: Letter) => void): unknown
}

/** An order on its way, or the answer to a question that came up; without one where nobody could give it. */
type Letter =
  | { readonly id: number; readonly order: Order }
  | { readonly id: number; readonly answer: unknown }

/** What comes up: the first note says that orders are heard, every other replies to one, or asks. */
type Note =
  | { readonly note: 'hears' }
  | { readonly note: 'asks'; readonly id: number; readonly question: unknown }
  | { readonly note: 'reply'; readonly id: number; readonly value: unknown }
  | { readonly note: 'problem'; readonly id: number; readonly problem: string }

/** Starts a worker process: this program's entry, which sees that it is a worker. */
export function forkWorker(): WorkerProcess {
  const exec = join(import.meta.dirname, `main${extname(import.meta.filename)}`)
  // Plain JSON would turn the NaN of a metric into null.
  cluster.setupPrimary({ exec, args: ['worker'], execArgv: [...process.execArgv, ...YOUNG], serialization: 'advanced' })
  return lineTo(cluster.fork().process)
}

/**
 * Room for young objects, in megabytes. A request's objects die with it; in V8's own first room of one megabyte they are
 * copied around meanwhile: 10 % of a worker's CPU under load, against 2 % with this.
 */
const YOUNG = ['--min-semi-space-size=16', '--max-semi-space-size=64']

/** Questions of one worker that are answered at once; it has one at a time, so more of them are a worker gone mad. */
const MOST_ASKED = 8

/** The supervisor's end of the line to a child process. */
export function lineTo(child: Child): WorkerProcess {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  // A cluster worker drops messages that arrive before its program listens, so orders wait for its first note.
  const heard = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<End>()
  let end: End | undefined
  let last = 0
  let asked = 0
  let answering = (_question: unknown): Promise<unknown> => Promise.resolve()

  const answer = async (id: number, question: unknown): Promise<void> => {
    if (asked === MOST_ASKED) return
    asked++
    const given = await answering(question).catch(() => undefined)
    asked--
    if (child.connected) child.send({ id, answer: given }, () => {})
  }
  child.on('message', note => {
    if (note.note === 'hears') return heard.resolve()
    if (note.note === 'asks') return void answer(note.id, note.question)
    if (note.note === 'reply') waiting.get(note.id)?.resolve(note.value)
    else waiting.get(note.id)?.reject(new Error(note.problem))
  })
  const over = (code: number | null, signal: string | null): void => {
    end = { code, signal }
    for (const call of waiting.values()) call.reject(endedEarly(end))
    ended.resolve(end)
  }
  child.on('exit', over)
  // A process that could not be made has no exit to tell of; every other error is a failed send, and the end follows it.
  child.on('error', () => { if (child.pid === undefined) over(null, null) })

  return {
    pid: child.pid ?? 0,
    ended: ended.promise,
    call(order, timeout) {
      if (end !== undefined) return Promise.reject(endedEarly(end))
      const id = ++last
      const { promise, resolve, reject } = Promise.withResolvers<unknown>()
      const timer = setTimeout(() => reject(new Error(`the worker gave no reply to ${order.kind} within ${timeout} ms`)), timeout)
      waiting.set(id, { resolve, reject })
      void heard.promise.then(() => child.connected && child.send({ id, order }, () => {}))
      return promise.finally(() => {
        clearTimeout(timer)
        waiting.delete(id)
      })
    },
    answers(answerer) { answering = answerer },
    kill: signal => void child.kill(signal),
  }
}

/** The worker's end of the line: every order goes to `obey`, what it returns or throws goes back. */
export function obeyOrders(parent: Parent, obey: (order: Order) => unknown): void {
  const tell = (note: Note): void => {
    if (parent.connected) parent.send?.(note, undefined, undefined, () => {})
  }
  parent.on('message', async letter => {
    if (!('order' in letter)) return
    const { id, order } = letter
    try {
      tell({ note: 'reply', id, value: await obey(order) })
    } catch (error) {
      tell({ note: 'problem', id, problem: error instanceof Error ? error.message : String(error) })
    }
  })
  tell({ note: 'hears' })
}

/** The worker's way to ask the supervisor. Rejects where that cannot answer, or is gone. */
export function askSupervisor(parent: Parent): (question: unknown) => Promise<unknown> {
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>()
  const gone = new Error('the supervisor gives no answer')
  let last = 0
  parent.on('message', letter => {
    if (!('answer' in letter)) return
    const asked = waiting.get(letter.id)
    waiting.delete(letter.id)
    if (letter.answer === undefined) asked?.reject(gone)
    else asked?.resolve(letter.answer)
  })
  return question => new Promise((resolve, reject) => {
    if (!parent.connected) return reject(gone)
    const id = ++last
    waiting.set(id, { resolve, reject })
    parent.send?.({ note: 'asks', id, question }, undefined, undefined, error => {
      if (!error) return
      waiting.delete(id)
      reject(gone)
    })
  })
}

const endedEarly = (end: End): Error => new Error(`the worker ended (${describeEnd(end)})`)

/** An end in words: `exit code 1`, `signal SIGKILL`. */
export function describeEnd({ code, signal }: End): string {
  if (signal !== null) return `signal ${signal}`
  return code === null ? 'no process could be made' : `exit code ${code}`
}

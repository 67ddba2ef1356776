// One call on its way through the pool: when it must be over, what it weighs while it waits, who awaits it. Made and
// moved by pool.ts.
import { Alarm, type Alarms } from '../alarm.ts'
import type { Account } from './account.ts'

/** A call that waits for a thread, or has one. */
export class Call {
  readonly id: string
  readonly method: string
  readonly args: readonly unknown[]
  readonly account: Account
  /** What it was expected to run when it came, in milliseconds. */
  readonly expected: number
  readonly came = performance.now()
  readonly due: number
  /** What it weighs in the queue; 0 where it never had to wait. */
  bytes = 0
  began = 0
  /** Ends the thread that runs it. */
  readonly abort = new AbortController()
  readonly alarm: Alarm<Call>
  readonly #done = Promise.withResolvers<unknown>()

  constructor(
    id: string, method: string, args: readonly unknown[], timeout: number, account: Account,
    alarms: Alarms, late: (call: Call) => void,
  ) {
    this.id = id
    this.method = method
    this.args = args
    this.account = account
    this.expected = account.expected
    this.due = this.came + timeout
    this.alarm = new Alarm<Call>(alarms, this, late)
    this.alarm.set(timeout)
  }

  get done(): Promise<unknown> { return this.#done.promise }

  /** Milliseconds that it still needs a thread for, as far as one can tell. */
  left(now: number): number { return Math.max(0, this.expected - (now - this.began)) }

  resolve(result: unknown): void {
    this.alarm.clear()
    this.#done.resolve(result)
  }

  reject(error: Error): void {
    this.alarm.clear()
    this.#done.reject(error)
  }
}

/** What a call takes beside its text; also bounds how many calls without any text may wait. */
const OVERHEAD = 1024

/** What arguments weigh in bytes: two for each code unit of text in them, at any depth. */
export function weigh(args: readonly unknown[]): number {
  let units = 0
  const open: object[] = [args]
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    for (const part of Object.values(value)) {
      if (typeof part === 'string') units += part.length
      else if (typeof part === 'object' && part !== null) open.push(part)
    }
  }
  return OVERHEAD + 2 * units
}

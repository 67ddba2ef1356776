// Runs a processor in the threads of the worker's pool: the right place for what takes milliseconds of its own code.
import type { Executor } from '../executor.ts'
import type { Pool } from '../pool/pool.ts'

/** Calls one processor that is registered with a pool. Each call is one message there and one back. */
export class PoolExecutor implements Executor {
  readonly name = 'pool'
  readonly #pool: Pool
  readonly #id: string

  constructor(pool: Pool, id: string) {
    this.#pool = pool
    this.#id = id
  }

  call(method: string, args: readonly unknown[], timeout: number): Promise<unknown> {
    return this.#pool.call(this.#id, method, args, timeout)
  }
}

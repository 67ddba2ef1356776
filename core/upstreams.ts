// The connection pools of one gateway: each connection has one, made when a target first asks for it; and what watches over
// the providers behind them. Made by gateway.ts.
import { Pool, type Dispatcher } from 'undici'
import type { Connection } from '../sdk/index.ts'
import { Alarms } from './alarm.ts'
import type { Check } from './check.ts'
import { Troubles } from './troubles.ts'

/** The connection pools of one gateway, and the alarms of the calls over them. */
export class Upstreams {
  readonly alarms = new Alarms()
  readonly troubles = new Troubles()
  readonly checks: Check[] = []
  readonly #pools: { readonly connection: Connection; readonly connect: number; readonly dispatcher: Dispatcher }[] = []

  /**
   * Where calls over a connection go: its own dispatcher, or a pool of at most `connections` sockets. Asking again with
   * the same connection and `connect` timeout (milliseconds) gives the same pool.
   */
  dispatcher(connection: Connection, { connections, connect }: { connections: number; connect: number }): Dispatcher {
    const own = connection.dispatcher !== undefined
    const known = this.#pools.find(pool => pool.connection === connection && (own || pool.connect === connect))
    if (known !== undefined) return known.dispatcher
    const dispatcher = connection.dispatcher ?? new Pool(connection.origin, {
      connections,
      connectTimeout: connect,
      pipelining: 1,
      allowH2: false,
      // Servers that say how long they keep a connection are obeyed. Of those that do not, the most common in this
      // field (uvicorn) closes after 5 s, and a request that meets the close is lost.
      keepAliveTimeout: 4_000,
    })
    this.#pools.push({ connection, connect, dispatcher })
    return dispatcher
  }

  /** Begins with the checks; they end with the connections. */
  watch(): void {
    for (const check of this.checks) check.start()
  }

  /** Resolves when running calls are over and every connection is closed. */
  async close(): Promise<void> {
    for (const check of this.checks) check.stop()
    await Promise.all(this.#pools.map(({ dispatcher }) => dispatcher.close()))
  }

  /** Ends everything now; running calls fail with `draining`. */
  async destroy(): Promise<void> {
    for (const check of this.checks) check.stop()
    await Promise.all(this.#pools.map(({ dispatcher }) => dispatcher.destroy()))
  }
}

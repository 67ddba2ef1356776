// The connection pools of one gateway: each connection has one, made when a target first asks for it. Made by gateway.ts.
import { Pool, type Dispatcher } from 'undici'
import type { Connection } from '../sdk/index.ts'
import { Alarms } from './alarm.ts'

/** The connection pools of one gateway, and the alarms of the calls over them. */
export class Upstreams {
  readonly alarms = new Alarms()
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

  /** Resolves when running calls are over and every connection is closed. */
  async close(): Promise<void> {
    await Promise.all(this.#pools.map(({ dispatcher }) => dispatcher.close()))
  }

  /** Ends everything now; running calls fail with `draining`. */
  async destroy(): Promise<void> {
    await Promise.all(this.#pools.map(({ dispatcher }) => dispatcher.destroy()))
  }
}

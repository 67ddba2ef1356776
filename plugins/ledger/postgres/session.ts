// Connections to PostgreSQL: opened when needed, replaced when broken, bounded in time whatever the server does. Its errors are
// plain sentences without a name, a password or a value. Used by ../postgres.ts.
import { isIPv4 } from 'node:net'
import { Pool, type PoolClient } from 'pg'

/** Where the database is, and how to get in. */
export interface Place {
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, its parts percent-encoded. */
  readonly url: string
  readonly tls: boolean | undefined
  /** Certificates in PEM of who may vouch for the server; empty for those that Node knows. */
  readonly ca: string
}

/** Connections of one gateway: one appends, the others answer. */
const CONNECTIONS = 4
/** Milliseconds: to get a connection; for a statement, as the server counts them, and as we do, who may have lost it. */
const CONNECTING = 5_000
const STATEMENT = 30_000
const ANSWER = 35_000
/** Milliseconds to wait for a lock, and for a client that fell silent in the midst of a transaction. */
const LOCK = 10_000
const SILENCE = 15_000
/** Set for each transaction alone, so that a pooler between us and the server does not mix sessions up. */
const BOUNDS = `
  SET LOCAL statement_timeout = ${STATEMENT};
  SET LOCAL lock_timeout = ${LOCK};
  SET LOCAL idle_in_transaction_session_timeout = ${SILENCE};
  SET LOCAL synchronous_commit = on`

const SENTENCES: Readonly<Record<string, string>> = {
  '28P01': 'it refuses the user or the password', 28000: 'it refuses the user', '3D000': 'it has no such database',
  42501: 'the user may not do that', 53300: 'it has no connection left', 53100: 'its disk is full',
  '55P03': 'somebody else holds a lock for too long', 57014: 'a statement took too long',
  '57P01': 'it is stopping', '57P03': 'it is starting or stopping',
  ECONNREFUSED: 'nobody listens there', ECONNRESET: 'the connection broke', ENOTFOUND: 'no such host', ETIMEDOUT: 'no answer',
}

/** The connections of a ledger. */
export class Session {
  readonly #pool: Pool
  readonly #where: string

  constructor({ url, tls, ca }: Place) {
    const { hostname, port, pathname, username, password } = new URL(url)
    const host = hostname.replace(/^\[(.*)\]$/, '$1')
    const database = decodeURIComponent(pathname.slice(1))
    this.#where = `${host}:${port || 5432}/${database}`
    this.#pool = new Pool({
      host, port: Number(port || 5432), database, user: decodeURIComponent(username), password: decodeURIComponent(password),
      // Without `host`, a certificate for an address would be checked against "localhost".
      ssl: (tls ?? (ca !== '' || !isThisMachine(host))) && { host, rejectUnauthorized: true, ...ca !== '' && { ca } },
      max: CONNECTIONS, connectionTimeoutMillis: CONNECTING, query_timeout: ANSWER, idleTimeoutMillis: 30_000,
      keepAlive: true, application_name: 'gatehouse', allowExitOnIdle: true,
    })
    // Who uses a connection hears of its end by the query that fails; one that nobody uses is not missed.
    this.#pool.on('error', () => {})
    this.#pool.on('connect', client => client.on('error', () => {}))
  }

  /** All that the work does, or nothing of it. Rejects with a plain sentence. */
  async transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    let client: PoolClient | undefined
    try {
      client = await this.#pool.connect()
      await client.query(`BEGIN; ${BOUNDS}`)
      const result = await work(client)
      await client.query('COMMIT')
      client.release()
      return result
    } catch (error) {
      // Whatever state it is in: the server takes back what was not committed.
      client?.release(true)
      throw this.#told(error as Error & { readonly code?: string })
    }
  }

  close(): Promise<void> { return this.#pool.end() }

  /** What a server says of an error may hold the values of a row; its code does not. */
  #told({ code, message }: Error & { readonly code?: string }): Error {
    return new Error(`PostgreSQL at ${this.#where}: ${code === undefined ? message : SENTENCES[code] ?? `error ${code}`}`)
  }
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

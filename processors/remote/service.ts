// A service elsewhere that takes JSON and gives JSON: few connections, short answers, no redirects. Its errors say what went
// wrong and never what was sent or came. Used by ../remote.ts.
import { Pool, type Dispatcher } from 'undici'

/** Bytes of an answer: as many findings as one may have, each with what analyzers add to it. */
const LARGEST_ANSWER = 4 * 1024 * 1024
/** Calls that wait for a connection, beyond which one more is refused. */
const MOST_WAITING = 1024

/** Where a service is, and how it is asked. */
export interface Address {
  readonly url: string
  /** Sent as a bearer token; empty for none. */
  readonly key: string
  readonly connections: number
}

/** One service. Its connections close by themselves when it is not asked for a while. */
export class Service {
  readonly connections: number
  readonly #pool: Pool
  readonly #call: Omit<Dispatcher.RequestOptions, 'body' | 'signal'>

  constructor({ url, key, connections }: Address) {
    const { origin, pathname } = new URL(url)
    const headers = { 'content-type': 'application/json', ...(key !== '' && { authorization: `Bearer ${key}` }) }
    this.connections = connections
    this.#call = { method: 'POST', path: pathname, headers }
    this.#pool = new Pool(origin, {
      connections,
      pipelining: 1,
      allowH2: false,
      maxResponseSize: LARGEST_ANSWER,
      // A call that meets the close of its connection is lost, and some servers (gunicorn) close after 2 s without a word.
      keepAliveTimeout: 1500,
    })
  }

  /** What it answers to a question. Rejects with a sentence where that is no JSON of a success. */
  async ask(question: object, signal: AbortSignal): Promise<unknown> {
    if (this.#pool.stats.queued >= MOST_WAITING) throw new Error(`expected room to wait, got ${MOST_WAITING} calls that do`)
    const call = { ...this.#call, body: JSON.stringify(question), signal }
    const { statusCode, body } = await this.#pool.request(call).catch(unreached)
    if (statusCode !== 200) {
      body.dump().catch(() => {})
      throw new Error(`expected status 200, got ${statusCode}`)
    }
    return parse(await body.text().catch(unreached))
  }
}

/** What the network has against it, by its code: the rest of an error may be anything. */
function unreached(error: unknown): never {
  const { code } = error as { code?: unknown }
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') throw new Error(`expected an answer of at most ${LARGEST_ANSWER} bytes, got more`)
  throw new Error(`expected an answer, got ${typeof code === 'string' ? code : 'none'}`)
}

/** A SyntaxError would quote the answer. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('expected an answer in JSON, got something else')
  }
}

// A bearer token of a short life: asked for by the first call that needs one, and renewed ahead of its end while calls go
// on with the one before. Made by gateway.ts for connections that name an issuer.
import { request } from 'undici'
import type { Connection, Issuer } from '../sdk/index.ts'

/** How long the endpoint may take, in milliseconds. */
const PATIENCE = 10_000
/** Bytes. */
const LONGEST_ANSWER = 64 * 1024
/** A token that ends so soon is not used any more: clocks differ, and a call has its way to go. Milliseconds. */
const MARGIN = 30_000
/** How long an endpoint that failed is left alone, in milliseconds. */
const PAUSE = 1_000

/** A connection whose calls carry a token, where it names who gives one out. */
export function withToken(connection: Connection): Connection {
  if (connection.issuer === undefined) return connection
  const token = new Token(connection.issuer)
  return { ...connection, sign: () => token.headers() }
}

/** The token of one connection. */
class Token {
  readonly #issuer: Issuer
  #headers: readonly string[] = []
  #renewAt = 0
  #endsAt = 0
  /** The answer under way; a failed one stays while the endpoint is left alone. */
  #asking: Promise<readonly string[]> | undefined
  #askAgainAt = 0

  constructor(issuer: Issuer) {
    this.#issuer = issuer
  }

  /** Name and value of the header. A promise only where there is no valid token; it rejects where there is none to be had. */
  headers(): readonly string[] | Promise<readonly string[]> {
    const now = Date.now()
    if (now < this.#renewAt) return this.#headers
    const asking = this.#ask(now)
    return now < this.#endsAt ? this.#headers : asking
  }

  #ask(now: number): Promise<readonly string[]> {
    if (this.#asking === undefined || now >= this.#askAgainAt) {
      this.#askAgainAt = Infinity
      this.#asking = this.#renew(now)
      // Nobody waits for a renewal that is ahead of its time.
      this.#asking.catch(ignore)
    }
    return this.#asking
  }

  async #renew(now: number): Promise<readonly string[]> {
    try {
      const { token, life } = await ask(this.#issuer)
      const useful = life - MARGIN
      this.#headers = ['authorization', `Bearer ${token}`]
      this.#renewAt = now + useful * 0.75
      this.#endsAt = now + useful
      this.#askAgainAt = 0
      return this.#headers
    } catch {
      this.#askAgainAt = Date.now() + PAUSE
      // What went wrong may quote what was sent and what came.
      throw new Error('expected a token from the token endpoint')
    }
  }
}

/** A token, and the milliseconds that it lives. */
async function ask(issuer: Issuer): Promise<{ token: string; life: number }> {
  const { statusCode, body } = await request(issuer.url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams(issuer.form()).toString(),
    signal: AbortSignal.timeout(PATIENCE),
  })
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of body as AsyncIterable<Buffer>) {
    size += piece.length
    if (size > LONGEST_ANSWER) throw new Error('expected a shorter answer')
    pieces.push(piece)
  }
  const answer = JSON.parse(Buffer.concat(pieces).toString()) as { access_token?: unknown; expires_in?: unknown } | null
  const token = answer?.access_token
  // Some endpoints write the number as a text.
  const life = Number(answer?.expires_in) * 1000
  const fits = typeof token === 'string' && /^[!-~]+$/.test(token) && life > 0
  if (statusCode !== 200 || !fits) throw new Error('expected a token')
  return { token, life }
}

function ignore(): void {}

// A bearer token of a short life: asked for by the first call that needs one, and renewed ahead of its end while calls go
// on with the one before. Made by gateway.ts for connections that name an issuer; asking.ts says which was refused.
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

/** A token so young is not thrown away: where it is refused, so would be the next. Milliseconds. */
const YOUTH = 10_000

/** A connection, and what becomes of its token where it has one. */
export interface Credential extends Connection {
  /**
   * A call that began at this time (milliseconds since 1970) was refused for its token. True where another try is worth it:
   * there is a newer token, or one will be asked for.
   */
  renew?(at: number): boolean
}

/** Who hears of an endpoint that gives no tokens: why not, or undefined once it does again. */
export type Tell = (why: string | undefined) => void

/** A connection whose calls carry a token, where it names who gives one out. */
export function withToken(connection: Connection, tell: Tell = ignore): Credential {
  if (connection.issuer === undefined) return connection
  const token = new Token(connection.issuer, tell)
  return { ...connection, sign: () => token.headers(), renew: at => token.renew(at) }
}

/** The token of one connection. */
class Token {
  readonly #issuer: Issuer
  readonly #tell: Tell
  #headers: readonly string[] = []
  #gotAt = 0
  #renewAt = 0
  #endsAt = 0
  /** The answer under way; a failed one stays while the endpoint is left alone. */
  #asking: Promise<readonly string[]> | undefined
  #askAgainAt = 0

  constructor(issuer: Issuer, tell: Tell) {
    this.#issuer = issuer
    this.#tell = tell
  }

  /** Name and value of the header. A promise only where there is no valid token; it rejects where there is none to be had. */
  headers(): readonly string[] | Promise<readonly string[]> {
    const now = Date.now()
    if (now < this.#renewAt) return this.#headers
    const asking = this.#ask(now)
    return now < this.#endsAt ? this.#headers : asking
  }

  renew(at: number): boolean {
    if (at < this.#gotAt) return true
    if (Date.now() - this.#gotAt < YOUTH) return false
    this.#renewAt = 0
    this.#endsAt = 0
    return true
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
    const answer = await ask(this.#issuer).catch(whyNot)
    if (typeof answer === 'string') {
      this.#askAgainAt = Date.now() + PAUSE
      this.#tell(answer)
      throw new Error('expected a token from the token endpoint')
    }
    const useful = answer.life - MARGIN
    this.#headers = ['authorization', `Bearer ${answer.token}`]
    this.#gotAt = Date.now()
    this.#renewAt = now + useful * 0.75
    this.#endsAt = now + useful
    this.#askAgainAt = 0
    this.#tell(undefined)
    return this.#headers
  }
}

/** An answer that gives no token. The message quotes none of it. */
class Unfit extends Error {}

/** In words that tell no secret: what else went wrong may quote what was sent and what came. */
function whyNot(error: unknown): string {
  return error instanceof Unfit ? error.message : 'the token endpoint cannot be reached, or takes too long'
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
    if (size > LONGEST_ANSWER) throw new Unfit('the answer of the token endpoint is too long')
    pieces.push(piece)
  }
  if (statusCode !== 200) throw new Unfit(`the token endpoint answers with status ${statusCode}`)
  const answer = parsed(Buffer.concat(pieces).toString())
  const token = answer?.access_token
  // Some endpoints write the number as a text.
  const life = Number(answer?.expires_in) * 1000
  const fits = typeof token === 'string' && /^[!-~]+$/.test(token) && life > 0
  if (!fits) throw new Unfit('the token endpoint answers without a token that can be used')
  return { token, life }
}

function parsed(text: string): { access_token?: unknown; expires_in?: unknown } | null {
  try {
    return JSON.parse(text) as ReturnType<typeof parsed>
  } catch {
    return null
  }
}

function ignore(): void {}

// The targets of outage.ts, in a process of their own: a server per dialect, each as well or as ill as the weather has it.
// Told over IPC when to begin and to end; tells where it listens, how the targets are, and which streams it broke.
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { encodeFrame } from '../../core/codec/sse.ts'
import { loadTranslation } from '../../core/registry.ts'
import type { CanonicalEvent, CanonicalRequest, ProviderError, Translation } from '../../sdk/index.ts'
import { answerTo, piecesOf } from './answer.ts'
import { chanceOf } from './chance.ts'
import { forecast, type State } from './weather.ts'

/** What the other side may say: begin so much weather, or end it. */
export type Order = { readonly seed: number; readonly seconds: number } | 'end'

/** What is told: base URLs by dialect; a change; the questions whose streams broke here after text had left. */
export type Report =
  | { readonly urls: readonly string[] }
  | { readonly target: number; readonly state: State }
  | { readonly broken: readonly [question: number, how: string][] }

/** The dialects that are spoken, and what stands before their paths. */
export const SPOKEN = [['openai-chat', '/v1'], ['anthropic-messages', ''], ['gemini', '/v1beta']] as const

/** Milliseconds to the first event, to the next one, and to a whole answer. */
const PACE = { first: 150, next: 40, whole: 400 }
const SLOW = { first: 1500, next: 80, whole: 2200 }
/** Below the ports that systems give to outgoing connections: one that was left for a while is still free. */
const PORTS = [20_000, 12_000] as const
const BUSY: ProviderError = { failure: 'overloaded', message: 'Too busy after all.' }

const broken = new Map<number, string>()

class Vendor {
  state: State = 'well'
  readonly url: string
  readonly #translation: Translation
  readonly #server: Server
  readonly #port: number
  readonly #chance: () => number
  /** Streams under way of which text has left, and their questions. */
  readonly #told = new Map<ServerResponse, number>()

  private constructor(translation: Translation, server: Server, port: number, base: string, chance: () => number) {
    this.#translation = translation
    this.#server = server
    this.#port = port
    this.url = `http://127.0.0.1:${port}${base}`
    this.#chance = chance
    server.on('request', async (request, reply: ServerResponse) => {
      const { url = '' } = request
      try {
        const body = await json(request) as { stream?: boolean }
        await this.#reply(this.#translation.readRequest(body, { model: 'm', stream: body.stream === true || url.includes('stream') }), reply)
      } catch {
        reply.destroy()
      }
    })
  }

  static async open([dialect, base]: (typeof SPOKEN)[number], chance: () => number): Promise<Vendor> {
    const translation = await loadTranslation(dialect)
    for (;;) {
      const port = PORTS[0] + Math.floor(Math.random() * PORTS[1])
      const server = createServer({ keepAliveTimeout: 60_000 })
      if (await listens(server, port)) return new Vendor(translation, server, port, base, chance)
    }
  }

  /** From now on it is so. */
  async become(state: State): Promise<void> {
    this.state = state
    if (state !== 'refuses') {
      if (!this.#server.listening) await listens(this.#server, this.#port)
      return
    }
    for (const question of this.#told.values()) broken.set(question, 'died')
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #reply(request: CanonicalRequest, reply: ServerResponse): Promise<void> {
    const { state } = this
    const pace = state === 'slow' ? SLOW : PACE
    switch (state) {
      case 'hangs': return
      case 'errors': return this.#refuse(reply, 500, { failure: 'upstream', message: 'Something broke.' })
      case 'throttles': {
        reply.setHeader('retry-after', this.#chance() < 0.5 ? '1' : '2')
        return this.#refuse(reply, 429, { failure: 'rate_limit', message: 'Slow down.' })
      }
      default: return request.stream ? this.#stream(request, reply, state, pace) : this.#whole(request, reply, state, pace)
    }
  }

  #refuse(reply: ServerResponse, status: number, error: ProviderError): void {
    reply.writeHead(status, { 'content-type': 'application/json' }).end(this.#translation.writeError(error).body)
  }

  async #whole(request: CanonicalRequest, reply: ServerResponse, state: State, pace: typeof PACE): Promise<void> {
    await pause(pace.whole)
    if (state === 'false start') return this.#refuse(reply, 503, BUSY)
    const body = Buffer.from(this.#translation.writeAnswer(answerTo(request), settings(request)))
    reply.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
    if (state === 'stalls') return void reply.write(body.subarray(0, this.#chance() * body.length))
    if (state === 'breaks off') return this.#breakOff(reply)
    reply.end(body)
  }

  async #stream(request: CanonicalRequest, reply: ServerResponse, state: State, pace: typeof PACE): Promise<void> {
    const writer = this.#translation.streamWriter(settings(request))
    const { question, pieces, before, after } = piecesOf(request)
    const write = (...events: CanonicalEvent[]): void => {
      const frames = events.flatMap(event => [...writer.write(event)])
      if (frames.length > 0) reply.write(frames.map(({ payload, event }) => encodeFrame(payload, event)).join(''))
    }
    reply.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    await pause(pace.first)
    if (state === 'false start') {
      write({ event: 'error', error: BUSY })
      return void reply.end()
    }
    if (state === 'breaks off') return this.#breakOff(reply)
    write(...before)
    reply.once('close', () => this.#told.delete(reply))
    const last = state === 'stalls' ? 1 + Math.floor(this.#chance() * (pieces.length - 1)) : pieces.length
    for (const text of pieces.slice(0, last)) {
      if (reply.destroyed) return
      write({ event: 'delta', choice: 0, block: 0, text })
      this.#told.set(reply, question)
      await pause(pace.next)
    }
    if (state === 'stalls') return void broken.set(question, 'stalled')
    this.#told.delete(reply)
    write(...after)
    reply.end()
  }

  /** After the head, before a byte of the body. */
  async #breakOff(reply: ServerResponse): Promise<void> {
    reply.flushHeaders()
    await pause(20)
    reply.destroy()
  }
}

const settings = (request: CanonicalRequest) =>
  ({ model: request.model, id: 'answer-1', at: 1_700_000_000, request: { ...request, streamUsage: true } })
const pause = (ms: number): Promise<void> => new Promise(resolve => { setTimeout(resolve, ms) })
const tell = (report: Report): void => { process.send?.(report) }

/** False where somebody else has the port. */
async function listens(server: Server, port: number): Promise<boolean> {
  server.listen(port, '127.0.0.1')
  return once(server, 'listening').then(() => true, () => false)
}

const chance = chanceOf(Number(process.argv[2]))
const vendors = await Promise.all(SPOKEN.map(spoken => Vendor.open(spoken, chance)))
const timers: NodeJS.Timeout[] = []
process.on('message', async (order: Order) => {
  for (const timer of timers.splice(0)) clearTimeout(timer)
  if (order === 'end') {
    for (const vendor of vendors) await vendor.become('well')
    tell({ broken: [...broken] })
    broken.clear()
    return
  }
  for (const { at, target, state } of forecast(chanceOf(order.seed), vendors.length, order.seconds * 1000)) {
    timers.push(setTimeout(() => {
      void vendors[target]!.become(state)
      tell({ target, state })
    }, at))
  }
})
process.on('disconnect', () => process.exit())
tell({ urls: vendors.map(({ url }) => url) })

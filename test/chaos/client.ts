// A client as careful as an official one: it asks again where its connection was cut before a byte of the answer had come.
// Keeps count of how every request ended. Used by kill.ts.
import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

/** Milliseconds for one request with all of its tries. */
export const DEADLINE = 10_000
/** Milliseconds before a client asks again. */
const PAUSE = 50

/** How the requests of one route ended. */
export interface Count {
  asked: number
  served: number
  /** Tries that were cut or refused by the system before a byte had come, and that were made again. */
  again: number
  /** Answers that were cut after they had begun: nothing that a client can ask again for. */
  cut: number
  /** Told that the step itself was late or had no room. */
  refused: number
  /** Everything else, and what stayed without an end. */
  failed: number
  hung: number
  /** Milliseconds of the slowest. */
  slowest: number
}

/** A route that is asked, and what a good answer has in it. */
export interface Question {
  readonly route: string
  readonly text: string
  readonly expected: string
  readonly stream: boolean
}

/** One connection, and the counts that it shares with others. */
export class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #url: string
  readonly #counts: Map<string, Count>
  readonly #complain: (problem: string) => void
  readonly #mayBeCut: () => boolean

  /** `mayBeCut` tells, at a cut, whether a worker's end accounts for it. */
  constructor(url: string, counts: Map<string, Count>, complain: (problem: string) => void, mayBeCut: () => boolean) {
    this.#url = url
    this.#counts = counts
    this.#complain = complain
    this.#mayBeCut = mayBeCut
  }

  /** Asks, again where that is safe, and counts how it ended. */
  async ask(question: Question): Promise<void> {
    const { route } = question
    const count = this.#counts.get(route) ?? { asked: 0, served: 0, again: 0, cut: 0, refused: 0, failed: 0, hung: 0, slowest: 0 }
    this.#counts.set(route, count)
    count.asked++
    const began = performance.now()
    const deadline = AbortSignal.timeout(DEADLINE)
    for (;;) {
      const end = await this.#try(question, deadline)
      if ((end === 'again' || end === 'cut') && !deadline.aborted && !this.#mayBeCut()) this.#complain(`${route} was cut although no worker was killed`)
      if (deadline.aborted) {
        count.hung++
        this.#complain(`${route} had no answer within ${DEADLINE} ms`)
      } else if (end === 'again') {
        count.again++
        await new Promise(resolve => setTimeout(resolve, PAUSE))
        continue
      } else if (end === 'served' || end === 'cut' || end === 'refused') count[end]++
      else {
        count.failed++
        this.#complain(`${route} failed: ${end}`)
      }
      count.slowest = Math.max(count.slowest, performance.now() - began)
      return
    }
  }

  close(): void {
    this.#agent.destroy()
  }

  async #try({ route, text: asked, expected, stream }: Question, signal: AbortSignal): Promise<string> {
    const headers = { 'content-type': 'application/json' }
    const call = request(`${this.#url}/v1/chat/completions`, { method: 'POST', agent: this.#agent, headers, signal })
    call.end(JSON.stringify({ model: route, stream, messages: [{ role: 'user', content: asked }] }))
    let reply: IncomingMessage
    try {
      [reply] = await once(call, 'response') as [IncomingMessage]
    } catch {
      return 'again'
    }
    let said: string
    try {
      said = await text(reply)
    } catch {
      return 'cut'
    }
    if (reply.statusCode === 503 && /step_(timeout|overload)/.test(said)) return 'refused'
    const content = stream ? textOf(said) : said
    const isWhole = !stream || said.includes('[DONE]')
    return reply.statusCode === 200 && content.includes(expected) && isWhole ? 'served' : `${reply.statusCode} ${said.slice(0, 300)}`
  }
}

/** The text that a stream adds up to. */
function textOf(stream: string): string {
  const frames = stream.split('\n').filter(line => line.startsWith('data: {')).map(line => JSON.parse(line.slice(6)) as Frame)
  return frames.map(({ choices }) => choices[0]?.delta.content ?? '').join('')
}

interface Frame {
  readonly choices: readonly { readonly delta: { readonly content?: string } }[]
}

// A client that asks once and looks hard at what it gets: whether it is complete, and if not, whether it was told so in the
// words of its dialect. Used by outage.ts.
import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { questionOf, textOf } from './answer.ts'

/**
 * How a request ended. `answered`: complete, and right. `refused`: an error status. `broken`: a stream that had begun, and
 * that ended with exactly one error event. `cut`: ended, or wrong, and nobody said so. `hung`: no end within its time.
 */
export type Ending = 'answered' | 'refused' | 'broken' | 'cut' | 'hung'

/** What came of one request. */
export interface Outcome {
  readonly ending: Ending
  readonly ms: number
  /** What was told, where it was no answer. */
  readonly told: string
}

/** A client with one connection. */
export class Asker {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #url: string
  readonly #patience: number

  /** `patience` is how many milliseconds a request may take. */
  constructor(url: string, patience: number) {
    this.#url = url
    this.#patience = patience
  }

  /** Asks, and resolves however it ends. */
  async ask(route: string, number: number, stream: boolean): Promise<Outcome> {
    const began = performance.now()
    const ended = (ending: Ending, told = ''): Outcome => ({ ending, told: told.slice(-300), ms: performance.now() - began })
    const signal = AbortSignal.timeout(this.#patience)
    const call = request(`${this.#url}/v1/chat/completions`, {
      method: 'POST', agent: this.#agent, headers: { 'content-type': 'application/json' }, signal,
    })
    call.end(JSON.stringify({ model: route, stream, messages: [{ role: 'user', content: questionOf(number) }] }))
    try {
      const [reply] = await once(call, 'response') as [IncomingMessage]
      const body = await text(reply)
      if (reply.statusCode !== 200) return ended('refused', `${reply.statusCode} ${body}`)
      return ended(stream ? endingOfStream(body, number) : endingOfWhole(body, number), body)
    } catch (error) {
      return ended(signal.aborted ? 'hung' : 'cut', String(error))
    }
  }

  close(): void {
    this.#agent.destroy()
  }
}

function endingOfWhole(body: string, number: number): Ending {
  const { choices } = JSON.parse(body) as { choices?: readonly { message: { content: string }; finish_reason: string }[] }
  const [choice] = choices ?? []
  return choice?.message.content === textOf(number) && choice.finish_reason === 'stop' ? 'answered' : 'cut'
}

interface Frame {
  readonly error?: unknown
  readonly choices?: readonly { readonly delta: { readonly content?: string | null }; readonly finish_reason: string | null }[]
}

function endingOfStream(body: string, number: number): Ending {
  const data = body.split('\n').filter(line => line.startsWith('data: ')).map(line => line.slice(6))
  const isDone = data.at(-1) === '[DONE]'
  const frames = data.filter(line => line !== '[DONE]').map(line => JSON.parse(line) as Frame)
  const said = frames.map(({ choices }) => choices?.[0]?.delta.content ?? '').join('')
  const errors = frames.filter(({ error }) => error !== undefined).length
  const isFinished = frames.some(({ choices }) => choices?.[0]?.finish_reason === 'stop')
  if (isDone && isFinished && errors === 0 && said === textOf(number)) return 'answered'
  return errors === 1 && frames.at(-1)?.error !== undefined && !isFinished && textOf(number).startsWith(said) ? 'broken' : 'cut'
}

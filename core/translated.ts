// An answer on its way from the target's dialect into the client's: what comes out is what a provider of the client's own
// dialect would have sent, so that everything behind it (guards, placeholders, usage) need not know. Made by reach.ts.
import {
  GatehouseError, type AnswerSettings, type CanonicalAnswer, type CanonicalEvent, type Failure, type ProviderError, type StreamReader, type StreamWriter,
  type Usage, type Warning,
} from '../sdk/index.ts'
import { lossesOf } from './answer-loss.ts'
import { atOnce } from './at-once.ts'
import type { ClientFraming, ClientStream } from './codec/client-framing.ts'
import { decoderOf, type Decoder } from './codec/framing.ts'
import { collect, type Source } from './call.ts'
import { endsFiltered, isFiltered } from './filtered.ts'
import { blockAsCalled, eventAsCalled, renamed } from './tool-names.ts'
import type { Embedding, Translating } from './way.ts'

/** What an answer's translation needs to know, and whom it tells of what it heard: nobody, before somebody takes the answer. */
export interface Hearing {
  readonly settings: AnswerSettings
  readonly framing: ClientFraming
  /** Bytes of a whole answer, and of one frame. */
  readonly limits: { readonly answer: number; readonly frame: number }
  noteUsage(usage: Usage): void
  /** Before the head of a whole answer leaves. */
  noteLosses(losses: readonly Warning[]): void
  noteUpstreamError(): void
}

/**
 * The answer in the client's dialect, its first event there: a stream that begins with an error is that error, with a status
 * of its own. Rejects where it is no answer that the target's dialect knows.
 */
export async function translated(source: Source, way: Translating, hearing: Hearing): Promise<Source> {
  const type = String(source.headers['content-type'] ?? '')
  if (source.status < 400 && hearing.settings.request.stream && !type.startsWith('application/json')) {
    const stream = new TranslatedStream(source, way, hearing)
    const error = await stream.begin()
    return error === undefined ? stream : failed(source, way, hearing, error)
  }
  const body = parsed(await collect(source, hearing.limits.answer))
  if (source.status >= 400) return failed(source, way, hearing, way.target.readError(source.status, body))
  return whole(source, way, body, hearing)
}

function whole(source: Source, way: Translating, body: unknown, hearing: Hearing): Source {
  let answer: CanonicalAnswer
  try {
    answer = way.target.readAnswer(body)
  } catch (error) {
    // Some providers tell of an error under a good status.
    if (typeof body === 'object' && body !== null && 'error' in body) return failed(source, way, hearing, way.target.readError(0, body))
    throw unreadable(error)
  }
  if (answer.choices.some(({ finish }) => finish.stop === 'malformed' || finish.stop === 'error')) {
    throw new GatehouseError('upstream_error', 'The upstream gave up its answer halfway.')
  }
  const names = renamed(hearing.settings.request)
  const choices = names === undefined ? answer.choices
    : answer.choices.map(choice => ({ ...choice, blocks: choice.blocks.map(block => blockAsCalled(block, names)) }))
  const called = { ...answer, choices }
  const written = way.client.writeAnswer(called, hearing.settings)
  const taken = (): void => {
    if (answer.usage !== undefined) hearing.noteUsage(answer.usage)
    hearing.noteLosses(lossesOf(called, written, way.client))
  }
  return atOnce(200, headersOf(source.headers, 'application/json'), hearing.framing.whole(written), isFiltered(answer) ? 'content' : undefined, taken)
}

/** An error of the target's, as the client has it. */
export function failed(
  source: Source, { client }: Pick<Translating | Embedding, 'client'>, { framing }: Pick<Hearing, 'framing'>, error: ProviderError,
): Source {
  const { status, body } = client.writeError(error)
  const headers = headersOf(source.headers, 'application/json')
  const wait = error.retryAfter === undefined ? {} : { 'retry-after': String(Math.ceil(error.retryAfter)) }
  return atOnce(status, { ...wait, ...headers }, framing.whole(body), error.failure)
}

/** Undefined for what is no JSON: a page of a proxy in between, of which the status says enough. */
export function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

/** Headers of the target's answer that mean the same to any client. */
const KEPT = ['retry-after', 'x-request-id', 'request-id'] as const

/** The head of an answer that was translated. */
export function headersOf(headers: Source['headers'], type: string): Source['headers'] {
  const kept: Record<string, string | string[] | undefined> = { 'content-type': type }
  for (const name of KEPT) if (headers[name] !== undefined) kept[name] = headers[name]
  return kept
}

const EMPTY = Buffer.alloc(0)

/** Frames of the target in, frames of the client out. */
class TranslatedStream implements Source {
  readonly status = 200
  readonly headers: Source['headers']
  failure: Failure | undefined = undefined
  readonly #source: Source
  readonly #decoder: Decoder
  readonly #reader: StreamReader
  readonly #writer: StreamWriter
  readonly #form: ClientStream
  readonly #hearing: Hearing
  readonly #names: ReadonlyMap<string, string> | undefined
  /** How the stream began, and what was written of it. */
  readonly #begun: CanonicalEvent[] = []
  #first = ''
  #over = false
  #ended = false

  constructor(source: Source, { target, client }: Translating, hearing: Hearing) {
    this.#source = source
    this.headers = headersOf(source.headers, `${hearing.framing.type}; charset=utf-8`)
    this.#decoder = decoderOf(target.framing, hearing.limits.frame)
    this.#reader = target.streamReader()
    this.#writer = client.streamWriter(hearing.settings)
    this.#form = hearing.framing.open(hearing.limits.frame)
    this.#hearing = hearing
    this.#names = renamed(hearing.settings.request)
  }

  /** Reads up to the first event that says how it goes on. Resolves with the error, where that is one. */
  async begin(): Promise<ProviderError | undefined> {
    while (!this.#over) {
      const events = await this.#read()
      const telling = events.find(({ event }) => event !== 'start' && event !== 'usage')
      if (telling?.event === 'error') {
        this.#source.cancel(new GatehouseError('upstream_error', 'The stream has failed.'))
        return telling.error
      }
      if (telling !== undefined && endsFiltered(telling)) this.failure = 'content'
      this.#begun.push(...events)
      this.#first += this.#write(events)
      if (telling !== undefined) break
    }
    return undefined
  }

  async next(): Promise<Buffer | null> {
    this.#hear(this.#begun)
    this.#begun.length = 0
    let text = this.#first
    this.#first = ''
    if (text === '' && !this.#over) {
      const events = await this.#read()
      this.#hear(events)
      text = this.#write(events)
    }
    if (text !== '') return this.#formed(Buffer.from(text))
    // What was heard waits for more: a call for the rest of its arguments.
    if (!this.#over) return EMPTY
    if (!this.#ended) throw new GatehouseError('upstream_closed', 'The upstream ended its answer before it was complete.')
    return null
  }

  cancel(reason: GatehouseError): void {
    this.#source.cancel(reason)
  }

  /** With what the client's form has around its frames. */
  #formed(frames: Buffer): Buffer {
    if (this.#form.join === undefined) return frames
    const out = [frames]
    this.#form.join(out)
    if (this.#ended && this.#form.close !== undefined) out.push(this.#form.close())
    return Buffer.concat(out)
  }

  async #read(): Promise<CanonicalEvent[]> {
    const chunk = await this.#source.next()
    this.#over = chunk === null
    try {
      const frames = chunk === null ? this.#decoder.end() : this.#decoder.push(chunk)
      const events = frames.flatMap(frame => [...this.#reader.read(frame)])
      return chunk === null ? [...events, ...this.#reader.close()] : events
    } catch (error) {
      throw error instanceof GatehouseError ? error : unreadable(error)
    }
  }

  #hear(events: readonly CanonicalEvent[]): void {
    for (const event of events) {
      if (event.event === 'usage') this.#hearing.noteUsage(event.usage)
      if (event.event === 'error') this.#hearing.noteUpstreamError()
    }
  }

  #write(events: readonly CanonicalEvent[]): string {
    let text = ''
    for (const event of events) {
      if (event.event === 'end' || event.event === 'error') this.#ended = true
      const called = this.#names === undefined ? event : eventAsCalled(event, this.#names)
      for (const { payload, event: name } of this.#writer.write(called)) text += this.#hearing.framing.frame(payload, name)
    }
    return text
  }
}

/** What a reader throws may quote the answer, and stays here. */
export function unreadable(error: unknown): GatehouseError {
  return new GatehouseError('upstream_invalid', "The upstream's answer is not what its dialect knows.", { cause: error })
}

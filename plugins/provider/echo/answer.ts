// What the echo provider answers to a request: OpenAI's API, in its exact shapes, with nothing behind it. Pure but for
// ids and the clock. Called by echo.ts.
import { chat, completions } from './generation.ts'
import { instruct, type Instructions } from './instructions.ts'
import { embeddings, models, moderations } from './judgement.ts'
import { fieldsOf, Refusal, type Request } from './request.ts'

/** A piece of an answer: bytes, or what befalls it there. */
export type Piece = Buffer | 'stall' | 'cut'

/** An answer, ready to be delivered. */
export interface Answer {
  readonly status: number
  readonly type: string
  /** Made one by one, as they are sent. */
  readonly pieces: Iterator<Piece, void>
  /** Milliseconds before the head, and between two pieces. */
  readonly slow: number
  readonly pace: number
}

/** Either the body of a whole answer, or the payloads of a stream. */
export type Said = { readonly whole: object } | { readonly events: Iterable<string> }

type Speaker = (request: Request, told: Instructions) => Said

const SPEAKERS: ReadonlyMap<string, Speaker> = new Map([
  ['/chat/completions', chat],
  ['/completions', completions],
  ['/embeddings', embeddings],
  ['/moderations', moderations],
])

/**
 * The answer to a request. `standing` holds unless the request's own `metadata.echo` says otherwise; `fails` is asked
 * where the request is told to fail, with how many such requests go well.
 */
export function answerTo(path: string, body: string, standing: Instructions, fails: (after: number) => boolean): Answer {
  try {
    const name = path.split('?', 1)[0]!
    if (name === '/models') return whole(200, models(), {})
    const speaker = SPEAKERS.get(name)
    if (speaker === undefined) throw new Refusal(404, `The echo provider serves ${[...SPEAKERS.keys()].join(', ')} and /models.`)
    const request = parse(body, name)
    const told = toldBy(request, standing)
    if (told.fail !== undefined && fails(told['fail-after'] ?? 0)) return failed(told.fail, told)
    const said = speaker(request, told)
    return 'whole' in said ? whole(200, said.whole, told) : streamed(said.events, told)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return whole(error.status, problem(error.message, 'invalid_request_error', error.param), {})
  }
}

function parse(body: string, path: string): Request {
  let request: unknown
  try {
    request = JSON.parse(body)
  } catch {
    throw new Refusal(400, 'Expected a body of valid JSON.')
  }
  const { model } = fieldsOf(request)
  // Moderation is the one call that names no model of its own.
  if (path === '/moderations' && model === undefined) return fieldsOf(request)
  if (typeof model !== 'string' || model === '') throw new Refusal(400, 'Expected a model: any name will do.', 'model')
  return fieldsOf(request)
}

function toldBy(request: Request, standing: Instructions): Instructions {
  const { echo } = fieldsOf(request.metadata)
  if (typeof echo !== 'string') return standing
  try {
    return instruct(standing, echo)
  } catch (error) {
    throw new Refusal(400, (error as Error).message, 'metadata.echo')
  }
}

function failed(status: number, told: Instructions): Answer {
  const message = `The echo provider was told to fail with ${status}.`
  const body = status === 429 ? problem(message, 'requests', null, 'rate_limit_exceeded')
    : problem(message, status < 500 ? 'invalid_request_error' : 'server_error')
  return whole(status, body, { slow: told.slow ?? 0 })
}

const problem = (message: string, type: string, param: string | null = null, code: string | null = null): object =>
  ({ error: { message, type, param, code } })

const BREAK_OFF = JSON.stringify(problem('The echo provider was told to break off here.', 'server_error'))

function whole(status: number, body: object, told: Instructions): Answer {
  const bytes = Buffer.from(JSON.stringify(body))
  const half = bytes.length >> 1
  const pieces = disturbed([bytes.subarray(0, half), bytes.subarray(half)], told, Buffer.from('\xff{', 'latin1'))
  return { status, type: 'application/json', pieces, slow: told.slow ?? 0, pace: 0 }
}

function streamed(events: Iterable<string>, told: Instructions): Answer {
  const end = told.crlf === 1 ? '\r\n\r\n' : '\n\n'
  const pieces = disturbed(frames(events, end, told['error-after']), told, Buffer.from(`data: \xff{${end}`, 'latin1'))
  return { status: 200, type: 'text/event-stream; charset=utf-8', pieces, slow: told.slow ?? 0, pace: told.pace ?? 0 }
}

function* frames(events: Iterable<string>, end: string, errorAfter = Infinity): Generator<Buffer, void> {
  let sent = 0
  for (const event of events) {
    if (sent++ === errorAfter) return yield Buffer.from(`data: ${BREAK_OFF}${end}`)
    yield Buffer.from(`data: ${event}${end}`)
  }
  yield Buffer.from(`data: [DONE]${end}`)
}

function* disturbed(pieces: Iterable<Buffer>, told: Instructions, garbage: Buffer): Generator<Piece, void> {
  let sent = 0
  for (const piece of pieces) {
    if (sent === told['stall-after']) return yield 'stall'
    if (sent === told['cut-after']) return yield 'cut'
    if (sent === told['garbage-after']) yield garbage
    yield piece
    sent++
  }
  if (sent === told['stall-after']) yield 'stall'
  if (sent === told['cut-after']) yield 'cut'
}

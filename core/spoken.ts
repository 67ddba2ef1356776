// An answer of the gateway's own words, in the client's dialect and in the form that the client asked for: what a
// responder said, or the polite form of a block. Called by reach.ts and refusal.ts.
import { GatehouseError } from '../sdk/index.ts'
import { encodeFrame } from './codec/sse.ts'
import type { Context } from './context.ts'
import type { Source } from './upstream.ts'

/** The answer as a source, as if it had come from upstream. Throws where the dialect cannot express one. */
export function speak(context: Context, text: string, finish: 'stop' | 'content_filter'): Source {
  const { dialect } = context
  const reply = { id: context.id, model: context.model, text, finish, at: Math.floor(context.at / 1000) }
  if (context.stream && dialect.streaming !== undefined) {
    const payloads = [...dialect.streaming.answer(reply)]
    if (dialect.streaming.done !== undefined) payloads.push(dialect.streaming.done)
    return once('text/event-stream; charset=utf-8', payloads.map(payload => encodeFrame(payload)).join(''))
  }
  if (dialect.answer === undefined) throw new GatehouseError('internal', `The dialect ${dialect.name} has no form for an answer of the gateway's own.`)
  return once('application/json', dialect.answer(reply))
}

function once(type: string, body: string): Source {
  let rest: Buffer | null = Buffer.from(body)
  return {
    status: 200,
    headers: { 'content-type': type },
    next() {
      const now = rest
      rest = null
      return now
    },
    cancel() { rest = null },
  }
}

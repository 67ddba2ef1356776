// An answer of the gateway's own words, in the client's dialect and in the form that the client asked for: what a
// responder said, or the polite form of a block. Called by reach.ts and refusal.ts.
import { GatehouseError, type Streaming } from '../sdk/index.ts'
import { encodeFrame } from './codec/sse.ts'
import type { Context } from './context.ts'
import { atOnce } from './at-once.ts'
import type { Source } from './upstream.ts'

/** A frame of the gateway's own, as the dialect frames it. */
export function frameFor({ named }: Streaming, payload: string): string {
  return encodeFrame(payload, named === true ? /^\{"type":"([\w.]+)"/.exec(payload)?.[1] : undefined)
}

/** The answer as a source, as if it had come from upstream. Throws where the dialect cannot express one. */
export function speak(context: Context, text: string, finish: 'stop' | 'content_filter'): Source {
  const { dialect } = context
  const reply = { id: context.id, model: context.model, text, finish, at: Math.floor(context.at / 1000) }
  const { streaming } = dialect
  if (context.stream && streaming !== undefined) {
    const payloads = [...streaming.answer(reply)]
    if (streaming.done !== undefined) payloads.push(streaming.done)
    return atOnce(200, { 'content-type': 'text/event-stream; charset=utf-8' }, payloads.map(payload => frameFor(streaming, payload)).join(''))
  }
  if (dialect.answer === undefined) throw new GatehouseError('internal', `The dialect ${dialect.name} has no form for an answer of the gateway's own.`)
  return atOnce(200, { 'content-type': 'application/json' }, dialect.answer(reply))
}

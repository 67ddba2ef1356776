// An answer of the gateway's own words, in the client's dialect and in the form that the client asked for: what a
// responder said, or the polite form of a block. Called by reach.ts and refusal.ts.
import { GatehouseError } from '../sdk/index.ts'
import type { Source } from './call.ts'
import type { Context } from './context.ts'
import { atOnce } from './at-once.ts'

/** A frame of the gateway's own, as the client's streams have it. */
export function frameFor({ dialect, framing }: Context, payload: string): string {
  const named = dialect.streaming!.named === true
  return framing.frame(payload, named ? /^\{"type":"([\w.]+)"/.exec(payload)?.[1] : undefined)
}

/** The answer as a source, as if it had come from upstream. Throws where the dialect cannot express one. */
export function speak(context: Context, text: string, finish: 'stop' | 'content_filter'): Source {
  const { dialect } = context
  const reply = { id: context.id, model: context.model, text, finish, at: Math.floor(context.at / 1000) }
  const { streaming } = dialect
  if (context.stream && streaming !== undefined) {
    const payloads = [...streaming.answer(reply)]
    if (streaming.done !== undefined) payloads.push(streaming.done)
    const { framing } = context
    const frames = payloads.map(payload => frameFor(context, payload))
    return atOnce(200, { 'content-type': `${framing.type}; charset=utf-8` }, framing.all(frames))
  }
  if (dialect.answer === undefined) throw new GatehouseError('internal', `The dialect ${dialect.name} has no form for an answer of the gateway's own.`)
  return atOnce(200, { 'content-type': 'application/json' }, dialect.answer(reply))
}

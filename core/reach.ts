// Gets an answer: from the step that gave one, or from the targets of the route, one after another. Called by proxy.ts.
import { GatehouseError, type ByteEdit, type Tape } from '../sdk/index.ts'
import { order } from './balancer.ts'
import type { Context } from './context.ts'
import { setField } from './conversation.ts'
import { complete } from './complete.ts'
import { attempt } from './fallback.ts'
import { firstEvent } from './first-event.ts'
import type { Target } from './router.ts'
import { speak } from './spoken.ts'
import { splice } from './splice.ts'
import { translated } from './translated.ts'
import { hearingOf, translate } from './translate.ts'
import { open, type Call, type Source, type UpstreamRequest } from './upstream.ts'

/** The answer's source, with its head there. */
export function reach(context: Context): Source | Promise<Source> {
  if (context.answer !== undefined) return speak(context, context.answer.text, context.answer.finish ?? 'stop')
  const route = context.route!
  const { targets, fallback, balance, patience } = route
  const edits = context.conversation?.rewrite() ?? []
  const lot = { random: Math.random(), turn: route.turn++, key: context.consumer.name }
  const candidates = [...order(targets, balance, lot), ...fallback].filter(({ ways }) => ways.has(context.dialect.name))
  if (candidates.length === 0) throw new GatehouseError('untranslatable', `No target of the route "${route.name}" can be asked in the dialect ${context.dialect.name}.`)
  // A body that is a stream can be sent once only.
  return attempt(context, context.tape === undefined ? candidates.slice(0, 1) : candidates, {
    send: target => send(context, target, edits),
    receive: (target, call) => receive(context, target, call),
  }, patience)
}

function send(context: Context, target: Target, edits: readonly ByteEdit[]): Call {
  const { connection } = target
  const way = target.ways.get(context.dialect.name)!
  const request: UpstreamRequest = way.translates ? translate(context, way, target, edits) : {
    path: connection.path(context.path, target.model ?? context.model),
    method: context.request.method,
    headers: headersFor(context),
    body: bodyFor(context, target, edits),
  }
  context.target = target
  context.call = open(target, request, context.gateway.alarms)
  // The client may have left, or the time run out, between two attempts.
  if (context.cancelled !== undefined) context.call.cancel(context.cancelled)
  return context.call
}

function receive(context: Context, target: Target, call: Call): Source | Promise<Source> {
  const way = target.ways.get(context.dialect.name)!
  if (way.translates) return translated(call, way, hearingOf(context))
  const { limits } = context.gateway.config
  if (context.stream) return way.spoken === undefined ? call : firstEvent(call, way.spoken, limits.frame)
  return context.tape === undefined ? call : complete(call, limits.answer)
}

/** What the upstream gets: the client's bytes, with the chain's edits and the target's own. */
function bodyFor(context: Context, target: Target, edits: readonly ByteEdit[]): UpstreamRequest['body'] {
  const { tape, body } = context
  if (tape === undefined || !Buffer.isBuffer(body)) return Buffer.isBuffer(body) ? body : body ?? null
  const own: ByteEdit[] = []
  // A dialect that tells the model elsewhere has it in its path, which the provider writes.
  const inBody = context.dialect.asked === undefined
  if (inBody && target.model !== undefined && target.model !== context.model) own.push(setField(tape, 'model', target.model))
  const asking = usageEdit(context, target, tape)
  if (asking !== undefined) own.push(asking)
  return own.length + edits.length === 0 ? body : splice(body, [...edits, ...own])
}

/** Streams of most vendors tell their usage only when asked to. Asked is only where a step needs it. */
function usageEdit(context: Context, target: Target, tape: Tape): ByteEdit | undefined {
  context.askedForUsage = false
  if (!context.stream || !context.chain.needsUsage || !target.connection.streamUsage) return undefined
  const edit = context.dialect.askForUsage?.(tape)
  context.askedForUsage = edit !== undefined
  return edit
}

/** Only headers that the dialect names go on; cookies, keys and whatever else a client sends stay here. */
function headersFor(context: Context): string[] {
  const { headers } = context.request
  const list = ['accept-encoding', 'identity']
  for (const name of context.dialect.forwards) {
    const value = headers[name]
    if (typeof value === 'string') list.push(name, value)
  }
  // Whatever a client calls its JSON (curl's default is a form), it goes on as JSON.
  if (context.tape !== undefined) list.push('content-type', 'application/json')
  else if (headers['content-length'] !== undefined) list.push('content-length', headers['content-length'])
  return list
}

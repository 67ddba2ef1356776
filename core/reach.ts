// Gets an answer: from the step that gave one, or from the targets of the route, one after another. Called by proxy.ts.
import { GatehouseError, type ByteEdit, type Connection } from '../sdk/index.ts'
import { order } from './balancer.ts'
import type { Call, Source } from './call.ts'
import type { Context } from './context.ts'
import { complete } from './complete.ts'
import { embedded } from './embed.ts'
import { attempt } from './fallback.ts'
import { firstEvent, readOn } from './first-event.ts'
import { identified, outgoing } from './outgoing.ts'
import { looksInside } from './reason.ts'
import type { Target } from './router.ts'
import { speak } from './spoken.ts'
import { translated } from './translated.ts'
import { hearingOf, tell } from './translate.ts'
import { open } from './upstream.ts'

/** The answer's source, with its head there. */
export function reach(context: Context): Source | Promise<Source> {
  if (context.answer !== undefined) return speak(context, context.answer.text, context.answer.finish ?? 'stop')
  const route = context.route!
  const { targets, fallback, balance, patience, mirror } = route
  const { edits } = context
  const lot = { random: Math.random(), turn: route.turn++, key: context.consumer.name, model: context.model }
  const candidates = [...order(targets, balance, lot), ...fallback].filter(({ ways }) => ways.has(context.dialect.name))
  if (candidates.length === 0) throw new GatehouseError('untranslatable', `No target of the route "${route.name}" can be asked in the dialect ${context.dialect.name}.`)
  // A body that is a stream can be sent once only.
  const once = context.tape === undefined
  const answer = attempt(context, once ? candidates.slice(0, 1) : candidates, {
    send: (target, connection) => send(context, target, connection, edits),
    receive: (target, call) => receive(context, target, call),
    taken: target => taken(context, target),
  }, patience)
  if (mirror !== undefined && !once) {
    mirror.send(target => identified(context, target, 'mirror', outgoing(context, target, edits)), context.gateway.alarms)
  }
  return answer
}

function send(context: Context, target: Target, connection: Connection, edits: readonly ByteEdit[]): Call {
  // Where a provider has several keys, some of its paths may depend on them.
  const keyed = connection === target.connection ? target : { ...target, connection }
  const request = identified(context, target, context.attempts.length - 1, outgoing(context, keyed, edits))
  tell(context, request.warnings)
  context.askedForUsage ||= request.asksUsage
  context.gateway.journal?.begin(context)
  const call = open(keyed, request, context.gateway.alarms)
  // The client may have left, or the time run out, between two attempts.
  if (context.cancelled !== undefined) call.cancel(context.cancelled)
  return call
}

/** Of all that were asked, this one answered: what was asked of the others does not count. */
function taken(context: Context, { connection, ways }: Target): void {
  context.askedForUsage &&= connection.streamUsage && ways.get(context.dialect.name)?.translates === false
}

function receive(context: Context, target: Target, call: Call): Source | Promise<Source> {
  const way = target.ways.get(context.dialect.name)!
  if (way.translates) return way.embeds ? embedded(context, way, call) : translated(call, way, hearingOf(context))
  const { limits } = context.gateway.config
  const reader = looksInside(context.route!.patience.reasons) ? way.spoken : undefined
  if (!context.stream || (reader !== undefined && call.status >= 400)) return context.tape === undefined ? call : complete(call, limits.answer, reader)
  if (reader !== undefined) return readOn(call, reader, context.framing, limits.frame)
  return way.spoken === undefined ? call : firstEvent(call, way.spoken, context.framing, limits.frame)
}

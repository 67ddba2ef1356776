// What goes to a target: the client's own bytes with the edits of the chain, or the same in the target's words. Called by
// reach.ts for each try, and for the mirror.
import { GatehouseError, type ByteEdit, type Dialect, type Tape } from '../sdk/index.ts'
import { boundLength } from './answer-length.ts'
import { needsUsage } from './chain.ts'
import type { Context } from './context.ts'
import { setField } from './conversation.ts'
import { embed } from './embed.ts'
import { idOf } from './journal.ts'
import type { Target } from './router.ts'
import { splice } from './splice.ts'
import { translate, type Outgoing } from './translate.ts'

/** The request for a target. Throws `untranslatable` where the target's dialect cannot say it. */
export function outgoing(context: Context, target: Target, edits: readonly ByteEdit[]): Outgoing {
  const way = target.ways.get(context.dialect.name)
  if (way === undefined) throw new GatehouseError('untranslatable', 'The target cannot be asked in the dialect of the client.')
  const bounding = lengthEdits(context, way.translates ? undefined : target.connection.lengthField)
  if (bounding.length > 0) edits = [...edits.filter(edit => !bounding.some(other => isInPlaceOf(other, edit))), ...bounding]
  if (way.translates) return way.embeds ? embed(context, way, target, edits) : translate(context, way, target, edits)
  const asking = usageEdit(context, target)
  return {
    path: target.connection.path(context.path, target.model ?? context.model),
    method: context.request.method,
    headers: headersFor(context),
    body: bodyFor(context, target, asking === undefined ? edits : [...edits, asking]),
    warnings: [],
    asksUsage: asking !== undefined,
  }
}

/**
 * The request with the id of its attempt, where the provider is to be told it: in place of a client's own header of that name,
 * which could name another's attempt. What a mirror gets is no attempt, and its id is none that the ledger has.
 */
export function identified(context: Context, { idHeader }: Target, attempt: number | 'mirror', request: Outgoing): Outgoing {
  if (idHeader === undefined) return request
  const others = request.headers.filter((_, at, all) => all[at - at % 2] !== idHeader)
  return { ...request, headers: [...others, idHeader, idOf(context, attempt)] }
}

/** The client's bytes, edited. */
function bodyFor({ tape, body, model, dialect }: Context, target: Target, edits: readonly ByteEdit[]): Outgoing['body'] {
  if (tape === undefined || !Buffer.isBuffer(body)) return body ?? null
  const own = target.model === undefined || target.model === model ? [] : renamed(dialect, tape, target.model)
  return own.length + edits.length === 0 ? body : splice(body, [...edits, ...own])
}

/** A dialect that tells the model elsewhere has it in its path, which the provider writes; some say it in the body again. */
function renamed({ asked, rename }: Dialect, tape: Tape, model: string): readonly ByteEdit[] {
  return rename?.(tape, model) ?? (asked === undefined ? [setField(tape, 'model', model)] : [])
}

/** An answer that the client leaves open is as long as the budgets that count it were asked for. */
function lengthEdits({ tape, dialect: { length }, admission }: Context, field: string | undefined): readonly ByteEdit[] {
  const most = admission?.bound
  return tape === undefined || length === undefined || most === undefined ? [] : boundLength(tape, length, most, field)
}

/** True where both edits give the same value, which a step may have set as well. */
function isInPlaceOf(one: ByteEdit, other: ByteEdit): boolean {
  return one.start === other.start && one.end === other.end && one.start < one.end
}

/** Streams of most vendors tell their usage only when asked to. Asked is only where somebody needs it. */
function usageEdit(context: Context, { connection }: Target): ByteEdit | undefined {
  const { tape, stream, dialect } = context
  if (tape === undefined || !stream || !needsUsage(context) || !connection.streamUsage) return undefined
  return dialect.askForUsage?.(tape)
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

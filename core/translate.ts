// A request on its way into a target's dialect, and what the answer's way back has to know of it. Called by reach.ts for
// targets that do not speak what the client does.
import { GatehouseError, type ByteEdit, type CanonicalRequest, type Warning, type Written } from '../sdk/index.ts'
import type { Context } from './context.ts'
import type { Target } from './router.ts'
import { splice } from './splice.ts'
import { withLegalNames } from './tool-names.ts'
import type { Hearing } from './translated.ts'
import type { UpstreamRequest } from './upstream.ts'
import type { Translating } from './way.ts'

/** A request as it goes to a target. */
export interface Outgoing extends UpstreamRequest {
  /** What of it the target is not told, or told otherwise. */
  readonly warnings: readonly Warning[]
  /** True where the gateway, not the client, asks for the usage of the stream. */
  readonly asksUsage: boolean
}

/** What goes to the target: the client's request, with the chain's edits, in the target's own words. */
export function translate(context: Context, way: Translating, target: Target, edits: readonly ByteEdit[]): Outgoing {
  const model = target.model ?? context.model
  const request = { ...withLegalNames(canonicalOf(context, way, edits)), model }
  const facts = context.gateway.models.find(model)
  return written(context, target, way.target.pathOf(model, request.stream), way.target.writeRequest(request, facts))
}

/** The call with what was written for a target. */
export function written(context: Context, { connection, model }: Target, path: string, { body, warnings }: Written): Outgoing {
  return {
    path: connection.path(path, model ?? context.model),
    method: 'POST',
    headers: ['accept-encoding', 'identity', 'content-type', 'application/json'],
    body: Buffer.from(body),
    warnings,
    asksUsage: false,
  }
}

/** The client's request with the chain's edits. */
export function edited({ tape }: Context, edits: readonly ByteEdit[]): unknown {
  const bytes = edits.length === 0 ? tape!.bytes : splice(tape!.bytes, edits)
  return JSON.parse(bytes.toString())
}

/** Read once, whichever and however many targets are tried. */
function canonicalOf(context: Context, { client }: Translating, edits: readonly ByteEdit[]): CanonicalRequest {
  const { model, stream } = context
  context.canonical ??= client.readRequest(edited(context, edits), { model, stream })
  return context.canonical
}

/** The most warnings that a reply's headers tell; a conversation may have thousands of turns. */
const MOST_WARNINGS = 8
/** Clients choose the names of fields that nobody knows. */
const LONGEST_FIELD = 80

/** Tells the client what the target will not hear of. Throws `untranslatable` where that is more than the route or the client takes. */
export function tell(context: Context, warnings: readonly Warning[]): void {
  if (context.onLoss === 'reject') refuseLosses(warnings)
  note(context, warnings)
}

function note(context: Context, warnings: readonly Warning[]): void {
  for (const { field, action, why } of warnings) {
    const sentence = `${field} ${action}: ${why}`
    if (context.warnings.length < MOST_WARNINGS && !context.warnings.includes(sentence)) context.warnings.push(sentence)
  }
}

function refuseLosses(warnings: readonly Warning[]): void {
  const lost = warnings.filter(({ action }) => action !== 'emulated')
  if (lost.length === 0) return
  const told = [...new Set(lost.map(({ field, action }) => `${field.slice(0, LONGEST_FIELD)} ${action}`))].slice(0, MOST_WARNINGS)
  throw new GatehouseError('untranslatable', `The target cannot be told all of the request, as was asked for: ${told.join(', ')}.`,
    { param: lost[0]!.field.slice(0, LONGEST_FIELD) })
}

/** What the way back needs of the exchange. */
export function hearingOf(context: Context): Hearing {
  return {
    settings: { model: context.model, id: context.id, at: Math.floor(context.at / 1000), request: context.canonical! },
    framing: context.framing,
    limits: context.gateway.config.limits,
    noteUsage: usage => context.heardUsage(usage),
    noteLosses: losses => note(context, losses),
    noteUpstreamError: () => context.noteUpstreamError(),
  }
}

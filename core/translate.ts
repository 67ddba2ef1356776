// A request on its way into a target's dialect, and what the answer's way back has to know of it. Called by reach.ts for
// targets that do not speak what the client does.
import type { ByteEdit, CanonicalRequest, Warning } from '../sdk/index.ts'
import type { Context } from './context.ts'
import type { Target } from './router.ts'
import { splice } from './splice.ts'
import { legally } from './tool-names.ts'
import type { Hearing } from './translated.ts'
import type { UpstreamRequest } from './upstream.ts'
import type { Translating } from './way.ts'

/** What goes to the target: the client's request, with the chain's edits, in the target's own words. */
export function translate(context: Context, way: Translating, { connection, model }: Target, edits: readonly ByteEdit[]): UpstreamRequest {
  const request = { ...legally(canonicalOf(context, way, edits)), model: model ?? context.model }
  const { body, warnings } = way.target.writeRequest(request, way.facts)
  for (const warning of warnings) warn(context, warning)
  return {
    path: connection.path(way.target.pathOf(request.model, request.stream), request.model),
    method: 'POST',
    headers: ['accept-encoding', 'identity', 'content-type', 'application/json'],
    body: Buffer.from(body),
  }
}

/** Read once, whichever and however many targets are tried. */
function canonicalOf(context: Context, { client }: Translating, edits: readonly ByteEdit[]): CanonicalRequest {
  if (context.canonical === undefined) {
    const { model, stream, tape } = context
    const bytes = edits.length === 0 ? tape!.bytes : splice(tape!.bytes, edits)
    context.canonical = client.readRequest(JSON.parse(bytes.toString()), { model, stream })
  }
  return context.canonical
}

/** The most warnings that a reply's headers tell; a conversation may have thousands of turns. */
const MOST_WARNINGS = 8

function warn(context: Context, { field, action, why }: Warning): void {
  const sentence = `${field} ${action}: ${why}`
  if (context.warnings.length < MOST_WARNINGS && !context.warnings.includes(sentence)) context.warnings.push(sentence)
}

/** What the way back needs of the exchange. */
export function hearingOf(context: Context): Hearing {
  return {
    settings: { model: context.model, id: context.id, at: Math.floor(context.at / 1000), request: context.canonical! },
    limits: context.gateway.config.limits,
    noteUsage: usage => { context.usage = usage },
    noteUpstreamError: () => context.noteUpstreamError(),
  }
}

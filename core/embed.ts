// Embeddings on their way to a target of another format, and back. Called by outgoing.ts and reach.ts for targets that do not
// speak what the client does.
import { GatehouseError, type ByteEdit, type EmbeddingAnswer } from '../sdk/index.ts'
import { atOnce } from './at-once.ts'
import { collect, type Source } from './call.ts'
import type { Context } from './context.ts'
import type { Target } from './router.ts'
import { edited, written, type Outgoing } from './translate.ts'
import { failed, headersOf, parsed, unreadable } from './translated.ts'
import type { Embedding } from './way.ts'

/** What goes to the target: the client's request, with the chain's edits, in the target's own words. */
export function embed(context: Context, way: Embedding, target: Target, edits: readonly ByteEdit[]): Outgoing {
  const { model, stream } = context
  context.embedding ??= way.client.readRequest(edited(context, edits), { model, stream })
  const request = { ...context.embedding, model: target.model ?? model }
  return written(context, target, way.target.pathOf(request.model), way.target.writeRequest(request))
}

/** The answer in the client's format. Rejects where it is none that the target's knows, or has not a vector for each input. */
export async function embedded(context: Context, way: Embedding, source: Source): Promise<Source> {
  const body = parsed(await collect(source, context.gateway.config.limits.answer))
  if (source.status >= 400) return failed(source, way, context, way.target.readError(source.status, body))
  const request = context.embedding!
  const answer = answerIn(body, way)
  if (answer.vectors.length !== request.inputs.length) {
    throw new GatehouseError('upstream_invalid', 'Expected a vector for each input from the upstream.')
  }
  const { usage } = answer
  const taken = usage && ((): void => context.heardUsage(usage))
  return atOnce(200, headersOf(source.headers, 'application/json'), way.client.writeAnswer(answer, request), undefined, taken)
}

function answerIn(body: unknown, { target }: Embedding): EmbeddingAnswer {
  try {
    return target.readAnswer(body)
  } catch (error) {
    throw unreadable(error)
  }
}

// Turns what went wrong into the reply, in the client's dialect. The one place where errors become answers: proxy.ts
// comes here with whatever a stage threw, server.ts with what Fastify found before a request became one of ours.
import { GatehouseError } from '../sdk/index.ts'
import type { Context } from './context.ts'
import { begun, end, writeHead, writeOwn } from './reply.ts'
import { speak } from './spoken.ts'
import { Blocked } from './step.ts'

/** Replies to a request that failed, or breaks the answer off where it had begun. */
export async function refuse(context: Context, thrown: unknown): Promise<void> {
  const error = GatehouseError.from(thrown)
  noteFailure(context, error)
  context.cancel(error)
  if (context.reply.raw.destroyed) return
  // An unread answer broke off: cutting the connection is the only honest end that bytes without a dialect have.
  if (begun(context)) return void context.reply.raw.destroy()
  if (error instanceof Blocked && error.step.blockResponse.style === 'finish' && context.dialect.answer !== undefined) {
    return finishPolitely(context, error)
  }
  const headers = errorHeaders(error)
  // An upload that nobody reads any more would keep the connection busy for as long as the client likes.
  if (context.body !== undefined && !Buffer.isBuffer(context.body) && !headers.includes('connection')) headers.push('connection', 'close')
  writeOwn(context, error.status, context.framing.whole(context.dialect.error(error)), headers)
}

/** Writes into the record how the exchange ended. */
export function noteFailure(context: Context, error: GatehouseError): void {
  context.error ??= error
  if (context.cancelled?.code === 'client_closed') context.ending = 'client_closed'
  else if (error instanceof Blocked) context.ending = 'blocked'
  else if (error.code === 'deadline' || error.code === 'client_closed') context.ending = error.code
  else context.ending = error.code.startsWith('upstream_') ? 'upstream_failed' : 'refused'
  if (context.ending === 'client_closed' && context.status === 0) context.status = 499
}

/** Headers of an error reply. Official clients obey `x-should-retry` before they look at the status. */
export function errorHeaders(error: GatehouseError): string[] {
  const headers = ['x-should-retry', String(error.retryable)]
  if (error.retryAfter !== undefined) headers.push('retry-after', String(error.retryAfter))
  if (error.code === 'draining') headers.push('retry-after', '1', 'connection', 'close')
  if (error.code === 'invalid_key') headers.push('www-authenticate', 'Bearer')
  return headers
}

/** A block that looks like an answer: the dialect's own completion, finished by its content filter. */
function finishPolitely(context: Context, error: Blocked): void {
  const spoken = speak(context, error.message, 'content_filter')
  context.streamed = context.stream && context.dialect.streaming !== undefined
  writeHead(context, spoken.status, spoken.headers)
  end(context, spoken.next() as Buffer)
}

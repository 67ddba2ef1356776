// Brings an answer to the client: whole, streamed or unread, through the chain or past it, to the byte where nothing
// changes. Called by proxy.ts.
import { GatehouseError, type Tape } from '../sdk/index.ts'
import { collect, type Source } from './call.ts'
import { readsAnswer, walkUp } from './chain.ts'
import type { Context } from './context.ts'
import { end, write, writeHead } from './reply.ts'
import { deliverStream } from './stream.ts'

/** Writes the answer. Rejects with what kept it from being complete, where no byte of it has left yet. */
export function deliver(context: Context, source: Source): void | Promise<void> {
  const fine = source.status >= 200 && source.status < 300
  const type = String(source.headers['content-type'] ?? '')
  if (context.tape === undefined || (!fine && !type.includes('json'))) return deliverUnread(context, source)
  if (isPacked(context, source, fine)) return deliverUnread(context, source)
  if (context.lessons !== undefined && context.answer === undefined) source = context.lessons.overhear(source)
  if (fine && type.startsWith(context.framing.type)) return deliverStream(context, source)
  return deliverWhole(context, source, fine)
}

async function deliverWhole(context: Context, source: Source, fine: boolean): Promise<void> {
  const whole = collect(source, context.gateway.config.limits.answer)
  let body = whole instanceof Promise ? await whole : whole
  // What the gateway said itself nobody has to read, unless a step above does.
  const tape = fine && (context.answer === undefined || readsAnswer(context)) ? scanAnswer(context, body) : undefined
  if (tape !== undefined) {
    noteUsage(context, tape)
    if (readsAnswer(context)) body = await walkUp(context, context.chain, tape)
  }
  writeHead(context, source.status, source.headers, body.length)
  end(context, body)
}

/** Paths that nobody reads, and answers that no dialect describes: pieces pass as they come. */
async function deliverUnread(context: Context, source: Source): Promise<void> {
  const length = Number(source.headers['content-length'] ?? Number.NaN)
  let begun = false
  for (;;) {
    const chunk = await source.next()
    if (!begun) writeHead(context, source.status, source.headers, Number.isInteger(length) ? length : undefined)
    begun = true
    if (chunk === null) return end(context)
    const waiting = write(context, chunk)
    if (waiting !== undefined) await waiting
  }
}

function scanAnswer(context: Context, body: Buffer): Tape | undefined {
  try {
    return context.gateway.scanner.scan(body, context.gateway.config.limits)
  } catch (error) {
    if (!readsAnswer(context)) return undefined
    throw new GatehouseError('upstream_invalid', "The upstream's answer is no valid JSON, which this route's chain has to read.", { cause: error })
  }
}

function noteUsage(context: Context, tape: Tape): void {
  const { fields } = context.dialect.response
  for (const name in fields) {
    if (fields[name]!.mark !== 'usage') continue
    const node = tape.find(0, name)
    if (node !== -1) context.noteUsage(tape, node)
  }
}

/** The house asks for plain answers; one that comes packed all the same passes unread. Throws where somebody has to read it. */
function isPacked(context: Context, source: Source, fine: boolean): boolean {
  const encoding = source.headers['content-encoding']
  if (encoding === undefined || encoding === 'identity') return false
  if (!fine || (!readsAnswer(context) && !context.askedForUsage)) return true
  source.cancel(new GatehouseError('upstream_encoding', 'cancelled'))
  throw new GatehouseError('upstream_encoding', "The upstream packed its answer although it was asked not to, and this route's chain has to read it.")
}

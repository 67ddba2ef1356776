// Brings a stream to the client, frame by frame: decoded, guarded or only tapped, written at the client's pace, and ended
// in the dialect's own words whatever happens. Called by answer.ts.
import { GatehouseError } from '../sdk/index.ts'
import { Alarm } from './alarm.ts'
import type { Source } from './call.ts'
import { readsAnswer } from './chain.ts'
import type { ClientStream } from './codec/client-framing.ts'
import type { Context } from './context.ts'
import { CutShort } from './over-budget.ts'
import type { Passage } from './passage.ts'
import { noteFailure } from './refusal.ts'
import { isWatched, mayGoOn } from './reservation.ts'
import { begun, end, write, writeHead } from './reply.ts'
import { frameFor } from './spoken.ts'
import { Blocked } from './step.ts'
import { StreamGuard } from './stream-guard.ts'
import { StreamTap } from './stream-tap.ts'

/** Streams the answer. Rejects only where nothing has left yet. */
export async function deliverStream(context: Context, source: Source): Promise<void> {
  const streaming = context.dialect.streaming!
  const form = context.framing.open(context.gateway.config.limits.frame)
  const passage: Passage = readsAnswer(context) || context.askedForUsage || isWatched(context)
    ? new StreamGuard(context, context.chain, streaming)
    : new StreamTap(context, streaming)
  context.streamed = true
  const heartbeat = new Alarm(context.gateway.alarms, { context, source }, beat)
  const out: Buffer[] = []
  try {
    for (;;) {
      const next = source.next()
      const chunk = next instanceof Promise ? await next : next
      for (const frame of chunk === null ? form.end() : form.push(chunk)) {
        const working = passage.frame(frame, out)
        if (working !== undefined) await working
      }
      if (chunk === null) break
      // A source that gives an empty piece is at work on what it cannot give yet.
      const waits = chunk.length === 0
      if (!waits && !begun(context)) writeHead(context, source.status, source.headers)
      const going = waits || passage.complete || mayGoOn(context)
      if (going !== true && !await going) throw new CutShort()
      if (passage.held === 0 && !waits) heartbeat.clear()
      else if (out.length > 0 || !heartbeat.isSet) heartbeat.set(context.route!.heartbeat)
      const waiting = send(context, form, out)
      if (waiting !== undefined) await waiting
    }
    if (!await passage.finish(out)) throw new GatehouseError('upstream_closed', 'The upstream ended its answer before it was complete.')
    if (!begun(context)) writeHead(context, source.status, source.headers)
    end(context, last(form, out))
  } catch (error) {
    if (!begun(context)) throw error
    breakOff(context, source, passage, GatehouseError.from(error), form, out)
  } finally {
    heartbeat.clear()
  }
}

/** Whose stream it is, and where it comes from. */
interface Delivery {
  readonly context: Context
  readonly source: Source
}

function beat({ context, source }: Delivery, heartbeat: Alarm<Delivery>): void {
  if (!begun(context)) writeHead(context, source.status, source.headers)
  void write(context, context.framing.pause)
  heartbeat.set(context.route!.heartbeat)
}

function send(context: Context, form: ClientStream, out: Buffer[]): Promise<void> | undefined {
  if (out.length === 0) return undefined
  form.join?.(out)
  const bytes = out.length === 1 ? out[0]! : Buffer.concat(out)
  out.length = 0
  return write(context, bytes)
}

/** The last frames of a stream, and what closes it. */
function last(form: ClientStream, out: Buffer[]): Buffer {
  form.join?.(out)
  return Buffer.concat(form.close === undefined ? out : [...out, form.close()])
}

/** Ends a stream that cannot go on: a block as the dialect's own refusal, a failure as its error event. */
function breakOff(
  context: Context, source: Source, passage: Passage, error: GatehouseError, form: ClientStream, out: Buffer[],
): void {
  source.cancel(error)
  noteFailure(context, error)
  if (error instanceof CutShort) return end(context, last(form, [...out, passage.refusal('length')]))
  if (error instanceof Blocked) return end(context, last(form, [...out, passage.refusal('content_filter')]))
  // What is still held may be the begin of what must not leave: it stays.
  const streaming = context.dialect.streaming!
  end(context, last(form, [...out, Buffer.from(frameFor(context, streaming.error(error, passage.sequence)))]))
}

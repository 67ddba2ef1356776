// Brings a stream to the client, frame by frame: decoded, guarded or only tapped, written at the client's pace, and ended
// in the dialect's own words whatever happens. Called by answer.ts.
import { GatehouseError } from '../sdk/index.ts'
import { Alarm } from './alarm.ts'
import { readsAnswer } from './chain.ts'
import { SseDecoder } from './codec/sse.ts'
import type { Context } from './context.ts'
import type { Passage } from './passage.ts'
import { noteFailure } from './refusal.ts'
import { begun, end, write, writeHead } from './reply.ts'
import { frameFor } from './spoken.ts'
import { Blocked } from './step.ts'
import { StreamGuard } from './stream-guard.ts'
import { StreamTap } from './stream-tap.ts'
import type { Source } from './upstream.ts'

/** Streams the answer. Rejects only where nothing has left yet. */
export async function deliverStream(context: Context, source: Source): Promise<void> {
  const streaming = context.dialect.streaming!
  const decoder = new SseDecoder(context.gateway.config.limits.frame)
  const passage: Passage = readsAnswer(context)
    ? new StreamGuard(context, context.chain, streaming)
    : new StreamTap(context, streaming)
  context.streamed = true
  const heartbeat = new Alarm(context.gateway.alarms, context, beat)
  const out: Buffer[] = []
  try {
    for (;;) {
      const next = source.next()
      const chunk = next instanceof Promise ? await next : next
      for (const frame of chunk === null ? decoder.end() : decoder.push(chunk)) {
        const working = passage.frame(frame, out)
        if (working !== undefined) await working
      }
      if (chunk === null) break
      if (!begun(context)) writeHead(context, source.status, source.headers)
      if (passage.held === 0) heartbeat.clear()
      else if (out.length > 0 || !heartbeat.isSet) heartbeat.set(context.route!.heartbeat)
      const waiting = send(context, out)
      if (waiting !== undefined) await waiting
    }
    if (!await passage.finish(out)) throw new GatehouseError('upstream_closed', 'The upstream ended its answer before it was complete.')
    if (!begun(context)) writeHead(context, source.status, source.headers)
    end(context, Buffer.concat(out))
  } catch (error) {
    if (!begun(context)) throw error
    breakOff(context, source, passage, GatehouseError.from(error), out)
  } finally {
    heartbeat.clear()
  }
}

/** A comment, which every reader of event streams skips (WHATWG HTML, section 9.2.6). */
const COMMENT = Buffer.from(': held\n\n')

function beat(context: Context, heartbeat: Alarm<Context>): void {
  void write(context, COMMENT)
  heartbeat.set(context.route!.heartbeat)
}

function send(context: Context, out: Buffer[]): Promise<void> | undefined {
  if (out.length === 0) return undefined
  const bytes = out.length === 1 ? out[0]! : Buffer.concat(out)
  out.length = 0
  return write(context, bytes)
}

/** Ends a stream that cannot go on: a block as the dialect's own refusal, a failure as its error event. */
function breakOff(context: Context, source: Source, passage: Passage, error: GatehouseError, out: Buffer[]): void {
  source.cancel(error)
  noteFailure(context, error)
  if (error instanceof Blocked) return end(context, Buffer.concat([...out, passage.refusal()]))
  // What is still held may be the begin of what must not leave: it stays.
  const streaming = context.dialect.streaming!
  out.push(Buffer.from(frameFor(streaming, streaming.error(error, passage.sequence))))
  end(context, Buffer.concat(out))
}

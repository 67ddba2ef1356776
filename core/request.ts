// Reads the request: one pass over its bytes, then what the gateway itself needs to know. Called by proxy.ts.
import { GatehouseError, type Asked, type Tape } from '../sdk/index.ts'
import { JSON_ARRAY } from './codec/client-framing.ts'
import type { Context } from './context.ts'

/** Longest model name that is looked at; longer ones are nobody's model. */
const LONGEST_MODEL = 256

/** Scans the body and notes model and stream flag. A body that is a stream is passed on unread. */
export function readRequest(context: Context): void {
  if (!Buffer.isBuffer(context.body)) return
  const tape = context.gateway.scanner.scan(context.body, context.gateway.config.limits)
  context.dialect.check(tape)
  context.tape = tape
  const { model, stream, array } = context.dialect.asked?.(tape, context.path) ?? askedIn(tape)
  context.stream = stream
  if (array === true) context.framing = JSON_ARRAY
  context.model = model
  if (context.model.length > LONGEST_MODEL) {
    throw new GatehouseError('invalid_body', `Expected a model name of at most ${LONGEST_MODEL} characters, got ${context.model.length}.`, { param: 'model' })
  }
}

/** As most dialects have it: in the body. */
function askedIn(tape: Tape): Asked {
  const stream = tape.find(0, 'stream')
  // A `true` is four bytes; its neighbours were checked by the dialect.
  const streams = stream !== -1 && tape.end(stream) - tape.start(stream) === 4 && tape.bytes[tape.start(stream)] === TRUE
  return { model: tape.text(tape.find(0, 'model')) ?? '', stream: streams }
}

const TRUE = 't'.charCodeAt(0)

// The frames of a provider's stream, whichever way it puts them on the wire. Called by translated.ts.
import type { Framing, WireFrame } from '../../sdk/index.ts'
import { AwsEventDecoder } from './aws-events.ts'
import { LineDecoder } from './lines.ts'
import { SseDecoder, type Frame } from './sse.ts'

/** Bytes in, frames out. Both throw `upstream_invalid` for what is malformed, or over the limit. */
export interface Decoder {
  push(chunk: Buffer): readonly WireFrame[]
  /** What the end of the connection completes. */
  end(): readonly WireFrame[]
}

/** The decoder of one stream. `limit` bounds one frame, in bytes. */
export function decoderOf(framing: Framing, limit: number): Decoder {
  switch (framing) {
    case 'sse': return sse(new SseDecoder(limit))
    case 'lines': return lines(new LineDecoder(limit))
    case 'aws-events': return awsEvents(new AwsEventDecoder(limit))
  }
}

function sse(decoder: SseDecoder): Decoder {
  const frames = (all: readonly Frame[]): WireFrame[] => all.flatMap(({ data, event }) =>
    data === undefined ? [] : [{ payload: data.toString(), ...(event !== undefined && { event }) }])
  return { push: chunk => frames(decoder.push(chunk)), end: () => frames(decoder.end()) }
}

function lines(decoder: LineDecoder): Decoder {
  const frames = (all: readonly string[]): WireFrame[] => all.map(payload => ({ payload }))
  return { push: chunk => frames(decoder.push(chunk)), end: () => frames(decoder.end()) }
}

function awsEvents(decoder: AwsEventDecoder): Decoder {
  return {
    push: chunk => decoder.push(chunk).map(({ payload, event }) => ({ payload: payload.toString(), ...(event !== undefined && { event }) })),
    // A message that is not complete was never sent.
    end: () => [],
  }
}

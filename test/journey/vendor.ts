// A vendor's server in any dialect that a provider may speak, and the config that leads to it. Used by the journeys over
// translated routes.
import type { ServerResponse } from 'node:http'
import type { TestContext } from 'node:test'
import { encodeAwsEvent } from '../../core/codec/aws-events.ts'
import { encodeFrame } from '../../core/codec/sse.ts'
import { unfold } from '../../core/fold.ts'
import { loadTranslation } from '../../core/registry.ts'
import type { CanonicalAnswer, CanonicalRequest, Framing, ProviderError, WireFrame } from '../../sdk/index.ts'
import { openUpstream, type Upstream } from './rig.ts'

/** The provider plugins by the dialect that they speak first. */
const PROVIDER_OF: Readonly<Record<string, object>> = {
  'openai-chat': { use: 'openai-compatible', key: 'vendor-key' },
  'openai-responses': { use: 'openai', key: 'vendor-key', options: {} },
  'anthropic-messages': { use: 'anthropic', key: 'vendor-key' },
  gemini: { use: 'gemini', key: 'vendor-key' },
  'bedrock-converse': { use: 'bedrock', key: 'AKID:secret', options: { region: 'eu-central-1' } },
  'cohere-chat': { use: 'cohere', key: 'vendor-key' },
  'ollama-chat': { use: 'ollama', key: '' },
  'mistral-chat': { use: 'mistral', key: 'vendor-key' },
}

const TYPE: Readonly<Record<Framing, string>> = {
  sse: 'text/event-stream', lines: 'application/x-ndjson', 'aws-events': 'application/vnd.amazon.eventstream',
}

/** What a vendor's model does with a request. An answer that has an error as well breaks off with it, after its head and first piece. */
export type Model = (asked: CanonicalRequest) => CanonicalAnswer | ProviderError

/** A vendor's server; `asked` are the requests that it understood. */
export interface Vendor {
  readonly asked: CanonicalRequest[]
  /** The same, as they came. */
  readonly requests: Upstream['requests']
  /** The entry of its provider in a config. */
  readonly provider: object
}

/** Opens a vendor that speaks a dialect, and ends with the test. */
export async function openVendor(t: TestContext, dialect: string, model: Model): Promise<Vendor> {
  const spoken = await loadTranslation(dialect)
  const asked: CanonicalRequest[] = []
  const upstream = await openUpstream(t, (reply, bytes, { url = '' }) => {
    const body = JSON.parse(bytes.toString()) as { stream?: boolean; model?: string }
    const stream = body.stream === true || /stream/i.test(url)
    const request = spoken.readRequest(body, { model: body.model ?? /models?\/([^/:]+)/.exec(decodeURIComponent(url))?.[1] ?? '', stream })
    asked.push(request)
    const answer = model(request)
    if ('failure' in answer) {
      const { status, body: told } = spoken.writeError(answer)
      return void reply.writeHead(status, { 'content-type': 'application/json' }).end(told)
    }
    const settings = { model: request.model, id: 'answer-1', at: 1_700_000_000, request: { ...request, streamUsage: true } }
    if (!stream) return void reply.writeHead(200, { 'content-type': 'application/json' }).end(spoken.writeAnswer(answer, settings))
    const writer = spoken.streamWriter(settings)
    send(reply, spoken.framing, unfold(answer).flatMap(event => [...writer.write(event)]))
  })
  const base = dialect.startsWith('openai') || dialect === 'mistral-chat' ? '/v1' : dialect === 'gemini' ? '/v1beta' : dialect === 'cohere-chat' ? '/v2' : ''
  return { asked, requests: upstream.requests, provider: { ...PROVIDER_OF[dialect], url: upstream.url.replace(/\/v1$/, base) } }
}

function send(reply: ServerResponse, framing: Framing, frames: readonly WireFrame[]): void {
  reply.writeHead(200, { 'content-type': TYPE[framing] })
  for (const { payload, event } of frames) reply.write(framed(framing, payload, event))
  reply.end()
}

function framed(framing: Framing, payload: string, event: string | undefined): string | Buffer {
  switch (framing) {
    case 'sse': return encodeFrame(payload, event)
    case 'lines': return `${payload}\n`
    case 'aws-events': return encodeAwsEvent({ ':message-type': 'event', ':event-type': event ?? '' }, Buffer.from(payload))
  }
}

// Starts a whole gateway in this process, in front of an upstream of the test's own, on free ports. Used by the journey
// tests.
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { openLogger } from '../../core/logger.ts'
import { parseConfig } from '../../config/loader.ts'
import { compileGateway, type Gateway } from '../../core/gateway.ts'
import { openServer, type Server } from '../../core/server.ts'
import type { AccessRecord } from '../../sdk/index.ts'

/** A config as an operator would write it, as far as a test cares. */
export type Written = Readonly<Record<string, unknown>>

/** A gateway under test. */
export interface Rig {
  readonly url: string
  readonly server: Server
  /** Records of finished requests, oldest first. */
  readonly records: AccessRecord[]
  /** Lines of the log. */
  readonly log: string[]
  /** Resolves with the next record that is not yet in `records`. */
  settled(): Promise<AccessRecord>
  compile(config: Written): Promise<Gateway>
  post(body: unknown, more?: { path?: string; headers?: Record<string, string>; signal?: AbortSignal }): Promise<Response>
}

let epoch = 0

/** Compiles what an operator wrote. */
export async function compile(config: Written): Promise<Gateway> {
  const loaded = await parseConfig(JSON.stringify({ listen: { port: 0 }, admin: false, plugins: [], ...config }), { file: '/gateway.json', env: {} })
  return compileGateway(loaded.config, ++epoch, loaded.problem)
}

/** Opens a gateway that ends with the test. */
export async function openRig(t: TestContext, config: Written): Promise<Rig> {
  const log: string[] = []
  const server = await openServer(await compile(config), openLogger('debug', {}, { write: line => { log.push(line) } }))
  const port = await server.listen({ host: '127.0.0.1', port: 0, reusePort: false })
  t.after(() => server.drain(100))
  const url = `http://127.0.0.1:${port}`
  const records: AccessRecord[] = []
  const waiting: ((record: AccessRecord) => void)[] = []
  server.settled(record => {
    records.push(record)
    waiting.shift()?.(record)
  })
  return {
    url, server, records, log, compile,
    settled: () => new Promise(resolve => { waiting.push(resolve) }),
    post: (body, { path = '/v1/chat/completions', headers = {}, signal } = {}) => fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: body instanceof Uint8Array || typeof body === 'string' ? body as string : JSON.stringify(body),
      signal: signal ?? null,
    }),
  }
}

/** An upstream of the test's own. */
export interface Upstream {
  readonly url: string
  readonly requests: { readonly request: IncomingMessage; readonly body: Buffer }[]
}

/** Opens an upstream that answers as the test says. */
export async function openUpstream(
  t: TestContext, answer: (reply: ServerResponse, body: Buffer, request: IncomingMessage) => void,
): Promise<Upstream> {
  const requests: Upstream['requests'] = []
  const server = http.createServer((request, reply) => {
    const pieces: Buffer[] = []
    request.on('data', piece => pieces.push(piece))
    request.on('end', () => {
      const body = Buffer.concat(pieces)
      requests.push({ request, body })
      answer(reply, body, request)
    })
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, requests }
}

/** A config with one upstream and one route for everything. */
export function onto(url: string, more: { chain?: readonly unknown[]; route?: Written; provider?: Written } & Written = {}): Written {
  const { chain, route, provider, ...rest } = more
  return {
    providers: { up: { use: 'openai-compatible', url, key: 'upstream-key', ...provider } },
    ...(chain === undefined ? {} : { chains: { tested: chain } }),
    routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'up' }], ...(chain === undefined ? {} : { chain: 'tested' }), ...route }],
    ...rest,
  }
}

/** A whole chat answer. */
export const completion = (content: string): object => ({
  id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 },
})

/** The frames of a streamed chat answer. */
export function chunks(pieces: readonly string[]): string[] {
  const frame = (delta: object, finish: string | null = null): string =>
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
  return [frame({ role: 'assistant', content: '' }), ...pieces.map(content => frame({ content })), frame({}, 'stop'), 'data: [DONE]\n\n']
}

/** The text that a streamed chat answer adds up to, for one choice. */
export function textOf(stream: string, choice = 0): string {
  let text = ''
  for (const line of stream.split('\n')) {
    if (!line.startsWith('data: ') || line === 'data: [DONE]') continue
    const { choices = [] } = JSON.parse(line.slice(6)) as { choices?: { index: number; delta?: { content?: string | null } }[] }
    for (const one of choices) if (one.index === choice) text += one.delta?.content ?? ''
  }
  return text
}

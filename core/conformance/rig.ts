// A whole gateway in this process with one processor in its chain, between a client and an upstream that answers as it is
// told. The conformance kit sees a processor through it alone, as a client and an upstream would. Opened by kit.ts.
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { isAbsolute } from 'node:path'
import { request } from 'undici'
import type { StepConfig } from '../../config/config.ts'
import { parseConfig } from '../../config/loader.ts'
import type { AccessRecord, ProcessorDefinition } from '../../sdk/index.ts'
import { compileGateway } from '../gateway.ts'
import { openLogger } from '../logger.ts'
import { openServer } from '../server.ts'
import type { Answer } from './wire.ts'

/** One request and what became of it. */
export interface Exchange {
  /** What the client sent, and what of it reached the upstream; undefined where nothing did. */
  readonly sent: Buffer
  readonly asked: Buffer | undefined
  /** What the upstream said, and what of it reached the client. */
  readonly said: Buffer
  readonly got: Buffer
  readonly record: AccessRecord
}

/** A gateway under test. */
export interface Rig {
  send(path: string, body: object, answer: Answer): Promise<Exchange>
  close(): Promise<void>
}

/** What the gateway says in place of an answer that is blocked before its first word. */
export const REFUSAL = 'Blocked by the processor under test.'

/** What a finding does to the text: the most visible of what the processor may do. */
export function visibleAction({ rights }: ProcessorDefinition): 'replace' | 'block' | 'annotate' {
  return rights.includes('edit') ? 'replace' : rights.includes('block') ? 'block' : 'annotate'
}

/** Opens a gateway around a processor. Throws a ConfigError where the processor or its options do not load. */
export async function openRig(
  use: string, definition: ProcessorDefinition, options: Readonly<Record<string, unknown>>, run: StepConfig['run'] = 'inline',
): Promise<Rig> {
  const upstream = await openUpstream()
  try {
    const step = {
      use, options, run, mode: 'enforce', onError: 'closed', onTimeout: 'closed', timeout: '60s',
      // A finding that blocks a whole answer is to look like one that blocks a stream.
      blockResponse: { style: 'finish', message: REFUSAL },
      // How long a line takes is for the check of time to say.
      ...(run === 'sandbox' && { limits: { cpu: '10s' } }),
      ...(definition.kind === 'detector' && { actions: { '*': visibleAction(definition) } }),
    }
    const loaded = await parseConfig(JSON.stringify({
      listen: { port: 0 }, admin: false, plugins: [], log: { access: false }, trusted: isAbsolute(use) && run !== 'sandbox' ? [use] : [],
      providers: {
        openai: { use: 'openai', key: 'any', url: upstream.url },
        anthropic: { use: 'anthropic', key: 'any', url: upstream.url.replace(/\/v1$/, '') },
        gemini: { use: 'gemini', key: 'any', url: upstream.url },
      },
      chains: { tested: [step] },
      // Every dialect has a provider that speaks it: what is under test is not the translation.
      routes: [
        { name: 'anthropic', match: { dialect: 'anthropic-*' }, targets: [{ provider: 'anthropic' }], chain: 'tested' },
        { name: 'gemini', match: { dialect: 'gemini' }, targets: [{ provider: 'gemini' }], chain: 'tested' },
        { name: 'conformance', match: { model: '*' }, targets: [{ provider: 'openai' }], chain: 'tested' },
      ],
    }), { file: 'conformance' })
    const gateway = await compileGateway(loaded.config, 1, loaded.problem)
    const server = await openServer(gateway, openLogger('silent', {}, { write() {} }))
    const port = await server.listen({ host: '127.0.0.1', port: 0, reusePort: false })
    let settled: (record: AccessRecord) => void = () => {}
    server.settled(record => settled(record))

    return {
      async send(path, body, answer) {
        const recorded = new Promise<AccessRecord>(resolve => { settled = resolve })
        const sent = Buffer.from(JSON.stringify(body, null, 1))
        upstream.expect(answer)
        const headers = { 'content-type': 'application/json' }
        const reply = await request(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers, body: sent })
        const got = Buffer.from(await reply.body.arrayBuffer())
        const record = await recorded
        return { sent, asked: upstream.asked(), said: answer.bytes, got, record }
      },
      async close() {
        await server.drain(0)
        upstream.close()
      },
    }
  } catch (error) {
    upstream.close()
    throw error
  }
}

async function openUpstream() {
  let answer: Answer = { bytes: Buffer.alloc(0), streamed: false, type: 'application/json' }
  let asked: Buffer | undefined
  const server = http.createServer(async (call, reply) => {
    const pieces: Buffer[] = []
    for await (const piece of call) pieces.push(piece as Buffer)
    asked = Buffer.concat(pieces)
    reply.writeHead(200, { 'content-type': answer.type })
    reply.end(answer.bytes)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    expect(next: Answer) {
      answer = next
      asked = undefined
    },
    asked: () => asked,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

// Writes to the client: head, body, pieces of a stream, at the client's own pace. Called by answer.ts and refusal.ts.
import type { StepRecord } from '../sdk/index.ts'
import type { Context } from './context.ts'

/** Headers of an upstream's answer that end here: what belongs to its own connection, and what the house says anew. */
const DROPPED: ReadonlySet<string> = new Set([
  'connection', 'keep-alive', 'proxy-authenticate', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade',
  'content-length', 'date', 'server', 'set-cookie', 'alt-svc', 'strict-transport-security',
])

/** How headers begin that tell of limits. Where the house has limits of its own, the upstream's are not the client's. */
const LIMITS = 'x-ratelimit-'

/** Headers as undici hands them over. */
export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>

/** The head of an answer that came from upstream. `length` is the body's, where it is known. */
export function writeHead(context: Context, status: number, headers: AnswerHeaders, length?: number): void {
  const list: string[] = []
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined || DROPPED.has(name) || (context.admission !== undefined && name.startsWith(LIMITS))) continue
    if (typeof value === 'string') list.push(name, value)
    else for (const one of value) list.push(name, one)
  }
  list.push('x-gatehouse-id', context.id)
  if (length !== undefined) list.push('content-length', String(length))
  begin(context, status, list)
}

/** A whole answer of the gateway's own. */
export function writeOwn(context: Context, status: number, body: string, headers: readonly string[] = []): void {
  const bytes = Buffer.from(body)
  begin(context, status, ['content-type', 'application/json', 'x-gatehouse-id', context.id, ...headers, 'content-length', String(bytes.length)])
  end(context, bytes)
}

/** True where the head has left and the status can no longer be chosen. */
export function begun(context: Context): boolean {
  return context.reply.raw.headersSent
}

/** Sends bytes; waits while the client reads slower than they come. Resolves as well when the client has gone. */
export function write(context: Context, bytes: Buffer): Promise<void> | undefined {
  const { raw } = context.reply
  if (raw.destroyed || raw.write(bytes) || raw.destroyed) return undefined
  return new Promise(resolve => {
    const go = (): void => {
      raw.off('drain', go).off('close', go)
      resolve()
    }
    raw.on('drain', go).on('close', go)
  })
}

/** The last bytes. They leave at the end of this turn of the event loop. */
export function end(context: Context, bytes?: Buffer): void {
  context.gateway.outbox.end(context.reply.raw, bytes)
}

function begin(context: Context, status: number, headers: string[]): void {
  if (context.consumer.rights.includes('explain')) headers.push('x-gatehouse-explain', printable(explained(context.steps), LONGEST_SUMMARY))
  for (const [step, note] of context.notes) if (HEADER.test(step) && !OWN.has(step)) headers.push(`x-gatehouse-${step}`, note)
  for (const warning of context.warnings) headers.push('x-gatehouse-warning', printable(warning, LONGEST_WARNING))
  context.admission?.tell(headers)
  context.status = status
  context.reply.raw.writeHead(status, headers)
  context.firstByte = performance.now()
}

/** Names of steps that can stand in the name of a header, and those that would be taken for the gateway's own. */
const HEADER = /^[a-z][a-z0-9-]{0,63}$/
const OWN: ReadonlySet<string> = new Set(['id', 'explain', 'warning'])

/** Longest summary in a header; the whole record is at the admin port. */
const LONGEST_SUMMARY = 2000
const LONGEST_WARNING = 300

/**
 * What a header may say (RFC 9110 section 5.5, without the obsolete octets): a processor may name its findings as it
 * likes, and a client the fields that a warning quotes.
 */
function printable(text: string, longest: number): string {
  return text.slice(0, longest).replace(/[^ -~]/g, '?')
}

/** What the steps made of it so far: `pii request edit email=1 card=2; moderation request pass`. */
function explained(steps: readonly StepRecord[]): string {
  const one = ({ step, direction, mode, outcome, findings }: StepRecord): string =>
    [step, direction, ...(mode === 'shadow' ? [mode] : []), outcome, ...Object.entries(findings).map(([type, count]) => `${type}=${count}`)].join(' ')
  return steps.map(one).join('; ')
}

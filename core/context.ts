// Everything about one request on its way through the house. Made by proxy.ts, handed from stage to stage, gone when
// the record is written. One object with every field from the start, so that it keeps one shape.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Readable } from 'node:stream'
import {
  GatehouseError, type Answer, type AttemptRecord, type ByteEdit, type CanonicalRequest, type Consumer, type Cost, type Dialect, type EmbeddingRequest, type Exchange,
  type StepRecord, type StreamRecord, type Tape, type Usage,
} from '../sdk/index.ts'
import type { Admission } from './admission.ts'
import { Alarm } from './alarm.ts'
import type { Call } from './call.ts'
import { NO_CHAIN, type Chain } from './chain.ts'
import type { Facts } from './condition.ts'
import { EVENTS, type ClientFraming } from './codec/client-framing.ts'
import type { Conversation } from './conversation.ts'
import type { Gateway } from './gateway.ts'
import type { Health } from './health.ts'
import type { Lessons } from './lessons.ts'
import type { Route, Target } from './router.ts'
import { Transcript } from './transcript.ts'
import { Vault } from './vault.ts'

/** One request. */
export class Context {
  readonly id: string
  readonly gateway: Gateway
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly consumer: Consumer
  readonly dialect: Dialect
  /** Path of the call below the API's root, query included: `/chat/completions`. */
  readonly path: string
  readonly at = Date.now()
  readonly began = performance.now()
  /** Its place among the running requests. */
  place = -1

  /** The request's body; a stream where the house passes it on unread. */
  body: Buffer | Readable | undefined
  /** Undefined where the body is passed on unread. */
  tape: Tape | undefined = undefined
  model = ''
  stream = false
  /** How the client's stream stands on the wire. */
  framing: ClientFraming = EVENTS
  route: Route | undefined = undefined
  /** The route's chain; its strict form where the caller asks for that. */
  chain: Chain = NO_CHAIN
  onUncovered: Route['onUncovered'] = 'allow'
  onLoss: Route['onLoss'] = 'warn'
  /** Sentences for the reply's `x-gatehouse-warning` header. */
  readonly warnings: string[] = []
  /** True where the answer's text is JSON, because the request asked for it. */
  speaksJson = false
  /** Performance time at which the whole request must be over. */
  deadline = Infinity
  /** Performance time at which the steps of the request must be through; Infinity once they are. */
  chainDeadline = Infinity
  conversation: Conversation | undefined = undefined
  #edits: readonly ByteEdit[] | undefined = undefined
  /** What it has taken of the budgets that count it; undefined where none does. */
  admission: Admission | undefined = undefined
  /** The request in the canonical form, once a target needs it. */
  canonical: CanonicalRequest | undefined = undefined
  /** The same for a request of embeddings. */
  embedding: EmbeddingRequest | undefined = undefined
  #vault: Vault | undefined = undefined
  /** True where the gateway, not the client, asked for the usage of the stream. */
  askedForUsage = false
  /** A responder's answer, and the position of its step. */
  answer: Answer | undefined = undefined
  /** For responders that learn; undefined where none was asked. */
  lessons: Lessons | undefined = undefined
  /** What responders noted, by the names of their steps, for the reply's headers. */
  readonly notes: (readonly [step: string, note: string])[] = []
  answeredAt = Infinity

  target: Target | undefined = undefined
  call: Pick<Call, 'cancel'> | undefined = undefined
  readonly #clock: Alarm<Context>
  #wake: (() => void) | undefined
  #facts: Facts | undefined = undefined
  /** Why the exchange was cancelled, where it was. */
  cancelled: GatehouseError | undefined = undefined

  status = 0
  streamed = false
  firstByte = -1
  ending: Exchange['ending'] = 'complete'
  error: GatehouseError | undefined = undefined
  usage: Usage | undefined = undefined
  /** The provider's own usage object, as it came. */
  rawUsage = ''
  cost: Cost | undefined = undefined
  uncovered = -1
  streamRecord: StreamRecord | undefined = undefined
  readonly attempts: AttemptRecord[] = []
  occupied: Health | undefined = undefined
  readonly steps: StepRecord[] = []
  /** What the upstream said; filled only where an observer reads it. */
  readonly answered = new Transcript()

  constructor(gateway: Gateway, request: FastifyRequest, reply: FastifyReply, dialect: Dialect, path: string) {
    this.gateway = gateway
    this.#clock = new Alarm<Context>(gateway.alarms, this, late)
    this.request = request
    this.reply = reply
    this.id = request.id
    this.consumer = request.consumer
    this.dialect = dialect
    this.path = path
    this.body = request.body as Buffer | Readable | undefined
  }

  /** The path that the client called, without its query. */
  get requestPath(): string {
    const { url } = this.request
    const query = url.indexOf('?')
    return query === -1 ? url : url.slice(0, query)
  }

  /** What conditions speak about. */
  get facts(): Facts {
    return this.#facts ??= {
      request: { model: this.model, stream: this.stream, path: this.requestPath, dialect: this.dialect.name },
      consumer: this.consumer,
      headers: this.request.headers,
    }
  }

  /** The placeholders of this request. */
  get vault(): Vault {
    return this.#vault ??= new Vault(this.gateway.secret, this.consumer.name)
  }

  /** Values that went back to the client in place of their placeholders. */
  get restored(): number { return this.#vault?.restored ?? 0 }

  /** What the steps of the request changed in its bytes, once they are through. */
  get edits(): readonly ByteEdit[] { return this.#edits ??= this.conversation?.rewrite() ?? [] }

  /** True where some value was given a placeholder. */
  get holdsValues(): boolean {
    return this.#vault !== undefined && !this.#vault.empty
  }

  /** Ends whatever is under way upstream. The first reason stays. */
  cancel(reason: GatehouseError): void {
    this.cancelled ??= reason
    this.call?.cancel(reason)
    this.wake()
  }

  /** Ends a pause. */
  wake(): void { this.#wake?.() }

  /** Waits so many milliseconds, until the request is cancelled, or until it is woken. */
  async pause(ms: number): Promise<void> {
    if (this.cancelled !== undefined) return
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }

  /** Takes over what the provider says of its usage, in a node of its answer; the last word of a stream holds. */
  noteUsage(tape: Tape, node: number): void {
    // What a translated answer says was heard from the provider before, in its own words.
    if (this.target?.ways.get(this.dialect.name)?.translates === true) return
    const raw = tape.bytes.toString('utf8', tape.start(node), tape.end(node))
    const usage = this.dialect.usage(JSON.parse(raw), this.usage, tape)
    if (usage !== undefined) this.heardUsage(usage, raw)
  }

  /** The provider has told its usage: read, and as it stands in its answer where that is at hand. */
  heardUsage(usage: Usage, raw = ''): void {
    this.usage = usage
    this.rawUsage = raw
    this.gateway.journal?.heard(this)
  }

  /** The upstream itself told the client of an error inside its answer. */
  noteUpstreamError(): void {
    this.ending = 'upstream_failed'
    this.error ??= new GatehouseError('upstream_error', 'The upstream reported an error inside its answer.')
  }

  /** A request begins: from here on the client may leave. */
  begin(): void {
    this.gateway.enter()
    this.reply.raw.on('close', this.#closed)
  }

  /** The answer is out, or has failed for good. */
  end(): void {
    this.#clock.clear()
    this.#release()
    this.reply.raw.off('close', this.#closed)
    this.gateway.leave()
  }

  /** Lets go of the target, and tells it how the stream ended that it had begun. */
  #release(): void {
    if (this.occupied === undefined) return
    this.occupied.leave()
    const broke = this.ending === 'upstream_failed'
    if (this.streamed && (broke || this.ending === 'complete')) this.occupied.ended(performance.now(), !broke)
  }

  /** Starts the clock of the whole request, in milliseconds. */
  startClock(total: number): void {
    this.deadline = this.began + total
    this.#clock.set(total - (performance.now() - this.began))
  }

  /** Milliseconds left until the deadline, at least 0; while the request walks down, of the chain's own time. */
  get remaining(): number {
    return Math.max(0, Math.min(this.deadline, this.chainDeadline) - performance.now())
  }

  readonly #closed = (): void => this.cancel(new GatehouseError('client_closed', 'The client left before the answer was complete.'))
}

function late(context: Context): void {
  context.cancel(new GatehouseError('deadline', 'The request did not finish within the time that its route allows.'))
}

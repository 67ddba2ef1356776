// The data plane's own view of itself: which gateway serves now, who listens to finished requests, what the control
// plane may ask. One per worker; plugins get it as their `DataPlane`. Made by server.ts.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AccessRecord, BudgetNumbers, Consumer, DataPlane, Dialect, GatehouseError, LoopTime, MirrorNumbers, PoolNumbers, SandboxNumbers } from '../sdk/index.ts'
import { loopTimesOf } from './advice.ts'
import { Context } from './context.ts'
import type { Gateway } from './gateway.ts'
import { forgetAll } from './lessons.ts'
import type { Logger } from './logger.ts'
import { proxy } from './proxy.ts'
import { errorHeaders } from './refusal.ts'
import { Roster } from './roster.ts'

/** The data plane of one worker. */
export class House implements DataPlane {
  readonly log: Logger
  #gateway: Gateway
  readonly #dialects: ReadonlyMap<string, Dialect>
  readonly #listeners: ((record: AccessRecord) => void)[] = []
  readonly #answers = new Map<string, (question: unknown) => unknown>()
  readonly #running = new Roster<Context>()

  constructor(gateway: Gateway, dialects: ReadonlyMap<string, Dialect>, log: Logger) {
    this.#gateway = gateway
    this.#dialects = dialects
    this.log = log
    this.#serve(gateway)
  }

  proxy(request: FastifyRequest, reply: FastifyReply, dialect: string, path?: string): void {
    const spoken = this.#dialect(dialect)
    reply.hijack()
    const context = new Context(this.#gateway, request, reply, spoken, path ?? spoken.path)
    this.#running.enter(context)
    void proxy(context).then(record => this.#over(context, record), error => this.#fell(context, error))
  }

  refuse(reply: FastifyReply, error: GatehouseError, dialect: string): void {
    const headers: Record<string, string> = { 'content-type': 'application/json', 'x-gatehouse-id': reply.request.id }
    const extra = errorHeaders(error)
    for (let i = 0; i < extra.length; i += 2) headers[extra[i]!] = extra[i + 1]!
    void reply.code(error.status).headers(headers).send(this.#dialect(dialect).error(error))
  }

  consumer(sha256: Buffer): Consumer | undefined { return this.#gateway.consumer(sha256) }

  get open(): boolean { return this.#gateway.open }

  models(consumer: Consumer): readonly string[] { return this.#gateway.modelsFor(consumer) }

  settled(listener: (record: AccessRecord) => void): void { this.#listeners.push(listener) }

  answers(topic: string, answer: (question: unknown) => unknown): void { this.#answers.set(topic, answer) }

  forget(tags: readonly string[]): Promise<number> { return forgetAll(this.#gateway.routes, tags) }

  get inFlight(): number { return this.#running.size }

  get budgets(): readonly BudgetNumbers[] { return this.#gateway.treasury.numbers }

  get pool(): PoolNumbers | undefined { return this.#gateway.pool }

  get sandbox(): SandboxNumbers | undefined { return this.#gateway.sandbox }

  get journalDropped(): number | undefined { return this.#gateway.journal?.dropped }

  get loopTimes(): readonly LoopTime[] { return loopTimesOf(this.#gateway.routes) }

  get mirrors(): MirrorNumbers[] { return this.#gateway.mirrors }

  get troubles(): readonly string[] { return this.#gateway.troubles.all }

  get epoch(): number { return this.#gateway.epoch }

  get gateway(): Gateway { return this.#gateway }

  /** Serves new requests with another gateway; the old one closes when its last request is over. */
  swap(gateway: Gateway): void {
    const old = this.#gateway
    this.#gateway = gateway
    this.#serve(gateway)
    old.close().catch((error: unknown) => this.log.warn({ err: error, epoch: old.epoch }, 'an old config did not close cleanly'))
  }

  #serve(gateway: Gateway): void {
    gateway.troubles.listener = ({ of, name, about, why }, isOver) => {
      const trouble = { [of]: name, about, why }
      if (isOver) this.log.info(trouble, `a ${of} is well again`)
      else this.log.warn(trouble, `something is wrong with a ${of}`)
    }
    gateway.serve()
  }

  /** What a plugin answers to the control plane. */
  ask(topic: string, question: unknown): unknown { return this.#answers.get(topic)?.(question) }

  /** Ends every running request with an error. */
  cancelAll(reason: GatehouseError): void {
    for (const context of this.#running) context.cancel(reason)
  }

  #dialect(name: string): Dialect {
    const dialect = this.#dialects.get(name)
    if (dialect === undefined) throw new Error(`the dialect ${name} is not loaded`)
    return dialect
  }

  /** A fault of the house's own, where not even an error could be said: its client must not wait for ever. */
  #fell(context: Context, error: unknown): void {
    this.log.error({ err: error, id: context.id }, 'a request ended without a reply: a fault of the gateway')
    context.reply.raw.destroy()
    context.end()
    this.#running.leave(context)
  }

  #over(context: Context, record: AccessRecord): void {
    this.#running.leave(context)
    for (const listener of this.#listeners) {
      try {
        listener(record)
      } catch (error) {
        this.log.error({ err: error }, 'a listener of finished requests failed')
      }
    }
  }
}

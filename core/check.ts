// Asks a provider how it is while nobody else does, so that an open breaker closes before a request has to try, and a target
// that is down is known before one meets it. One for each provider that wants it and each worker; made by gateway.ts.
import { GatehouseError } from '../sdk/index.ts'
import type { ProviderConfig } from '../config/config.ts'
import { discard, type Call } from './call.ts'
import type { Health } from './health.ts'
import { open, type Wire } from './upstream.ts'
import type { Upstreams } from './upstreams.ts'

/** Bytes of an answer that are read, so that the connection can serve again. */
const LONGEST_ANSWER = 64 * 1024

/** The check of one provider. */
export class Check {
  readonly #provider: string
  readonly #rule: NonNullable<ProviderConfig['check']>
  readonly #wire: Wire
  readonly #healths: readonly Health[]
  readonly #house: Pick<Upstreams, 'alarms' | 'troubles'>
  #timer: NodeJS.Timeout | undefined
  #call: Call | undefined

  /** `healths` are those of all its targets. The wire should be one that requests do not fill. */
  constructor(
    provider: string, rule: NonNullable<ProviderConfig['check']>, wire: Wire, healths: readonly Health[], house: Pick<Upstreams, 'alarms' | 'troubles'>,
  ) {
    this.#provider = provider
    this.#rule = rule
    this.#wire = wire
    this.#healths = healths
    this.#house = house
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.look(), this.#rule.every).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#call?.cancel(new GatehouseError('draining', 'The gateway is stopping.'))
  }

  /** Asks, where there is a reason to. One at a time. */
  async look(): Promise<void> {
    const now = performance.now()
    const wondering = this.#healths.filter(({ isOpen, heardAt }) => isOpen || now - heardAt >= this.#rule.every)
    if (wondering.length === 0 || this.#call !== undefined) return
    const isWell = await this.#ask()
    this.#call = undefined
    if (isWell !== undefined) for (const health of wondering) health.checked(performance.now(), isWell)
  }

  /** Whether it is well; undefined where its answer does not tell, or it was not waited for. */
  async #ask(): Promise<boolean | undefined> {
    const { path, timeout } = this.#rule
    const { connection } = this.#wire
    const call = open(this.#wire, { path: connection.path(path, ''), method: 'GET', headers: ['accept-encoding', 'identity'], body: null }, this.#house.alarms)
    this.#call = call
    const late = setTimeout(() => call.cancel(new GatehouseError('upstream_timeout', 'The provider did not answer a check in time.')), timeout).unref()
    try {
      await call.begun
      void discard(call, LONGEST_ANSWER)
      return this.#told(call.status)
    } catch (error) {
      return GatehouseError.from(error).code.startsWith('upstream_') ? false : undefined
    } finally {
      clearTimeout(late)
    }
  }

  #told(status: number): boolean | undefined {
    if (status >= 500 || status === 408) return false
    if (status < 400) {
      this.#house.troubles.end(this.#provider, 'check')
      return true
    }
    this.#house.troubles.begin(this.#provider, 'check', `answers ${this.#rule.path} with status ${status}, which tells nothing of its health`)
    return undefined
  }
}

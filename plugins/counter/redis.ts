// Counts in Redis or Valkey, for several machines that share limits. Every batch of asks is one script; all keys stand in one
// slot, so that a cluster runs it too. Loaded by name from core/registry.ts.
import { hash, randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { beginOf, defineCounter, endOf, Type, Unheard, type Ask, type Counter, type Grant } from 'gatehouse/sdk'
import { OWNER_LIFE, SCRIPT, type Arguments } from './redis/script.ts'

/** Milliseconds to connect, and without a byte from a server that owes an answer. */
const CONNECT_TIME = 2000
const SILENCE = 20_000
/** Milliseconds between tries to connect, at most. */
const LONGEST_PAUSE = 2000

export default defineCounter({
  name: 'redis',
  options: Type.Object({
    url: Type.String({ pattern: '^rediss?://', title: 'a URL that begins with redis:// or rediss://' }),
    prefix: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9._-]{1,64}$', title: 'letters, digits and . _ -', description: 'What its keys begin with.' })),
  }, { additionalProperties: false }),
  async open({ options: { url, prefix = 'gatehouse' } }) {
    const redis = new Redis(url, {
      lazyConnect: true, connectTimeout: CONNECT_TIME, socketTimeout: SILENCE,
      // Whoever asks while it is away hears so at once; nothing is sent twice.
      enableOfflineQueue: false, autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0,
      retryStrategy: times => Math.min(LONGEST_PAUSE, 50 * times),
    })
    // Whoever asks is told; what the client says may name the server and its user.
    redis.on('error', () => {})
    await redis.connect().catch(() => {})
    return new RedisCounter(redis, prefix)
  },
})

const SCRIPT_HASH = hash('sha1', SCRIPT)

class RedisCounter implements Counter {
  readonly #redis: Redis
  readonly #prefix: string
  readonly #me = randomBytes(9).toString('base64url')
  /** Of what runs at once, how much this gateway holds. */
  readonly #held = new Map<string, { readonly ask: Ask; readonly amount: number }>()
  #turn: Promise<unknown> = Promise.resolve()
  readonly #timer: NodeJS.Timeout

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis
    this.#prefix = `{${prefix}}:`
    this.#timer = setInterval(() => this.#remind(), OWNER_LIFE / 3).unref()
  }

  /** One batch after the other, since what is held is told as a whole. */
  take(asks: readonly Ask[]): Promise<readonly Grant[]> {
    if (asks.length === 0) return Promise.resolve([])
    const taking = this.#turn.then(() => this.#take(asks))
    this.#turn = taking.catch(() => {})
    return taking
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#redis.disconnect()
  }

  /** Says that this gateway lives, and what it holds. */
  #remind(): void {
    void this.take([...this.#held.values()].map(({ ask }) => ({ ...ask, want: 0, back: 0, over: 0 }))).catch(() => {})
  }

  async #take(asks: readonly Ask[]): Promise<Grant[]> {
    const now = Date.now()
    const stretches = asks.map(ask => this.#stretchOf(ask, now))
    const backs = asks.map(ask => ask.window.kind === 'held' ? Math.max(0, (this.#held.get(ask.key)?.amount ?? 0) - ask.back + ask.over) : ask.back)
    const words = asks.map(({ window, limit, want, mark, over }, at) =>
      [window.kind, limit, want, backs[at]!, mark, over, stretches[at]!.period, stretches[at]!.ms] satisfies Arguments)
    const answers = await this.#run([`${this.#prefix}gateways`, ...asks.map(({ key }) => this.#prefix + key)], [this.#me, ...words.flat()])
    return asks.map((ask, at) => {
      const [granted = 0, left = 0, reset = 0, mark = 0, good = 0] = answers.slice(at * 5, at * 5 + 5).map(Number)
      if (ask.window.kind === 'held') this.#hold(ask, backs[at]! + granted)
      const { ends } = stretches[at]!
      return ask.window.kind === 'sliding' ? { granted, left, mark, resetIn: reset, goodFor: good }
        : { granted, left, mark, resetIn: ends - now, goodFor: ends - now }
    })
  }

  /** The calendar is the gateway's own: the server's would need a script that knows months. */
  #stretchOf({ window }: Ask, now: number): { readonly period: number; readonly ends: number; readonly ms: number } {
    switch (window.kind) {
      case 'sliding': return { period: 0, ends: Infinity, ms: window.ms }
      case 'calendar': return { period: beginOf(window.period, now), ends: endOf(window.period, now), ms: endOf(window.period, now) - now }
      default: return { period: 0, ends: Infinity, ms: 1 }
    }
  }

  #hold(ask: Ask, amount: number): void {
    if (amount === 0) this.#held.delete(ask.key)
    else this.#held.set(ask.key, { ask, amount })
  }

  async #run(keys: readonly string[], words: readonly (string | number)[]): Promise<string[]> {
    if (this.#redis.status !== 'ready') throw new Error('Redis is not there')
    try {
      return await this.#redis.evalsha(SCRIPT_HASH, keys.length, ...keys, ...words).catch((error: Error) => {
        if (!error.message.startsWith('NOSCRIPT')) throw error
        return this.#redis.eval(SCRIPT, keys.length, ...keys, ...words)
      }) as string[]
    } catch {
      throw new Unheard()
    }
  }
}

// Every value that the config leaves out, with its reason. Used by config/normalise.ts, and by core/chain-compiler.ts where a
// processor's definition decides.
import { randomBytes } from 'node:crypto'
import type { Address, BudgetConfig, Config, LedgerConfig, Limits, MirrorConfig, ProviderConfig, RouteConfig, StepConfig, TargetConfig, Timeouts } from './config.ts'
import { duration, size } from './units.ts'

/** Loopback: a gateway that nobody has configured must not offer anybody's keys to a network. */
export const LISTEN: Address = { host: '127.0.0.1', port: 8080 }

/** Loopback too, and a port of its own: who may ask for completions need not be who may reload the house. */
export const ADMIN: Address = { host: '127.0.0.1', port: 9090 }

export const LIMITS: Limits = {
  // What Anthropic takes in one request, and near what the others do: several images as base64 fit in.
  body: size('32mb'),
  // Node's own default.
  headers: size('16kb'),
  // Tool schemas rarely pass 20 levels; beyond this, nesting is an attack on whoever parses recursively.
  depth: 128,
  // As much as may come in: an answer that a step reads is held whole.
  answer: size('32mb'),
  // A frame is a few hundred bytes, but a partial image in a stream comes as one of some megabytes.
  frame: size('8mb'),
  // A thousand pages: a model's longest answers are a tenth of it.
  held: size('4mb'),
  // Some hundred conversations under way, in three megabytes.
  verdicts: 10_000,
  // A head is one packet or a few; who needs longer holds connections open on purpose.
  headTime: duration('10s'),
  // The largest body at 4.5 Mbit/s.
  bodyTime: duration('60s'),
}

export const TIMEOUTS: Timeouts = {
  // A handshake across the world takes half a second; this leaves room for two lost packets, resent after 1 s and 2 s.
  connect: duration('5s'),
  // Whole answers of reasoning models begin only when they are finished, minutes later.
  headers: duration('300s'),
  // A stream answers at once with its head, then thinks.
  firstEvent: duration('120s'),
  // Once tokens come, they come many times a second; so long a silence is a dead connection.
  idle: duration('60s'),
  // What the official clients wait by default: beyond it, nobody listens any more.
  total: duration('600s'),
  // Two of the slowest steps, and still within what a person waits for.
  chain: duration('10s'),
  // Proxies give up on a silent connection after 30 or 60 s.
  heartbeat: duration('10s'),
}

/**
 * Kubernetes kills a pod 30 s after asking it to stop. Five seconds less, and what is still running is ended in its
 * dialect's own words, not by the kill. Where streams take longer, raise both.
 */
export const DRAIN = duration('25s')

/** One I/O loop per core: more of them only take turns. */
export const WORKERS: Config['workers'] = 'auto'

/** Access lines are what an operator looks for first; they hold no text of any prompt. */
export const LOG: Config['log'] = { level: 'info', access: true }

/** What a deployment needs to be watched; everything else is switched on by name. */
export const PLUGINS: Config['plugins'] = ['health', 'metrics', 'admin'].map(use => ({ use, options: {} }))
/** Whatever client an application was built with finds its API. */
export const APIS: Config['apis'] = ['openai', 'anthropic', 'gemini']
/** The way in that needs nothing outside this file: keys, of which only the hashes are kept. */
export const AUTH: Config['auth'] = 'key'

/** Beside the config, so that two gateways with configs of their own do not share one. */
export const STATE = '.gatehouse'

/** Milliseconds. */
export const DAY = 24 * 60 * 60 * 1000

export const LEDGER: Pick<LedgerConfig, 'spool' | 'keep'> = {
  // A million requests: hours of a database that is away, in no disk's way.
  spool: size('999mb'),
  // What an invoice is disputed about is rarely older than a year.
  keep: 400 * DAY,
}

/** Made once per start, so that a reload does not change the placeholders of conversations under way. */
export const SECRET = randomBytes(32).toString('base64url')

export const PROVIDER: Pick<ProviderConfig, 'connections' | 'concurrency' | 'breaker' | 'options'> = {
  // A stream holds a connection for its whole length, so this many may run at once to each provider in each worker.
  connections: 256,
  // Those beyond the connections wait in their turn; behind so many, nobody is served in time.
  concurrency: 4096,
  // Ten failures in a row are no chance, and in five seconds a server that restarts is back.
  breaker: { failures: 10, pause: duration('5s') },
  options: {},
}

export const STEP: Pick<StepConfig, 'run' | 'limits' | 'actions' | 'timeout' | 'blockResponse' | 'options' | 'sample' | 'group'> = {
  run: 'inline',
  limits: {},
  sample: 1,
  group: -1,
  actions: {},
  // Far above what a step takes on the loop, and below what a person waits for without wondering.
  timeout: duration('5s'),
  // An error stops a program that reads no further than the status, which a refusal in the shape of an answer does not.
  // The sentence names no rule: whoever is probing the policy learns nothing from it.
  blockResponse: { status: 400, style: 'error', message: 'The request was blocked by the policy of this gateway.' },
  options: {},
}

/** Each of them may cost a person the step's whole timeout: fewer than of a target, and the same rest. */
export const BREAKER: NonNullable<StepConfig['breaker']> = { failures: 5, pause: PROVIDER.breaker.pause }

/** Vendors add fields every month: refusing what no map knows would break clients, so the record and a header tell of it. */
export const ON_UNCOVERED: RouteConfig['onUncovered'] = 'warn'

/** Most losses are harmless (a seed, a hint for a cache), and a client that sent no such header has nothing to change. */
export const ON_LOSS: RouteConfig['onLoss'] = 'warn'

/** Who tries out a model wants to see what it does with all of it. */
export const SHARE: MirrorConfig['share'] = 1

/** What a person reads. Programs that tool arguments go to get the placeholders, unless the operator trusts them too. */
export const RESTORE: RouteConfig['restore'] = ['text', 'refusal', 'transcript']

/** What an operator says of targets is meant as shares. */
export const BALANCE: RouteConfig['balance'] = 'weighted'

/** Official clients try again by themselves: who wants more of it here says so. A quarter of a second is longer than most hiccups. */
export const RETRY: RouteConfig['retry'] = { attempts: 0, backoff: duration('250ms'), on: ['error'] }

/** As long as a person waits without wondering, and room for a burst of ten seconds at ten requests a second. */
export const QUEUE: NonNullable<ProviderConfig['queue']> = { size: 100, wait: duration('10s') }

/** A list that most vendors give for nothing; often enough to notice before many requests do. */
export const CHECK: NonNullable<ProviderConfig['check']> = { path: '/models', every: duration('10s'), timeout: duration('5s') }

/** Targets share alike. */
export const WEIGHT: TargetConfig['weight'] = 1

/** Where there is one machine, its memory is the truth. */
export const COUNTER: Config['counter'] = { use: 'memory', options: {} }

export const BUDGET: Pick<BudgetConfig, 'each' | 'mode' | 'reserve' | 'unpriced'> = {
  each: [],
  // What an operator calls a limit, a finance department takes for one.
  mode: 'strict',
  // A long answer without thinking: three pages.
  reserve: 4096,
  // What nobody knows the price of cannot be kept within a sum.
  unpriced: 'refuse',
}

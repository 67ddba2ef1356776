// What an operator may write, as a JSON schema. A `title` says what is expected in the words of an error message; a
// `description` says what the field is for, and shows up in editors. Checked by config/loader.ts.
import type { TObjectOptions } from 'typebox'
import { CHANNELS, ORIGINS, OwnPrice, Type, type Action, type Right, type Static, type TSchema } from '../sdk/index.ts'
import { DURATION, LARGEST_SIZE, LONGEST_DURATION, SIZE } from './units.ts'

const ACTIONS = ['allow', 'annotate', 'mask', 'replace', 'hash', 'tokenize', 'block'] as const satisfies readonly Action[]
const RIGHTS = ['annotate', 'edit', 'block', 'respond'] as const satisfies readonly Right[]

const closed = { additionalProperties: false } as const
const optional = Type.Optional

/** Names become metric labels, log fields and parts of pointers, so they are short and plain. */
const Name = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._@:-]{0,63}$',
  title: 'a name of 1 to 64 letters, digits and . _ - @ : that begins with a letter or a digit',
})
const FindingType = Type.String({ pattern: '^\\S{1,64}$', title: 'a type of finding, or *' })
/** A token of RFC 9110, section 5.6.2, as Node gives it. */
const HeaderName = Type.String({ pattern: "^[a-z0-9_!#$%&'*+.^`|~-]{1,64}$", title: 'the name of a header, in lower case' })
const Text = Type.String({ minLength: 1 })
const Url = Type.String({
  pattern: '^https?://[^\\s/?#@]+(?:/[^\\s?#@]*)?$',
  title: 'a URL that begins with http:// or https:// and has no user name, password, query or fragment',
})
const Duration = Type.Union([
  Type.Integer({ minimum: 1, maximum: LONGEST_DURATION }),
  Type.String({ pattern: DURATION.source }),
], { title: 'a duration such as 300ms, 5s, 2m or 1h (up to 99h), or a number of milliseconds' })
const Size = Type.Union([
  Type.Integer({ minimum: 1, maximum: LARGEST_SIZE }),
  Type.String({ pattern: SIZE.source }),
], { title: 'a size such as 64kb or 32mb (up to 999mb), or a number of bytes' })
/** Digits in a string too, so that it can come from the environment: `port: ${env:PORT}`. */
const Port = Type.Union([
  Type.Integer({ minimum: 0, maximum: 65_535 }),
  Type.String({ pattern: '^(?:\\d{1,4}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])$' }),
], { title: 'a port from 0 to 65535', description: '0 takes any free port.' })
const Workers = Type.Union([
  Type.Integer({ minimum: 1, maximum: 999 }),
  Type.String({ pattern: '^(?:auto|[1-9]\\d{0,2})$' }),
], { title: 'auto, or a number from 1 to 999', description: 'I/O processes; auto is one per core.' })
const Threads = Type.Union([
  Type.Integer({ minimum: 1, maximum: 64 }), Type.Literal('auto'),
], { title: 'auto, or a number from 1 to 64', description: 'Threads per worker for steps with `run: pool`; auto is one fewer than there are cores, up to 4.' })
const Options = Type.Record(Type.String(), Type.Unknown(), { description: 'Settings of this one; what they are is up to it.' })
const Texts = Type.Array(Text, { minItems: 1 })
const Choices = Type.Union([Text, Texts], { title: 'a string or a list of strings' })
const Policy = Type.Enum(['open', 'closed'])

const named = <T extends TSchema>(member: T, more: TObjectOptions = {}) =>
  Type.Record(Type.String(), member, { propertyNames: Name, ...more })

const Address = Type.Object({
  host: optional(Type.String({ pattern: '^[A-Za-z0-9._:%-]+$', title: 'a host name or an IP address' })),
  port: optional(Port),
}, closed)

const Timeouts = Type.Object({
  connect: optional(Duration),
  headers: optional(Duration),
  firstEvent: optional(Duration),
  idle: optional(Duration),
  total: optional(Duration),
  chain: optional(Duration),
  heartbeat: optional(Duration),
}, { ...closed, description: 'Waits for an upstream: to connect, for its head, its first event, its next piece, for all of it; for all steps of a request; and of a client, for a word while text waits for a verdict.' })

const Limits = Type.Object({
  body: optional(Size),
  headers: optional(Size),
  depth: optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  answer: optional(Size),
  frame: optional(Size),
  held: optional(Size),
  verdicts: optional(Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Verdicts remembered per worker; 0 for none.' })),
  headTime: optional(Duration),
  bodyTime: optional(Duration),
}, closed)

const Plugin = Type.Union([Text, Type.Object({ use: Text, options: optional(Options) }, closed)])

const Ledger = Type.Object({
  use: Text,
  spool: optional(Size),
  keep: optional(Type.Union([
    Type.Literal('ever'), Type.String({ pattern: '^[1-9]\\d{0,3}d$' }),
  ], { title: 'a number of days such as 90d, or ever' })),
  options: optional(Options),
}, { ...closed, description: 'Where usage and audit entries are kept; what waits for it on disk (spool), and how long usage is kept.' })

const Breaker = Type.Object({
  failures: optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  pause: optional(Duration),
}, { ...closed, description: 'Failures in a row after which a target or a step is left alone, and for how long at first.' })

const Provider = Type.Object({
  use: Text,
  key: optional(Type.String({ description: 'The credential; take it from ${env:NAME} or ${file:path}.' })),
  keys: optional(Type.Array(Type.String(), {
    minItems: 1, maxItems: 100, description: 'More credentials: requests take them in turn, and go on with the next where one is refused or throttled.',
  })),
  url: optional(Url),
  withoutKey: optional(Type.String({ description: 'The provider that serves instead while `key` is empty.' })),
  idHeader: optional(Type.String({
    // Whatever is not an extension of somebody's own means something to HTTP, and x-amz- to signatures.
    pattern: '^x-(?!amz-)[a-z0-9-]{1,62}$',
    title: 'a header that begins with x- (not x-amz-), in lower case, such as x-client-request-id',
    description: 'The header that tells the provider the id of each attempt, as the ledger has it. Left out, none does.',
  })),
  connections: optional(Type.Integer({ minimum: 1, maximum: 65_535, description: 'Most open connections per worker.' })),
  concurrency: optional(Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Most requests at once to each target, per worker; beyond it another target is asked, or the request refused.' })),
  breaker: optional(Breaker),
  queue: optional(Type.Object({
    size: optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    wait: optional(Duration),
  }, { ...closed, description: 'How many requests wait for each target, per worker, where `concurrency` is reached, and for how long; consumers take turns.' })),
  check: optional(Type.Object({
    path: optional(Type.String({ pattern: '^/[!-~]*$', title: 'a path that begins with /, below the url' })),
    every: optional(Duration),
    timeout: optional(Duration),
  }, { ...closed, description: 'Each worker asks for a path by itself while the breaker is open, or nothing was heard for so long.' })),
  timeouts: optional(Timeouts),
  options: optional(Options),
}, closed)

const Consumer = Type.Object({
  name: Name,
  keys: Type.Array(Type.Object({
    sha256: Type.String({ pattern: '^[0-9A-Fa-f]{64}$', title: 'the SHA-256 of the key, as 64 hex digits' }),
  }, { ...closed, title: 'a mapping with the sha256 of a key' }), { minItems: 1 }),
  tags: optional(named(Type.String(), { description: 'Words for conditions: consumer.tags.team.' })),
  rights: optional(Type.Array(Type.Enum(['explain']), { uniqueItems: true, description: 'explain: a summary of findings in reply headers.' })),
}, closed)

const StepLimits = Type.Object({
  memory: optional(Size),
  cpu: optional(Duration),
}, { ...closed, description: 'What a sandboxed step may use: memory (8mb to 512mb) and time for one call (1ms to 10s).' })

const StepFields = Type.Object({
  use: Type.String({ minLength: 1, description: 'The name of a processor, or the path of a file, from this file onward.' }),
  when: optional(Type.String({ minLength: 1, description: 'CEL condition over request, consumer and headers.' })),
  mode: optional(Type.Enum(['enforce', 'shadow', 'off'])),
  run: optional(Type.Enum(['inline', 'pool', 'sandbox'])),
  integrity: optional(Type.String({
    pattern: '^[0-9a-f]{64}$', title: 'a SHA-256 as 64 hex digits', description: 'The hash that the code of a sandboxed file must have.',
  })),
  limits: optional(StepLimits),
  rights: optional(Type.Array(Type.Enum(RIGHTS), { uniqueItems: true })),
  reads: optional(Type.Object({
    origins: optional(Type.Array(Type.Enum(ORIGINS), { minItems: 1, uniqueItems: true })),
    channels: optional(Type.Array(Type.Enum(CHANNELS), { minItems: 1, uniqueItems: true })),
  }, closed)),
  actions: optional(named(Type.Enum(ACTIONS), {
    propertyNames: FindingType, description: 'The last word on findings, by type; * for every other.',
  })),
  timeout: optional(Duration),
  onError: optional(Policy),
  onTimeout: optional(Policy),
  onOverload: optional(Policy),
  breaker: optional(Breaker),
  sample: optional(Type.Number({ minimum: 0, maximum: 1, description: 'In shadow: the share of requests that it looks at.' })),
  beside: optional(Type.Literal('upstream', {
    description: 'Runs while the upstream is asked already; the answer waits for its verdict. For steps that do not edit.',
  })),
  blockResponse: optional(Type.Object({
    status: optional(Type.Integer({ minimum: 400, maximum: 599 })),
    style: optional(Type.Enum(['error', 'finish'])),
    message: optional(Text),
  }, closed)),
  options: optional(Options),
}, closed)
const Step = Type.Union([Text, StepFields])
const Group = Type.Object({ together: Type.Array(Step, { minItems: 2 }) }, {
  ...closed, title: 'a mapping with `together`', description: 'Detectors that read the same text and are judged together, the earlier before the later.',
})

const Steps = Type.Array(Type.Union([Text, StepFields, Group]))
const Chain = Type.Union([Steps, Type.Object({ request: optional(Steps), response: optional(Steps) }, closed)], {
  description: 'A list, walked downwards by requests and upwards by responses; or a list for each way.',
})

const Target = Type.Object({
  provider: Text,
  model: optional(Text),
  weight: optional(Type.Number({ minimum: 0, maximum: 1_000_000 })),
}, closed)
const Fallback = Type.Object({ provider: Text, model: optional(Text) }, closed)
const Mirror = Type.Object({
  provider: Text,
  model: optional(Text),
  share: optional(Type.Number({ minimum: 0, maximum: 1, description: 'The share of requests that is copied; 1 for all.' })),
}, { ...closed, description: 'Gets a copy of each request as the targets see it; its answers are read and dropped.' })

const Match = Type.Object({
  model: optional(Choices),
  dialect: optional(Choices),
  path: optional(Choices),
  consumer: optional(Choices),
  tags: optional(named(Choices, { minProperties: 1, description: 'Tags of the consumer.' })),
  header: optional(Type.Record(Type.String(), Choices, { minProperties: 1, propertyNames: HeaderName, description: 'Headers of the request.' })),
  size: optional(Type.Object({ above: optional(Size), below: optional(Size) }, {
    ...closed, minProperties: 1, description: 'Size of the body, as it came.',
  })),
}, { ...closed, description: 'Every field given must hold; a list holds where one of its members does.' })

const Route = Type.Object({
  name: Name,
  match: optional(Match),
  when: optional(Type.String({ minLength: 1, description: 'CEL condition over request, consumer and headers.' })),
  chain: optional(Type.String()),
  targets: Type.Array(Target, { minItems: 1 }),
  fallback: optional(Type.Array(Fallback)),
  balance: optional(Type.Enum(['weighted', 'priority', 'round-robin', 'least-busy', 'fastest', 'cheapest', 'sticky'], {
    description: 'Which target goes first; sticky is by consumer, cheapest by the price of the model.',
  })),
  mirror: optional(Mirror),
  retry: optional(Type.Object({
    attempts: optional(Type.Integer({ minimum: 1, maximum: 20 })),
    backoff: optional(Duration),
    on: optional(Type.Array(Type.Union([Type.Enum(['error', 'context', 'filter']), Type.Integer({ minimum: 400, maximum: 599 })], {
      title: 'error, context, filter, or a status from 400 to 599',
    }), { uniqueItems: true, description: 'What sends a request to the next target: a failure, a prompt too long for the model, a refusal by the content filter, a status.' })),
  }, { ...closed, description: 'Tries in all, and the wait before all targets are tried once more. Without it, each target is tried once.' })),
  hedge: optional(Duration),
  onUncovered: optional(Type.Enum(['allow', 'warn', 'reject'])),
  onLoss: optional(Type.Enum(['warn', 'reject'], {
    description: 'What happens where translating a request drops or approximates a field: a warning header, or no request.',
  })),
  delivery: optional(Type.Enum(['live', 'holdback', 'window', 'complete'], {
    description: 'The most that a stream may be held back; a step that needs more is an error.',
  })),
  restore: optional(Type.Array(Type.Enum(CHANNELS), {
    uniqueItems: true, description: 'Channels of the answer in which placeholders become the values again.',
  })),
  timeouts: optional(Timeouts),
}, closed)

const Facts = Type.Object({
  maxOutput: optional(Type.Integer({ minimum: 1, maximum: 100_000_000, description: 'Tokens of an answer at most.' })),
  context: optional(Type.Integer({ minimum: 1, maximum: 100_000_000, description: 'Tokens of a request and its answer together.' })),
  thinking: optional(Type.Enum(['none', 'budget', 'effort', 'adaptive'], { description: 'How the model is told to think.' })),
}, closed)

const Counter = Type.Object({ use: Text, options: optional(Options) }, {
  ...closed, description: 'Where the counts of budgets are kept: memory, or redis where several machines share them.',
})

const Budget = Type.Object({
  name: Name,
  of: Type.Enum(['requests', 'tokens', 'cost', 'concurrency'], { description: 'What is counted; concurrency is requests at once.' }),
  limit: Type.Number({ exclusiveMinimum: 0, maximum: 1_000_000_000_000, title: 'a number above 0', description: 'Requests, tokens, or US dollars.' }),
  window: optional(Type.Union([
    Type.Enum(['day', 'week', 'month', 'total']), Type.String({ pattern: DURATION.source }),
  ], {
    title: 'a duration such as 1m or 1h, or day, week, month (UTC) or total',
    description: 'The last minute, say, or since the day, week or month began, or ever. Requests at once have none.',
  })),
  each: optional(Type.Array(Type.String({
    pattern: '^(?:consumer|key|model|route|tags\\..{1,64})$', title: 'consumer, key, model, route or tags.NAME',
  }), { uniqueItems: true, minItems: 1, description: 'One count for each value; left out, one for all.' })),
  match: optional(Type.Object({
    consumer: optional(Choices),
    tags: optional(named(Choices, { minProperties: 1 })),
    model: optional(Choices),
    route: optional(Choices),
  }, { ...closed, description: 'Whose requests count; left out, everybody\'s. Models are those that clients name.' })),
  mode: optional(Type.Enum(['strict', 'optimistic'], {
    description: 'strict sets the worst case aside, so that the limit is never passed; optimistic an estimate.',
  })),
  reserve: optional(Type.Integer({
    minimum: 1, maximum: 10_000_000, description: 'Tokens that an answer is taken to have where the request names no most; in strict, it is given that most.',
  })),
  unpriced: optional(Type.Enum(['allow', 'refuse'], { description: 'What of models whose price nobody knows, where cost is counted.' })),
  floor: optional(Type.Number({
    minimum: 0, maximum: 1_000_000_000_000,
    description: 'What each machine may go on with while the shared store is away, beyond what it holds; it counts when the store is back.',
  })),
}, closed)

/** The config as an operator writes it: a JSON schema (2020-12 reads it too), fit for editors. */
export const configSchema = Type.Object({
  listen: optional(Address),
  admin: optional(Type.Union([Type.Literal(false), Address])),
  workers: optional(Workers),
  threads: optional(Threads),
  log: optional(Type.Object({
    level: optional(Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])),
    access: optional(Type.Boolean()),
  }, closed)),
  limits: optional(Limits),
  timeouts: optional(Timeouts),
  drain: optional(Duration),
  plugins: optional(Type.Array(Plugin)),
  state: optional(Type.String({ minLength: 1, description: 'The folder of what outlives a start, from this file onward: the journal, the ledger.' })),
  ledger: optional(Type.Union([Type.Literal(false), Ledger])),
  counter: optional(Counter),
  budgets: optional(Type.Array(Budget, { description: 'Limits; a request passes where all that match it agree.' })),
  secret: optional(Type.String({
    pattern: '^(?:[\\s\\S]{16,})?$', title: 'a string of at least 16 characters, or an empty one for a secret made at each start',
    description: 'Keys the placeholders of redacted values; give one where several machines or restarts should agree.',
  })),
  trusted: optional(Type.Array(Text, { description: 'Processor files that may run inside the gateway itself.' })),
  apis: optional(Type.Array(Text, { minItems: 1, uniqueItems: true })),
  auth: optional(Text),
  providers: named(Provider, { minProperties: 1 }),
  consumers: optional(Type.Array(Consumer)),
  chains: optional(named(Chain)),
  models: optional(Type.Record(Type.String(), Facts, {
    propertyNames: Type.String({ pattern: '^\\S{1,256}$', title: 'the name of a model, or a glob' }),
    description: 'What models can do, by name or glob, the first that matches: for those that the house does not know, or knows wrong.',
  })),
  prices: optional(Type.Record(Type.String(), OwnPrice, {
    propertyNames: Type.String({ pattern: '^\\S{1,320}$', title: 'a model as targets are asked for it, or provider/model' }),
    description: 'What tokens cost, by `model` or, before that, `provider/model`: for those that the catalogue does not know, or for prices of your own.',
  })),
  routes: Type.Array(Route, { minItems: 1 }),
}, closed)

/** What the operator wrote, once it is known to fit the schema. */
export type Written = Static<typeof configSchema>
export type WrittenAddress = Static<typeof Address>
export type WrittenBudget = Static<typeof Budget>
export type WrittenChain = Static<typeof Chain>
export type WrittenLimits = Static<typeof Limits>
export type WrittenMatch = Static<typeof Match>
export type WrittenPlugin = Static<typeof Plugin>
export type WrittenStep = Static<typeof Step>
export type WrittenStepLimits = Static<typeof StepLimits>
export type WrittenGroup = Static<typeof Group>
export type WrittenTimeouts = Static<typeof Timeouts>

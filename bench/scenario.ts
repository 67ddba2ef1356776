// What Gatehouse is measured at. A new scenario is one more entry in the table below; nothing else has to know.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { FRAMES } from './answer.ts'
import type { Load } from './server.ts'

/** A way to use the gateway: the request that is sent, and the config that serves it. */
export interface Scenario {
  readonly name: string
  readonly about: string
  readonly load: Load
  /** The config but for its ports, in front of `upstream`, an origin. */
  config(upstream: string): Readonly<Record<string, unknown>>
}

const KEY = 'sk-bench'

/** About a kilobyte of what people write, with an email address and a telephone number in it. */
const LETTER = `Hello, I bought two of your travel chargers in March and one of them no longer wakes up when I plug it in. The \
small light stays dark, whichever socket and cable I try, and the other one works with the same cable. I wrote to the shop \
where I bought it, but they told me that returns after sixty days are handled by you. Could you tell me how I send it back, \
whether you need the box (I threw it away, sorry), and how long a replacement usually takes? I am travelling from the \
twelfth to the twentieth, so a parcel should not arrive in that week. If it helps, the serial number on the back starts \
with the letters TCX and the lot was made in winter. You reach me best by mail at jane.roe@example.com, or in the evening \
on +1 415 555 0132. One more question: the manual says that the charger may get warm, but how warm is normal? The broken one \
became too hot to hold twice before it stopped, and I would like to know whether I should worry about the other one too. \
Thank you for your help, and thanks for the quick answer last time. Jane`

/** A chat request of the one consumer that there is. */
export const chat = (content: string, more: Readonly<Record<string, unknown>> = {}, frames = 1): Load => ({
  path: '/v1/chat/completions',
  headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}` },
  body: JSON.stringify({
    model: 'gpt-4o-mini',
    messages: [{ role: 'system', content: 'You are a patient assistant; answer briefly.' }, { role: 'user', content }],
    temperature: 0.7,
    ...more,
  }),
  frames,
})

/** The request of every row that has no need of another one: a prompt of some 250 bytes, answered whole. */
export const QUESTION = chat('Please tell me in two or three sentences what a gatekeeper in a medieval town did all day long.')

const STREAM = chat('Say gate until I tell you to stop.', { stream: true }, FRAMES.length)

const BY_WINDOW = join(import.meta.dirname, 'processors/by-window.ts')
const BY_WHOLE = join(import.meta.dirname, 'processors/by-whole.ts')

/** Who sends the requests. */
export const CONSUMERS = [
  { name: 'bench', keys: [{ sha256: createHash('sha256').update(KEY).digest('hex') }], tags: { team: 'bench' } },
]

const openai = (upstream: string) => ({ use: 'openai-compatible', url: `${upstream}/v1`, key: 'bench' })
const anthropic = (upstream: string) => ({ use: 'anthropic', url: upstream, key: 'bench' })

// Key auth, routing, metrics, the access log and the usage tap are always on: nobody runs a gateway without them.
const house = (upstream: string, chain?: readonly unknown[], provider = openai) => ({
  workers: 1,
  trusted: [BY_WINDOW, BY_WHOLE],
  plugins: ['metrics'],
  providers: { upstream: provider(upstream) },
  consumers: CONSUMERS,
  ...(chain && { chains: { chain } }),
  routes: [{ name: 'chat', match: { model: 'gpt-*' }, ...(chain && { chain: 'chain' }), targets: [{ provider: 'upstream' }] }],
})

/** Every scenario, in the order of the table. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'pass-through',
    about: 'key auth, routing, metrics, access log and usage tap; no chain',
    load: QUESTION,
    config: upstream => house(upstream),
  },
  {
    name: 'guarded',
    about: 'a chain of pii (tokenize) and prompt-decorate on a 1 KB prompt that holds an email address and a telephone number',
    load: chat(LETTER),
    config: upstream => house(upstream, [
      { use: 'pii', options: { entities: ['email', 'phone', 'card', 'iban', 'us-ssn'], action: 'tokenize' } },
      { use: 'prompt-decorate', options: { prepend: [{ role: 'system', text: 'Answer in English.' }] } },
    ]),
  },
  {
    name: 'meter',
    about: 'a chain of meter: tokens from the answer, cost from the price table',
    load: QUESTION,
    config: upstream => house(upstream, [{ use: 'meter' }]),
  },
  {
    name: 'cached',
    about: 'a chain of cache, and a question that it knows: no upstream is asked',
    load: QUESTION,
    config: upstream => house(upstream, [{ use: 'cache' }]),
  },
  {
    name: 'translated',
    about: "no chain, and an upstream that speaks Anthropic's dialect: request and answer are translated",
    load: QUESTION,
    config: upstream => house(upstream, undefined, anthropic),
  },
  {
    name: 'stream',
    about: 'an answer of 64 frames, 10 ms apart; every figure per frame',
    load: STREAM,
    config: upstream => house(upstream),
  },
  {
    name: 'stream-holdback',
    about: 'the same under pii, which holds back what may still become a value',
    load: STREAM,
    config: upstream => house(upstream, [{ use: 'pii', options: { action: 'mask' } }]),
  },
  {
    name: 'stream-window',
    about: 'the same under a detector that judges windows of 100 characters',
    load: STREAM,
    config: upstream => house(upstream, [{ use: BY_WINDOW }]),
  },
  {
    name: 'stream-complete',
    about: 'the same under a detector that judges the whole answer',
    load: STREAM,
    config: upstream => house(upstream, [{ use: BY_WHOLE }]),
  },
  {
    name: 'stream-translated',
    about: "the stream without a chain, from an upstream that speaks Anthropic's dialect: every frame is translated",
    load: STREAM,
    config: upstream => house(upstream, undefined, anthropic),
  },
]

// The house that official clients call: the quickstart's chain before the echo provider, and what they say there. Used by
// the tests of official clients.
import { hash } from 'node:crypto'
import type { Written } from './rig.ts'

/** The key of its one consumer. */
export const KEY = 'client-key-1'

/** What the house puts before every conversation. */
const RULES = 'Answer briefly and plainly.'

const pii = { use: 'pii', options: { entities: ['email', 'card'], action: 'tokenize' } }
const decorate = { use: 'prompt-decorate', options: { prepend: [{ role: 'system', text: RULES }] } }
const moderation = (mode: string): object =>
  ({ use: 'moderation', mode, options: { lists: [], words: { secret: ['project magpie'] } } })
const targets = [{ provider: 'echo' }]

/** `guarded/model` only takes note of a forbidden word, `strict` does not hear it, `discreet` does not say it. */
export const HOUSE: Written = {
  providers: { echo: { use: 'echo' } },
  consumers: [{ name: 'clients', keys: [{ sha256: hash('sha256', KEY) }] }],
  chains: {
    guarded: [pii, decorate, moderation('shadow'), 'meter'],
    strict: [pii, decorate, moderation('enforce'), 'meter'],
    discreet: { request: [pii, decorate], response: [moderation('enforce'), 'meter'] },
  },
  routes: [
    { name: 'guarded', match: { model: 'guarded/model' }, chain: 'guarded', targets },
    { name: 'strict', match: { model: 'strict' }, chain: 'strict', targets },
    { name: 'discreet', match: { model: 'discreet' }, chain: 'discreet', targets },
    { name: 'moderations', match: { dialect: 'openai-moderations' }, chain: 'guarded', targets },
  ],
}

/** Echoes that misbehave, each behind the chain of the house and called as its model. */
const MISBEHAVED = {
  'calls': { tools: 2 }, 'thinks': { reasoning: 1 }, 'tired': { fail: 429 }, 'broken': { fail: 503 }, 'breaks-off': { 'error-after': 4 },
}
/** The house with these too. */
export const HOME: Written = {
  ...HOUSE,
  providers: {
    ...HOUSE.providers as object,
    ...Object.fromEntries(Object.entries(MISBEHAVED).map(([name, options]) => [name, { use: 'echo', options }])),
  },
  routes: [
    ...HOUSE.routes as object[],
    ...Object.keys(MISBEHAVED).map(name => ({ name, match: { model: name }, chain: 'guarded', targets: [{ provider: name }] })),
  ],
}

/** Personal data, what JSON has to escape, and the forbidden word. */
export const SAID = 'Mail jane.roe@example.co.uk: "card 4539 1488 0343 6467" \\ caf\u00e9 \u{1f600}, of project magpie.\nThanks.'

const words = (text: string): number => text.trim().split(/\s+/).length

/** Tokens of it that the echo hears, a word for a token: the four words of the card have become one placeholder. */
export const HEARD = words(SAID) - 3

/** The same with the rules of the house before it. */
export const TOKENS = words(RULES) + HEARD

/** What may be told of what follows, and what must not: the forbidden word and all behind it. */
export const TOLD = 'All is well here, and so it goes on. '.repeat(20)
export const UNTOLD = `Project Magpie is late. ${'And there is more of it. '.repeat(20)}`
